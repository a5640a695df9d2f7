"""Asks the metric catalogue what the rules need to know, now and an hour ago, in as few questions as will do."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from alerts.questions import Labels, Parts, Question, put_together, questions_of, take_apart
from alerts.rules import Reading, Rule
from app.core.database import remember_answers
from app.core.errors import PharosError
from app.metrics import catalogue
from app.metrics.drain import NEVER
from app.metrics.metric import Answer

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)


class AskSeries(Protocol):
    """The catalogue's question."""

    def __call__(
        self,
        session: Session,
        name: str,
        ats: Sequence[datetime],
        *,
        by: Sequence[str] = ...,
        where: Mapping[str, str] | None = ...,
    ) -> list[Answer]: ...


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where readings come from."""

    ask: AskSeries
    unit: Callable[[str], str]


CATALOGUE = Metrics(catalogue.ask_series, catalogue.unit)


@dataclass(frozen=True, slots=True)
class Readings:
    """The answers of one evaluation, now and an hour ago; `errors` holds what could not be asked, and why."""

    answers: dict[Question, tuple[Parts, Parts]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    errors: dict[Question, str] = field(default_factory=dict)

    def labels(self, question: Question) -> set[Labels]:
        """The parts that an answer has."""
        return set(self.answers[question][0].by_labels) if question in self.answers else set()

    def reading(self, question: Question, labels: Labels) -> Reading:
        """Read one part of an answer; what was not answered is unknown."""
        unit = self.units.get(question[0], "")
        if question not in self.answers:
            return Reading(None, unit)
        now, before = self.answers[question]
        value, part = now.value(labels), now.by_labels.get(labels)
        return Reading(
            value=value,
            unit=unit,
            hour_ago=before.value(labels),
            age_seconds=now.age_seconds,
            is_never=value is None and part is not None and part.extra.get("reason") == NEVER,
        )


def read_metrics(session: Session, metrics: Metrics, rules: Iterable[Rule], now: datetime) -> Readings:
    """Ask everything that the rules need; what many questions rest on, such as rates, is read once."""
    remember_answers(session)
    wanted = put_together(question for rule in rules for question in questions_of(rule))
    found = Readings()
    try:
        with session.begin_nested():
            for asked, held in wanted.items():
                _read(session, metrics, asked, held, now, found)
    except SQLAlchemyError:
        # The database refused one of them, which ends the savepoint of all: now each gets its own.
        for asked, held in wanted.items():
            _read_guarded(session, metrics, asked, held, now, found)
    return found


def _read(
    session: Session, metrics: Metrics, asked: Question, held: Sequence[Question], now: datetime, found: Readings
) -> None:
    metric, by, where = asked
    try:
        found.units[metric] = metrics.unit(metric)
        told, before = metrics.ask(session, metric, (now, now - HOUR), by=by, where=dict(where))
    except (PharosError, ValueError) as error:
        _note_error(metric, held, error, found)
        return
    for question in held:
        found.answers[question] = (take_apart(question, asked, told), take_apart(question, asked, before))


def _read_guarded(
    session: Session, metrics: Metrics, asked: Question, held: Sequence[Question], now: datetime, found: Readings
) -> None:
    try:
        with session.begin_nested():
            _read(session, metrics, asked, held, now, found)
    except SQLAlchemyError as error:
        _note_error(asked[0], held, error, found)


def _note_error(metric: str, held: Sequence[Question], error: Exception, found: Readings) -> None:
    logger.warning("rule question failed", extra={"metric": metric, "error": str(error)[:300]})
    found.errors.update(dict.fromkeys(held, f"{metric}: {str(error)[:300]}"))
