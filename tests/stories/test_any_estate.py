"""Property: whatever small estate sends its events, their order, batches and repeats change nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.database import make_sessions, transaction
from app.events.event import Event
from app.events.partitions import ensure_days
from app.pipeline import Estate
from tests.builders import NOW, an_event
from tests.stories.journeys import an_estate, exported, work

pytestmark = [pytest.mark.story, pytest.mark.timeout(120)]

DAY_BEGINS = NOW.replace(hour=0)
ORDERS, DOCUMENTS, PARCELS = ("SO-1", "SO-2", "SO-3"), ("88121", "88122", "N/A", "0"), ("1Z1", "1Z2", "1Z3", "unknown")
KEYS = {
    "order": ORDERS,
    "netsuite.salesorder": DOCUMENTS,
    "fulfilment": ("F-1", "F-2", "F-3", "tbd"),
    "invoice": ("I-1", "I-2", "0"),
    "tracking": PARCELS,
    "sku": ("A-1", "A-2"),
}
# What one system after the other knows of an order: each only the names that it has learnt.
LIFE = (
    ("order.placed", ("order", "sku")),
    ("order.accepted", ("order",)),
    ("erp.order.posted", ("order", "netsuite.salesorder")),
    ("fulfilment.released", ("netsuite.salesorder", "fulfilment")),
    ("fulfilment.shipped", ("fulfilment", "tracking")),
    ("fulfilment.delivered", ("tracking",)),
    ("invoice.posted", ("netsuite.salesorder", "invoice")),
    ("order.amended", ("order",)),
    ("order.cancelled", ("order",)),
)


@st.composite
def lives(draw: st.DrawFn, order: str) -> list[Event]:
    """One order, with names of its own or contradictory ones, split into parcels that others may share."""
    names = {namespace: draw(st.sampled_from(values)) for namespace, values in KEYS.items()}
    parcels = draw(st.lists(st.sampled_from(PARCELS), min_size=1, max_size=2, unique=True))
    names["order"] = order
    told = draw(st.lists(st.sampled_from(LIFE), min_size=2, max_size=8))
    events = []
    for number, (step, namespaces) in enumerate(told):
        for parcel in parcels if "tracking" in namespaces else parcels[:1]:
            keys = [(namespace, parcel if namespace == "tracking" else names[namespace]) for namespace in namespaces]
            events.append(draw(facts(f"{order}/{number}/{parcel}", step, tuple(keys))))
    return events


@st.composite
def links(draw: st.DrawFn, number: int) -> Event:
    """An event that ties any names together: a consolidated invoice, a wrong document number, a bare parcel."""
    namespaces = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=3))
    keys = tuple((namespace, draw(st.sampled_from(KEYS[namespace]))) for namespace in namespaces)
    step, _ = draw(st.sampled_from(LIFE))
    return draw(facts(f"link/{number}", step, keys))


@st.composite
def facts(draw: st.DrawFn, number: str, step: str, keys: tuple[tuple[str, str], ...]) -> Event:
    # Few distinct minutes, so that many things happen at the same time.
    at = DAY_BEGINS + timedelta(minutes=draw(st.sampled_from((1, 2, 20, 45, 300, 900))))
    given_facts: dict[str, Any] = {
        "outcome": draw(st.sampled_from(("ok", "ok", "failed", "retrying", "dead_lettered", "skipped"))),
        "channel": draw(st.sampled_from((None, "shopify-us", "amazon-uk"))),
        "attempt": draw(st.integers(1, 3)),
        "error": draw(st.sampled_from((None, "503: unavailable"))),
        "amount_minor": draw(st.sampled_from((None, 9950, 12000))),
        "promised_at": draw(st.sampled_from((None, DAY_BEGINS + timedelta(hours=10), DAY_BEGINS + timedelta(days=2)))),
    }
    given_facts["currency"] = "USD" if given_facts["amount_minor"] is not None else None
    return an_event(step, id=number, at=at, keys=keys, **given_facts)


@st.composite
def estates(draw: st.DrawFn) -> list[Event]:
    orders = draw(st.lists(st.sampled_from(ORDERS), min_size=1, max_size=3, unique=True))
    events = [event for order in orders for event in draw(lives(order))]
    return events + [draw(links(number)) for number in range(draw(st.integers(0, 4)))]


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """An estate's events, and one way in which they may come: shuffled, repeated, cut into batches."""
    events = draw(estates())
    repeats = draw(st.lists(st.sampled_from(events), max_size=4))
    shuffled = draw(st.permutations(events + repeats))
    ends = sorted(draw(st.sets(st.integers(1, len(shuffled)), max_size=6)) | {len(shuffled)})
    starts = [0, *ends[:-1]]
    return events, [list(shuffled[start:end]) for start, end in zip(starts, ends, strict=True)]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(arrived=arrivals())
def test_order_batches_and_repeats_change_nothing(fresh_database: Engine, arrived: tuple[Any, Any]) -> None:
    events, batches = arrived
    estate = with_days(fresh_database)
    in_one = export_of(fresh_database, estate, [events])
    assert export_of(fresh_database, estate, batches) == in_one
    assert export_of(fresh_database, estate, [[event] for event in reversed(events)]) == in_one


def export_of(engine: Engine, estate: Estate, batches: list[list[Event]]) -> bytes:
    with rolled_back(engine) as session:
        work(session, Estate(estate.flows, estate.retention, set(estate.days)), batches, NOW)
        return exported(session)


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection, connection.begin() as outer:
        yield Session(connection, autoflush=False, join_transaction_mode="create_savepoint")
        outer.rollback()


def with_days(engine: Engine) -> Estate:
    """Have the partitions ready, for making them costs more than all the rest."""
    estate = an_estate()
    estate.days = {DAY_BEGINS.date()}
    with transaction(make_sessions(engine)) as session:
        ensure_days(session, {DAY_BEGINS.date()}, DAY_BEGINS.date(), estate.retention)
    return estate
