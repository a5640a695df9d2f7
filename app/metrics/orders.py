"""The metrics of orders on their way: open, in flight by stage, and about to be late."""

from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from app.core.clock import floor_minute
from app.exceptions.due_rows import Due, read_due
from app.metrics import sheets
from app.metrics.freshness import read_ages, unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.query import Sums, Wanted, sum_until
from app.series.rates import Converter, load_converters


def ask_open(session: Session, asked: Asked) -> list[Answer]:
    """Count orders that have begun and not ended."""
    return _levels(session, asked, "open")


def ask_in_flight(session: Session, asked: Asked) -> list[Answer]:
    """Count orders by the stage that they wait for."""
    return _levels(session, asked, "in_flight")


def _levels(session: Session, asked: Asked, metric: str) -> list[Answer]:
    wanted = Wanted(metric, asked.by, tuple(asked.where.items()))
    sums = sum_until(session, wanted, [floor_minute(at) for at in asked.at])
    ages = read_ages(session, asked.at)
    return [_level(at, one, age, asked.by) for at, one, age in zip(asked.at, sums, ages, strict=True)]


def _level(at: datetime, sums: Sums, age: float | None, by: tuple[str, ...]) -> Answer:
    if age is None:
        return unknown(at)
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    groups = tuple(Group(dict(zip(by, key, strict=True)), count) for (key, _), count in ranked) if by else ()
    return Answer(at, sum(sums.values()), data_age_seconds=age, groups=groups)


def ask_in_flight_value(session: Session, asked: Asked) -> list[Answer]:
    """Sum the value of orders by the stage that they wait for."""
    wanted = Wanted("in_flight_value", (*asked.by, "currency"), tuple(asked.where.items()))
    sums = sum_until(session, wanted, [floor_minute(at) for at in asked.at])
    converters = load_converters(session, asked.at, asked.currency)
    ages = read_ages(session, asked.at)
    together = zip(asked.at, sums, converters, ages, strict=True)
    return [_value(at, one, converter, age, asked.by) for at, one, converter, age in together]


def _value(at: datetime, sums: Sums, converter: Converter, age: float | None, by: tuple[str, ...]) -> Answer:
    if age is None:
        return unknown(at)
    groups: dict[tuple[str, ...], Fraction] = {}
    without_rate = set()
    for ((*key, currency), _), minor in sums.items():
        factor = converter.factor(currency)
        if factor is None:
            without_rate.add(currency)
        else:
            groups[tuple(key)] = groups.get(tuple(key), Fraction(0)) + minor * factor
    ranked = sorted(groups.items(), key=lambda item: (-item[1], item[0]))
    parts = tuple(Group(dict(zip(by, key, strict=True)), round(minor)) for key, minor in ranked) if by else ()
    extra = {"without_rate": sorted(without_rate)}
    value = None if without_rate and not groups else round(sum(groups.values(), Fraction(0)))
    return Answer(at, value, data_age_seconds=age, groups=parts, extra=extra)


def ask_due_soon(session: Session, asked: Asked) -> list[Answer]:
    """Count orders not late yet that will be unless something happens within the window."""
    found: list[list[tuple[int, list[Due]]]] = [[] for _ in asked.at]
    for place, orders, dues in read_due(session, asked.at, asked.window):
        if kept := [due for due in dues if all(getattr(due, name) == value for name, value in asked.where.items())]:
            found[place - 1].append((orders, kept))
    ages = read_ages(session, asked.at)
    return [_due(at, one, age, asked.by) for at, one, age in zip(asked.at, found, ages, strict=True)]


def _due(at: datetime, found: list[tuple[int, list[Due]]], age: float | None, by: tuple[str, ...]) -> Answer:
    total = sum(orders for orders, _ in found)
    if age is None and not total:
        return unknown(at)
    counts: Counter[tuple[str, ...]] = Counter()
    nexts: dict[tuple[str, ...], datetime] = {}
    for orders, dues in found:
        named = {tuple(getattr(due, name) for name in by) for due in dues} if by else set()
        counts.update(dict.fromkeys(named, orders))
        for due in dues if by else ():
            name = tuple(getattr(due, name) for name in by)
            nexts[name] = min(due.next_at, nexts.get(name, due.next_at))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    groups = tuple(Group(dict(zip(by, key, strict=True)), count, {"next_at": nexts[key]}) for key, count in ranked)
    next_at = min((due.next_at for _, dues in found for due in dues), default=None)
    return Answer(at, total, data_age_seconds=age, groups=groups, extra={"next_at": next_at})


_BY_LEG = ("channel", "step")
_BY_CAUSE = ("cause", "channel", "step", "owner", "kind")
METRICS = (
    Metric("orders.due_soon", "orders", _BY_CAUSE, timedelta(hours=1), sheets.ORDERS_DUE_SOON, ask_due_soon),
    Metric("orders.open", "orders", ("channel",), timedelta(0), sheets.ORDERS_OPEN, ask_open),
    Metric("orders.in_flight", "orders", _BY_LEG, timedelta(0), sheets.IN_FLIGHT, ask_in_flight),
    Metric("orders.in_flight_value", "money", _BY_LEG, timedelta(0), sheets.IN_FLIGHT_VALUE, ask_in_flight_value),
)
