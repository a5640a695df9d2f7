"""The API of metrics: the catalogue with its definition sheets, and any number as of any time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from app.auth.dependencies import require_scope
from app.core.errors import PayloadError
from app.metrics.ask_text import SeriesAsked, read_by, read_series, read_where
from app.metrics.catalogue import CATALOGUE, ask, ask_series, find_metric, unit
from app.metrics.metric import Answer, Metric
from app.web.dependencies import NowDep, SessionDep, parse_at, parse_window
from app.web.error_answers import READ_ERRORS
from app.web.listing import CSV_TOO, AnswerFormat, Cell, csv_answer, wants_csv

router = APIRouter(
    prefix="/api/v1", tags=["metrics"], dependencies=[Depends(require_scope("read"))], responses=READ_ERRORS
)

AtText = Annotated[str | None, Query(description="The moment asked about, RFC 3339; now when left out.")]
FromText = Annotated[str | None, Query(alias="from", description="Start of a series: a time, or -4h before `to`.")]
ToText = Annotated[str | None, Query(description="End of a series; now when left out.")]
StepText = Annotated[str | None, Query(description="Distance of the points of a series, such as 5m.")]
WindowText = Annotated[
    str | None, Query(description="How much time one answer looks at; the metric's own if left out.")
]
ByText = Annotated[str, Query(description="Dimensions to part the answer by, such as `channel,step`.")]
WhereText = Annotated[str, Query(description="Dimensions held to a value, such as `channel:amazon-uk`.")]


class SheetShown(BaseModel):
    """A definition sheet: what stands behind the number."""

    title: str
    question: str
    counts: str
    leaves_out: str
    window: str
    source: str
    age: str
    low_high: str
    extra: str


class MetricShown(BaseModel):
    """A metric of the catalogue."""

    name: str
    unit: str
    dimensions: list[str]
    window_seconds: float
    sheet: SheetShown


class GroupAnswered(BaseModel):
    """The answer for one combination of dimensions."""

    by: dict[str, str]
    value: int | float | None
    extra: dict[str, Any]


class MetricAnswered(BaseModel):
    """A number as of a time: a null `value` is unknown, never zero; money is in minor units of the unit's currency."""

    metric: str
    unit: str
    at: datetime
    value: int | float | None
    low: int | float | None
    high: int | float | None
    coverage: float | None
    data_age_seconds: float | None
    groups: list[GroupAnswered]
    extra: dict[str, Any]


class SeriesAnswered(BaseModel):
    """A number as of many times, `step_seconds` apart."""

    metric: str
    unit: str
    since: datetime
    until: datetime
    step_seconds: float
    answers: list[MetricAnswered]


@router.get("/metrics")
def list_metrics() -> list[MetricShown]:
    """List the catalogue."""
    return [metric_shown(metric) for metric in CATALOGUE.values()]


@router.get("/metrics/{name}", responses=CSV_TOO, response_model=MetricAnswered | SeriesAnswered)
def answer_metric(
    request: Request,
    name: str,
    session: SessionDep,
    now: NowDep,
    at: AtText = None,
    since: FromText = None,
    to: ToText = None,
    step: StepText = None,
    window: WindowText = None,
    by: ByText = "",
    where: WhereText = "",
    wanted_format: AnswerFormat = None,
) -> MetricAnswered | SeriesAnswered | Response:
    """Answer one metric as of a time (`at`), or as of many (`from`, `to`, `step`)."""
    metric = find_metric(name)
    question: dict[str, Any] = {
        "window": parse_window(window) if window else None,
        "by": read_by(by),
        "where": read_where(where, metric),
    }
    series = _series(at, since, to, step, now)
    if series is None:
        answers = [ask(session, name, _moment(at, now), **question)]
    else:
        answers = ask_series(session, name, series.ats, **question)
    if wants_csv(request, wanted_format):
        return csv_answer(name, _columns(question["by"]), _rows(answers, question["by"]))
    if series is None:
        return answered(name, answers[0])
    return SeriesAnswered(
        metric=name,
        unit=unit(name),
        since=series.since,
        until=series.until,
        step_seconds=series.step.total_seconds(),
        answers=[answered(name, answer) for answer in answers],
    )


def _series(at: str | None, since: str | None, to: str | None, step: str | None, now: datetime) -> SeriesAsked | None:
    if since is None:
        if to is not None or step is not None:
            raise PayloadError("a series needs `from`", "Ask with from=-4h, or with at= for one moment")
        return None
    if at is not None:
        raise PayloadError("ask with either `at` or `from`", "`at` is one moment; `from`, `to` and `step` are many")
    return read_series(since, to, step, now)


def _moment(at: str | None, now: datetime) -> datetime:
    moment = parse_at(at) if at else now
    if moment > now:
        raise PayloadError(f"at={at} lies in the future", "Ask about a moment that has passed")
    return moment


def metric_shown(metric: Metric) -> MetricShown:
    """Write a metric of the catalogue."""
    sheet = SheetShown(**{name: getattr(metric.sheet, name) for name in SheetShown.model_fields})
    return MetricShown(
        name=metric.name,
        unit=unit(metric.name),
        dimensions=list(metric.dimensions),
        window_seconds=metric.window.total_seconds(),
        sheet=sheet,
    )


def answered(name: str, answer: Answer) -> MetricAnswered:
    """Write one answer."""
    groups = [GroupAnswered(by=dict(one.by), value=one.value, extra=dict(one.extra)) for one in answer.groups]
    return MetricAnswered(
        metric=name,
        unit=unit(name),
        at=answer.at,
        value=answer.value,
        low=answer.low,
        high=answer.high,
        coverage=answer.coverage,
        data_age_seconds=answer.data_age_seconds,
        groups=groups,
        extra=dict(answer.extra),
    )


def _columns(by: Sequence[str]) -> list[str]:
    return ["at", *by, "value", "low", "high", "coverage", "data_age_seconds"]


def _rows(answers: Sequence[Answer], by: Sequence[str]) -> Iterator[list[Cell]]:
    """One row for the whole (its dimensions are empty), then one for each group."""
    for answer in answers:
        figures: list[Cell] = [answer.value, answer.low, answer.high, answer.coverage, answer.data_age_seconds]
        yield [answer.at, *("" for _ in by), *figures]
        for group in answer.groups:
            low, high, coverage = (group.extra.get(name) for name in ("low", "high", "coverage"))
            yield [answer.at, *(group.by[name] for name in by), group.value, low, high, coverage, None]
