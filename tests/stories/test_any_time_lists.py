"""Property (I9): whatever arrived in whatever order, every list asked at T shows what the facts up to T say."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy.orm import Session

from app.core.money import Money
from app.exceptions.due import list_due
from app.exceptions.filters import read_filter
from app.exceptions.members import list_exceptions, list_members
from app.exceptions.resolved import count_resolved, list_resolved
from app.exceptions.risk import value_at
from app.exceptions.rules import Interval
from app.exceptions.selection import AsOf, as_of
from app.orders.filters import read_filter as order_filter
from app.orders.queries import list_orders
from tests.builders import NOW
from tests.oracle.as_of import HOUR, Then, a_world
from tests.stories.journeys import work
from tests.stories.strategies import Arrival, arrivals
from tests.stories.test_any_estate import LONG_RUN, Prepared, fresh, prepared, rolled_back, tried
from tests.stories.test_any_time import BETWEEN, DAY

__all__ = ["prepared"]

pytestmark = [pytest.mark.story, pytest.mark.timeout(max(LONG_RUN, 600))]
FAR = timedelta(days=3_650)


@tried(25)
@given(arrived=arrivals())
def test_every_list_as_of_any_time_shows_what_the_facts_until_then_say(prepared: Prepared, arrived: Arrival) -> None:
    engine, estate = prepared
    with rolled_back(engine) as session:
        work(session, fresh(estate), arrived.batches, NOW)
        world = a_world(estate.flows, arrived.events)
        for at in BETWEEN[1::2]:
            asked, thens = as_of(session, at, "USD"), world.at(at)
            check_exceptions(session, asked, thens)
            check_due(session, asked, thens)
            check_members(session, asked, thens)
            check_resolved(session, asked, thens)
            for flow in estate.flows:
                found = list_orders(session, order_filter(""), at, flow, asked.converter, limit=99).rows
                told = [{name: getattr(row, name) for name in ORDER} for row in found]
                expected = [an_order(one) for one in thens if one.flow is flow]
                assert by_name(told) == by_name(expected), at


def check_exceptions(session: Session, asked: AsOf, thens: list[Then]) -> None:
    for status in ("open", "late", "due", "closed"):
        found = list_exceptions(session, read_filter(f"status:{status}"), asked, limit=400).rows
        told = {
            (row.journey_id, row.step, row.kind, row.cause, row.title, row.owner, row.opened_at, row.closed_at,
             row.since_at, row.started_at, row.value)
            for row in found
        }  # fmt: skip
        assert len(told) == len(found)
        assert told == set(listed(status, thens)), (status, asked.at)


def listed(status: str, thens: list[Then]) -> Iterator[tuple[object, ...]]:
    for one in thens:
        stake = one.staked
        known = stake is not None and stake.value_minor is not None and stake.currency is not None
        value = Money(stake.value_minor, stake.currency) if known else None
        for it in wanted(status, one):
            note = one.causes[it.cause]
            over = it.closed_at if it.closed_at is not None and it.closed_at <= one.at else None
            named = (one.id, it.step, it.kind, it.cause, note.title, note.owner)
            yield (*named, it.opened_at, over, it.since_at, it.started_at, value)


def wanted(status: str, one: Then) -> list[Interval]:
    if status == "open":
        return one.open
    if status == "closed":
        return [it for it in one.intervals if it.closed_at is not None and it.closed_at <= one.at]
    if one.flow.kind != "order":
        return []
    return one.ahead(one.at + FAR) if status == "due" else [it for it in one.open if it.kind == "overdue"]


def check_due(session: Session, asked: AsOf, thens: list[Then]) -> None:
    found = list_due(session, read_filter("status:due"), asked).rows
    expected = {}
    for one in thens:
        ahead = [] if one.is_late or one.flow.kind != "order" else one.ahead(asked.at + HOUR)
        if ahead:
            first = min(ahead, key=lambda it: (it.opened_at, it.step))
            expected[one.id] = (first.step, first.cause, first.opened_at, money(one))
    assert {row.journey_id: (row.step, row.cause, row.opened_at, row.value) for row in found} == expected, asked.at


def check_members(session: Session, asked: AsOf, thens: list[Then]) -> None:
    found = list_members(session, read_filter(""), asked).rows
    expected = {
        one.id: (min(it.since_at for it in one.open), promise(one), {it.cause for it in one.open})
        for one in thens
        if one.open
    }
    assert {row.journey_id: (row.since_at, row.promised_at, set(row.causes)) for row in found} == expected, asked.at


def check_resolved(session: Session, asked: AsOf, thens: list[Then]) -> None:
    since = asked.at - DAY
    expected = {}
    for one in thens:
        over = [it.closed_at for it in one.intervals if it.closed_at is not None and since < it.closed_at <= asked.at]
        if over and not one.open:
            expected[one.id] = (max(over), money(one), one.journey.ending == "cancelled")
    found = list_resolved(session, read_filter("status:closed"), asked, since, after=None, limit=99).rows
    assert {row.journey_id: (row.closed_at, row.value, row.is_lost) for row in found} == expected, asked.at
    assert count_resolved(session, since, asked.at) == len(expected)


ORDER = ("journey_id", "stage", "value", "opened_at", "promised_at", "closed_at", "ending", "troubles")


def an_order(one: Then) -> dict[str, Any]:
    journey = one.journey
    titles = tuple(sorted({one.causes[it.cause].title for it in one.open}))
    told = (one.id, journey.stage, money(one), journey.opened_at, promise(one), journey.closed_at, journey.ending)
    return dict(zip(ORDER, (*told, titles), strict=True))


def money(one: Then) -> Money | None:
    minor, currency = value_at(one.journey, one.at)
    return Money(minor, currency) if minor is not None and currency is not None else None


def promise(one: Then) -> object:
    return one.journey.promises[-1][1] if one.journey.promises else None


def by_name(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(({**row, "troubles": sorted(row["troubles"])} for row in rows), key=lambda row: str(row))
