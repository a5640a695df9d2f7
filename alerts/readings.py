"""Asks the metric catalogue what the rules need to know: one question for each distinct metric, split and filter."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from alerts.rules import Number, Reading, Rule
from app.core.errors import PharosError
from app.metrics import catalogue
from app.metrics.drain import NEVER
from app.metrics.metric import Answer, Group

logger = logging.getLogger(__name__)

Labels = tuple[tuple[str, str], ...]
# metric, by, where
Question = tuple[str, tuple[str, ...], Labels]
HOUR = timedelta(hours=1)
# Sums, of which a part that is not listed is nothing; of everything else a missing part is unknown.
SUMS = (
    "revenue.at_risk",
    "revenue.cash_delayed",
    "orders.late",
    "orders.failing",
    "orders.due_soon",
    "orders.open",
    "exceptions.open",
)


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
class Parts:
    """One answer, taken apart by labels."""

    answer: Answer
    by_labels: Mapping[Labels, Answer | Group]

    def value(self, question: Question, labels: Labels) -> Number | None:
        part = self.by_labels.get(labels)
        if part is not None:
            return part.value
        return 0 if question[0] in SUMS and self.answer.value is not None else None


@dataclass(frozen=True, slots=True)
class Readings:
    """The answers of one evaluation, now and an hour ago; `errors` holds what could not be asked, and why."""

    answers: Mapping[Question, tuple[Parts, Parts]]
    units: Mapping[str, str]
    errors: Mapping[Question, str]

    def labels(self, question: Question) -> set[Labels]:
        """The parts that an answer has."""
        return set(self.answers[question][0].by_labels) if question in self.answers else set()

    def reading(self, question: Question, labels: Labels) -> Reading:
        """Read one part of an answer; what was not answered is unknown."""
        unit = self.units.get(question[0], "")
        if question not in self.answers:
            return Reading(None, unit)
        now, before = self.answers[question]
        value, part = now.value(question, labels), now.by_labels.get(labels)
        return Reading(
            value=value,
            unit=unit,
            hour_ago=before.value(question, labels),
            age_seconds=now.answer.data_age_seconds,
            is_never=value is None and part is not None and part.extra.get("reason") == NEVER,
        )


def read_metrics(session: Session, metrics: Metrics, rules: Iterable[Rule], now: datetime) -> Readings:
    """Ask everything that the rules need, each question once."""
    answers: dict[Question, tuple[Parts, Parts]] = {}
    units: dict[str, str] = {}
    errors: dict[Question, str] = {}
    for question in dict.fromkeys(question for rule in rules for question in questions_of(rule)):
        metric, by, where = question
        try:
            with session.begin_nested():
                units[metric] = metrics.unit(metric)
                asked = metrics.ask(session, metric, (now, now - HOUR), by=by, where=dict(where))
                answers[question] = (_take_apart(asked[0], by), _take_apart(asked[1], by))
        except (SQLAlchemyError, PharosError, ValueError) as error:
            logger.warning("rule question failed", extra={"metric": metric, "error": str(error)[:300]})
            errors[question] = f"{metric}: {str(error)[:300]}"
    return Readings(answers, units, errors)


def questions_of(rule: Rule) -> list[Question]:
    """What a rule asks: its own metric first, then its guards'."""
    guards = [guard.metric for guard in (rule.also, rule.enough) if guard is not None]
    return [(metric, rule.by, rule.where) for metric in (rule.metric, *guards)]


def labels_of(by: Mapping[str, str]) -> Labels:
    """Write the parts of a label set in one order."""
    return tuple(sorted(by.items()))


def _take_apart(answer: Answer, by: tuple[str, ...]) -> Parts:
    if not by:
        return Parts(answer, {(): answer})
    # A part without a name is what the dimension does not apply to.
    return Parts(answer, {labels_of(group.by): group for group in answer.groups if all(group.by.values())})
