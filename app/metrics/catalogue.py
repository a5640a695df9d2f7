"""The catalogue: every number that a page, a rule, the API or a digest shows, by name."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.core.errors import NotFoundError, PayloadError
from app.core.terms import did_you_mean
from app.metrics import arrivals, connectors, exceptions, orders, queues, revenue, traffic, unmatched
from app.metrics.metric import Answer, Asked, Metric
from app.settings import get_settings

CATALOGUE: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *revenue.METRICS,
        *orders.METRICS,
        *exceptions.METRICS,
        *arrivals.METRICS,
        *traffic.METRICS,
        *queues.METRICS,
        *connectors.METRICS,
        *unmatched.METRICS,
    )
}


def ask(
    session: Session,
    name: str,
    at: datetime,
    *,
    window: timedelta | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
) -> Answer:
    """Answer one question as of one time; without a window the metric's own is taken."""
    return ask_series(session, name, [at], window=window, by=by, where=where)[0]


def ask_series(
    session: Session,
    name: str,
    ats: Sequence[datetime],
    *,
    window: timedelta | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
) -> list[Answer]:
    """Answer one question as of many times, in as few statements as for one."""
    metric = find_metric(name)
    _check_dimensions(metric, (*by, *(where or {})))
    if not ats:
        return []
    asked = Asked(
        at=tuple(at.astimezone(UTC) for at in ats),
        window=window or metric.window,
        by=tuple(by),
        where=dict(where or {}),
        currency=get_settings().reporting_currency,
    )
    return metric.ask(session, asked)


def find_metric(name: str) -> Metric:
    """Look a metric up by its name."""
    metric = CATALOGUE.get(name)
    if metric is None:
        raise NotFoundError(f"there is no metric {name!r}", did_you_mean(name, CATALOGUE))
    return metric


def unit(name: str) -> str:
    """Say what a metric counts in; money names the reporting currency."""
    return find_metric(name).unit_in(get_settings().reporting_currency)


def _check_dimensions(metric: Metric, names: Sequence[str]) -> None:
    for name in names:
        if name not in metric.dimensions:
            known = ", ".join(metric.dimensions) or "none"
            raise PayloadError(f"{metric.name} has no dimension {name!r}", f"Its dimensions are: {known}.")
