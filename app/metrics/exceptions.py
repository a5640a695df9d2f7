"""The metrics of open exceptions: how many orders need help, are late, or have just begun to fail."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.exceptions.bands import BANDS
from app.exceptions.counts import Count, count_open
from app.exceptions.kinds import other_flows
from app.exceptions.parts import Condition, Part
from app.metrics import sheets
from app.metrics.freshness import read_ages, unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.rates import load_converters

DIMENSIONS = ("age", "cause", "channel", "step", "owner", "system", "kind")
NOTHING: Mapping[str, Any] = {"gross": 0, "coverage": None, "oldest_at": None}


def ask_open(session: Session, asked: Asked) -> list[Answer]:
    """Count orders and returns that need help, whatever is wrong with them."""
    return _ask(session, asked)


def ask_late(session: Session, asked: Asked) -> list[Answer]:
    """Count orders of which a milestone is overdue."""
    others = {*other_flows()["other_flows"]}
    return _ask(session, asked, keep=lambda part: part.is_overdue and part.flow not in others)


def ask_failing(session: Session, asked: Asked) -> list[Answer]:
    """Count orders whose trouble is a failure that began within the window and is not over."""
    new = "x.kind <> 'overdue' AND x.since_at > asked.at - CAST(:new AS interval)"
    return _ask(session, asked, only=((new,), {"new": asked.window}))


def _ask(
    session: Session, asked: Asked, *, only: Condition = ((), {}), keep: Callable[[Part], bool] = lambda _: True
) -> list[Answer]:
    converters = load_converters(session, asked.at, asked.currency)
    counts = count_open(session, converters, asked.at, by=asked.by, where=asked.where, only=only, keep=keep)
    ages = read_ages(session, asked.at)
    return [_answer(at, one, age, asked.by) for at, one, age in zip(asked.at, counts, ages, strict=True)]


def _answer(at: datetime, counts: list[Count], age: float | None, by: tuple[str, ...]) -> Answer:
    if age is None and not counts:
        return unknown(at)
    orders, staked = sum(count.firsts for count in counts), sum(count.first_staked for count in counts)
    coverage = sum(count.first_valued for count in counts) / staked if staked else None
    extra = {
        "gross": round(sum(count.first_gross for count in counts)),
        "coverage": coverage,
        "oldest_at": min((count.oldest_at for count in counts), default=None),
    }
    return Answer(at, orders, None, None, coverage, age, _groups(counts, by), extra)


def _groups(counts: list[Count], by: tuple[str, ...]) -> tuple[Group, ...]:
    if not by:
        return ()
    if by == ("age",):
        found = {count.by["age"]: _group(count) for count in counts}
        return tuple(found.get(band.name) or Group({"age": band.name}, 0, NOTHING) for band in BANDS)
    ranked = sorted(counts, key=lambda count: (-count.orders, tuple(count.by.values())))
    return tuple(_group(count) for count in ranked)


def _group(count: Count) -> Group:
    extra = {"gross": round(count.gross), "coverage": count.coverage, "oldest_at": count.oldest_at}
    return Group(count.by, count.orders, extra)


METRICS = (
    Metric("exceptions.open", "orders", DIMENSIONS, timedelta(0), sheets.EXCEPTIONS_OPEN, ask_open),
    Metric("orders.late", "orders", DIMENSIONS, timedelta(0), sheets.ORDERS_LATE, ask_late),
    Metric("orders.failing", "orders", DIMENSIONS, timedelta(minutes=1), sheets.ORDERS_FAILING, ask_failing),
)
