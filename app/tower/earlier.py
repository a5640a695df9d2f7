"""Learns from the answers of earlier days and weeks what is usually held back at this hour (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from app.core.clock import floor_time
from app.metrics.metric import Answer, Group
from app.tower.usual import NONE, Place, Stock, Usual

DAYS, WEEKS = (1, 2, 3), (7, 14)  # days before; the weeks come first, for a Monday is not like a Sunday
FEWEST_KNOWN = 2  # with one day alone, its own trouble would pass for what is usual
GRAIN = timedelta(minutes=15)

Key = TypeVar("Key")


def same_hours(at: datetime) -> list[datetime]:
    """The moments to compare with, those of the days first."""
    return [floor_time(at, GRAIN) - timedelta(days=days) for days in (*DAYS, *WEEKS)]


def usual_of(opened: Sequence[Answer], late: Sequence[Answer], minor: int) -> Usual:
    """Take the least of the known moments, so that one bad day teaches nothing; `minor` units make a whole one."""
    places = _compared([answer.value is not None for answer in opened])
    if not places:
        return Usual()
    kept = [opened[place] for place in places]
    totals = [Stock(int(answer.value or 0), int(answer.extra["gross"]) // minor) for answer in kept]
    return Usual(
        total=_least(totals),
        late=min(int(late[place].value or 0) for place in places),
        places=_least_of([_by_place(answer.groups, minor) for answer in kept]),
        causes=_least_of([_by_cause(answer.groups, minor) for answer in kept]),
    )


def _compared(is_known: Sequence[bool]) -> list[int]:
    """The moments to learn from: the same hour of the week where it is known, else that of the last days."""
    days = [place for place in range(len(DAYS)) if is_known[place]]
    weeks = [place for place in range(len(DAYS), len(is_known)) if is_known[place]]
    return next((found for found in (weeks, days) if len(found) >= FEWEST_KNOWN), [])


def _by_place(groups: Iterable[Group], minor: int) -> dict[Place, Stock]:
    stocks: dict[Place, Stock] = {}
    for group in groups:  # at one step an order has one cause, so they may be added
        place = (group.by["channel"], group.by["step"])
        stocks[place] = _add(stocks.get(place, NONE), group, minor)
    return stocks


def _by_cause(groups: Iterable[Group], minor: int) -> dict[str, Stock]:
    """One cause may hold an order at several steps: the largest step alone counts."""
    steps: dict[tuple[str, str], Stock] = {}
    for group in groups:
        key = (group.by["cause"], group.by["step"])
        steps[key] = _add(steps.get(key, NONE), group, minor)
    stocks: dict[str, Stock] = {}
    for (cause, _), stock in steps.items():
        stocks[cause] = max(stocks.get(cause, NONE), stock, key=lambda one: one.orders)
    return stocks


def _add(stock: Stock, group: Group, minor: int) -> Stock:
    return Stock(stock.orders + int(group.value or 0), stock.gross + int(group.extra["gross"]) // minor)


def _least_of(known: Sequence[Mapping[Key, Stock]]) -> dict[Key, Stock]:
    return {key: _least([stocks.get(key, NONE) for stocks in known]) for key in known[0]}


def _least(stocks: Sequence[Stock]) -> Stock:
    return Stock(min(one.orders for one in stocks), min(one.gross for one in stocks))
