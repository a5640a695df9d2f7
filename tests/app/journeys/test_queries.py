"""One journey as of a time, by whichever of its keys, and what it shares with others."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.events.event import Event
from app.journeys.catalogue import load_flows, order_flow
from app.journeys.queries import JourneyView, find_by_key, journey_at, list_related
from app.pipeline import Estate, work_events
from tests.builders import NOW, an_event

A = journey_id("order", "order:A")


def work(session: Session, *events: Event) -> None:
    for event in events:
        work_events(session, Estate((order_flow(),), timedelta(days=90)), [event], NOW)


def event(step: str, minutes: float, keys: dict[str, str], *, heard: float | None = None, **given: object) -> Event:
    at = NOW - timedelta(minutes=minutes)
    received = at if heard is None else NOW - timedelta(minutes=heard)
    return an_event(
        step, id=f"{step}-{minutes:g}", at=at, keys=tuple(keys.items()), **{"received_at": received, **given}
    )


def read(session: Session, id: UUID = A, minutes: float = 0, known: float | None = None) -> JourneyView | None:
    known_at = None if known is None else NOW - timedelta(minutes=known)
    return journey_at(session, load_flows(), id, NOW - timedelta(minutes=minutes), known_at)


def steps(view: JourneyView | None) -> list[str]:
    return [fact.step for fact in view.facts] if view else []


PLACED = event("order.placed", 60, {"order": "A", "shopify.order": "9"}, amount_minor=9_950, currency="USD")
POSTED = event("erp.order.posted", 50, {"order": "A", "netsuite.salesorder": "5"})
RELEASED = event("fulfilment.released", 40, {"netsuite.salesorder": "5", "fulfilment": "F1"})


def test_a_journey_stands_as_of_the_asked_time(session: Session) -> None:
    work(session, PLACED, POSTED, RELEASED)
    view = read(session, minutes=45)
    assert view is not None
    assert steps(view) == ["order.placed", "erp.order.posted"]
    assert view.journey.stage == "erp.order.posted"
    assert [(key.namespace, key.role) for key in view.keys] == [
        ("order", "anchor"), ("netsuite.salesorder", "identity"), ("shopify.order", "identity"),
    ]  # fmt: skip
    assert (view.name, view.anchor, view.is_provisional, view.flow.name) == ("A", "order:A", False, "order-to-cash")


def test_there_is_nothing_before_the_first_event(session: Session) -> None:
    work(session, PLACED)
    assert read(session, minutes=61) is None
    assert read(session, journey_id("order", "order:B")) is None


def test_known_counts_only_what_had_been_received(session: Session) -> None:
    late = event("erp.order.posted", 50, {"order": "A", "netsuite.salesorder": "5"}, heard=10)
    work(session, PLACED, late, RELEASED)
    assert steps(read(session)) == ["order.placed", "erp.order.posted", "fulfilment.released"]
    # The release was heard in time, but nobody knew yet whose document 5 was.
    then = read(session, known=20)
    assert steps(then) == ["order.placed"]
    assert then is not None
    assert "fulfilment" not in {key.namespace for key in then.keys}
    assert steps(read(session, known=10)) == ["order.placed", "erp.order.posted", "fulfilment.released"]
    assert read(session, known=61) is None


def test_a_provisional_journey_leads_to_its_order_once_that_is_known(session: Session) -> None:
    work(session, RELEASED)
    [provisional] = find_by_key(session, "netsuite.salesorder:5")
    view = read(session, provisional)
    assert view is not None
    assert view.is_provisional
    work(session, PLACED, POSTED)
    moved = read(session, provisional)
    assert moved is not None
    assert moved.id == A
    assert steps(moved) == ["order.placed", "erp.order.posted", "fulfilment.released"]


def test_every_key_finds_the_journey_and_facets_do_not(session: Session) -> None:
    work(session, event("order.placed", 60, {"order": "A", "shopify.order": "9", "sku": "S-1"}))
    assert find_by_key(session, "order:A") == [A]
    assert find_by_key(session, "shopify.order:9") == [A]
    assert find_by_key(session, "sku:S-1") == []


def test_related_orders_share_a_parcel_and_are_cut_with_a_count(session: Session) -> None:
    for name in "ABCD":
        placed = event("order.placed", 60 - ord(name) / 10, {"order": name, "tracking": "P"})
        work(session, placed)
    view = read(session)
    assert view is not None
    related = list_related(session, view, NOW, limit=2)
    assert [(one.name, one.key, one.others) for one in related] == [("D", "tracking:P", 1), ("C", "tracking:P", 1)]
    assert [one.name for one in list_related(session, view, NOW - timedelta(minutes=53.35))] == ["B"]


def test_a_contended_key_belongs_to_neither_and_relates_both(session: Session) -> None:
    work(session, event("order.placed", 60, {"order": "A", "invoice": "7"}))
    work(session, event("order.placed", 59, {"order": "B", "invoice": "7"}))
    view = read(session)
    assert view is not None
    assert [key.value for key in view.keys_of("contended")] == ["7"]
    assert [(one.name, one.key) for one in list_related(session, view, NOW)] == [("B", "invoice:7")]
