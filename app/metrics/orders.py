"""The metrics of orders on their way: open, in flight by stage, and about to be late."""

from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import floor_minute
from app.exceptions.ahead_rows import AHEAD, CAUSE, NOT_LATE, ahead_parameters
from app.exceptions.kinds import OF_ORDERS, other_flows
from app.exceptions.open_rows import ASKED, columns, grouping, labels, narrowed
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
    conditions, parameters = narrowed(asked.where)
    statement = f"""
        WITH {AHEAD}
        SELECT asked.place - 1 AS place, {columns(asked.by)} count(DISTINCT x.journey_id) AS orders,
               min(x.opened_at) AS next_at, {_grouping_level(asked.by)} AS is_total
          FROM {ASKED} JOIN ahead AS x ON x.place = asked.place {CAUSE}
         WHERE {" AND ".join([NOT_LATE, OF_ORDERS, *conditions])}
         GROUP BY GROUPING SETS ((asked.place) {_second_set(asked.by)})
    """
    parameters |= ahead_parameters(session, asked.at, asked.window)
    rows = session.execute(text(statement), {**parameters, **other_flows()})
    totals: list[tuple[int, datetime | None]] = [(0, None) for _ in asked.at]
    groups: list[list[Group]] = [[] for _ in asked.at]
    for row in rows.mappings():
        if row["is_total"]:
            totals[row["place"]] = (row["orders"], row["next_at"])
        else:
            groups[row["place"]].append(Group(labels(asked.by, row), row["orders"], {"next_at": row["next_at"]}))
    ages = read_ages(session, asked.at)
    together = zip(asked.at, totals, groups, ages, strict=True)
    return [_due(at, orders, next_at, parts, age) for at, (orders, next_at), parts, age in together]


def _grouping_level(by: tuple[str, ...]) -> str:
    return f"GROUPING({grouping(by).rstrip(', ')}) > 0" if by else "true"


def _second_set(by: tuple[str, ...]) -> str:
    return f", ({grouping(by)} asked.place)" if by else ""


def _due(at: datetime, orders: int, next_at: datetime | None, groups: list[Group], age: float | None) -> Answer:
    if age is None and not orders:
        return unknown(at)
    ranked = sorted(groups, key=lambda group: (-(group.value or 0), tuple(group.by.values())))
    return Answer(at, orders, data_age_seconds=age, groups=tuple(ranked), extra={"next_at": next_at})


_BY_LEG = ("channel", "step")
_BY_CAUSE = ("cause", "channel", "step", "owner", "kind")
METRICS = (
    Metric("orders.due_soon", "orders", _BY_CAUSE, timedelta(hours=1), sheets.ORDERS_DUE_SOON, ask_due_soon),
    Metric("orders.open", "orders", ("channel",), timedelta(0), sheets.ORDERS_OPEN, ask_open),
    Metric("orders.in_flight", "orders", _BY_LEG, timedelta(0), sheets.IN_FLIGHT, ask_in_flight),
    Metric("orders.in_flight_value", "money", _BY_LEG, timedelta(0), sheets.IN_FLIGHT_VALUE, ask_in_flight_value),
)
