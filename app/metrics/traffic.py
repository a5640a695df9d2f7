"""The metrics of traffic: how much passes, how much reaches each stage, and what share of it fails."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.metrics import sheets
from app.metrics.freshness import read_ages, unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.query import Sums, Wanted, sum_windows

FAILED = ("failed", "retrying", "dead_lettered")
NO_ATTEMPTS = "no attempts in the window"


def ask_throughput(session: Session, asked: Asked) -> list[Answer]:
    """Count events a minute."""
    return _rates(session, asked, "events")


def ask_reached(session: Session, asked: Asked) -> list[Answer]:
    """Count orders a minute that reach a stage."""
    return _rates(session, asked, "reached")


def _rates(session: Session, asked: Asked, metric: str) -> list[Answer]:
    sums = sum_windows(session, Wanted(metric, asked.by, tuple(asked.where.items())), asked.windows)

    def rate(by: Mapping[str, str], sums: Sums) -> Group:
        count = sum(sums.values())
        return Group(by, count / asked.minutes, {"count": count})

    ages = read_ages(session, asked.at)
    return [_answer(at, one, age, asked.by, rate) for at, one, age in zip(asked.at, sums, ages, strict=True)]


def ask_failure_rate(session: Session, asked: Asked) -> list[Answer]:
    """Divide failed attempts by attempts."""
    wanted = Wanted("events", (*asked.by, "outcome"), tuple(asked.where.items()))
    sums = sum_windows(session, wanted, asked.windows)
    ages = read_ages(session, asked.at)
    return [_answer(at, one, age, asked.by, _failures) for at, one, age in zip(asked.at, sums, ages, strict=True)]


def _failures(by: Mapping[str, str], sums: Sums) -> Group:
    outcomes: Counter[str] = Counter()
    for (key, _), count in sums.items():
        outcomes[key[-1]] += count
    failed = sum(outcomes[outcome] for outcome in FAILED)
    attempts = failed + outcomes["ok"]
    extra = {"attempts": attempts, "failed": failed, **{outcome: outcomes[outcome] for outcome in FAILED[1:]}}
    return Group(by, failed / attempts if attempts else None, extra)


def _answer(
    at: datetime,
    sums: Sums,
    age: float | None,
    by: tuple[str, ...],
    figure: Callable[[Mapping[str, str], Sums], Group],
) -> Answer:
    if age is None:
        return unknown(at)
    parts: dict[tuple[str, ...], Sums] = {}
    for (key, bucket), count in sums.items():
        parts.setdefault(key[: len(by)], {})[key, bucket] = count
    groups = [figure(dict(zip(by, key, strict=True)), part) for key, part in sorted(parts.items())] if by else []
    whole = figure({}, sums)
    reason = {} if whole.value is not None else {"reason": NO_ATTEMPTS}
    return Answer(at, whole.value, data_age_seconds=age, groups=tuple(groups), extra={**whole.extra, **reason})


_BY_LEG = ("channel", "connector", "system", "step")
_QUARTER = timedelta(minutes=15)
METRICS = (
    Metric("throughput", "events/min", _BY_LEG, _QUARTER, sheets.THROUGHPUT, ask_throughput),
    Metric("orders.reached", "orders/min", ("channel", "step"), _QUARTER, sheets.ORDERS_REACHED, ask_reached),
    Metric("failure.rate", "share", _BY_LEG, _QUARTER, sheets.FAILURE_RATE, ask_failure_rate),
)
