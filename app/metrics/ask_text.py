"""Reads what the API and the pages ask of a metric: times, dimensions and filters written as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.clock import floor_time, parse_duration
from app.core.errors import PayloadError
from app.core.terms import Field, read_terms
from app.metrics.metric import Metric
from app.web.dependencies import parse_at, parse_window

MOST_POINTS = 1_000
USUAL_POINTS = 48


@dataclass(frozen=True, slots=True)
class SeriesAsked:
    """The times of a series, both ends included, `step` apart and ending at `until`."""

    since: datetime
    until: datetime
    step: timedelta
    ats: tuple[datetime, ...]


def read_by(text: str) -> tuple[str, ...]:
    """Read `channel,step`."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def read_where(text: str, metric: Metric) -> Mapping[str, str]:
    """Read `channel:amazon-uk step:erp.order.posted`; a metric takes one exact value a dimension."""
    fields = {name: Field("text", f"{name}:{_EXAMPLES.get(name, '…')}") for name in metric.dimensions}
    terms = read_terms(text, fields)
    if terms.words:
        raise PayloadError(f"where: cannot read {terms.words[0]!r}", "Write dimension:value, such as channel:amazon-uk")
    for name, values in terms.values.items():
        if len(values) > 1:
            raise PayloadError(f"where: {name} takes one value", f"Ask with by={name} to see them all.")
    return {name: values[0] for name, values in terms.values.items()}


_EXAMPLES = {"channel": "amazon-uk", "step": "erp.order.posted", "age": "15m..1h", "owner": '"ERP integration"'}


def read_series(since: str, until: str | None, step: str | None, now: datetime) -> SeriesAsked:
    """Read `from`, `to` and `step`: `from` is a time or, as on the pages, relative to `to`."""
    end = parse_at(until) if until else now
    if end > now + timedelta(minutes=1):
        raise PayloadError(f"to={until} lies in the future", "Ask about moments that have passed")
    end = min(end, now)
    begin = end - parse_window(since) if since.strip().startswith("-") else parse_at(since)
    if begin >= end:
        raise PayloadError("from lies after to", "Turn them round")
    width = _step(step, end - begin)
    count = (end - begin) // width + 1
    if count > MOST_POINTS:
        raise PayloadError(f"{count} points are too many", f"Choose a longer step: at most {MOST_POINTS} points")
    return SeriesAsked(begin, end, width, tuple(end - width * place for place in reversed(range(count))))


def _step(text: str | None, span: timedelta) -> timedelta:
    if text is None:
        return max(timedelta(minutes=1), timedelta(minutes=(span / USUAL_POINTS) // timedelta(minutes=1)))
    try:
        step = parse_duration(text)
    except (ValueError, OverflowError):
        raise PayloadError(f"step={text!r} is not a duration", "Write it as 60s, 5m or 1h") from None
    if step < timedelta(seconds=1):
        raise PayloadError(f"step={text!r} is too short", "Write it as 60s, 5m or 1h")
    return step


def aligned(at: datetime, step: timedelta, points: int) -> list[datetime]:
    """List the times of a sparkline that ends at `at`: whole steps, then the moment itself."""
    last = floor_time(at, step)
    return [last - step * place for place in reversed(range(points - 1))] + [at]
