"""The list of orders as of a time, and search by any identifier."""

import pytest
from sqlalchemy.orm import Session

from app.core.money import Money
from app.events.fact import fact_of, pack_facts
from app.journeys.catalogue import order_flow
from app.orders.filters import read_filter
from app.orders.queries import list_orders
from app.orders.row import OrderRow
from app.orders.search import SearchResult, search
from app.series.rates import load_converter
from tests.app.metrics.rows import a_cause, a_key, a_rate, ago, an_exception, an_order, order
from tests.builders import NOW, an_event

DAY = 24 * 60
FLOW = order_flow()


@pytest.fixture(autouse=True)
def _orders(session: Session) -> None:
    for currency, euros in (("GBP", "1"), ("USD", "0.5")):
        a_rate(session, currency, euros)
    an_order(session, "SO-1001", opened=90, stage="order.accepted")
    an_order(session, "SO-1002", opened=80, channel="amazon-uk", value_minor=30_000, currency="GBP")
    an_order(session, "SO-1003", opened=2 * DAY, closed_at=ago(DAY), ending="completed", stage="payout.settled")
    an_order(session, "SO-1004", opened=3 * DAY, closed_at=ago(10), ending="cancelled", value_minor=None)
    a_cause(session, "c1", title="Waits to be posted", owner="ERP integration")
    an_exception(session, "SO-1002", opened=20)
    for name in ("SO-1001", "SO-1002"):
        a_key(session, name, "tracking:1Z9", "tied")
        a_key(session, name, "sku:WB-1", "facet")
    a_key(session, "SO-1001", "netsuite.salesorder:88121")
    a_key(session, "SO-1002", "invoice:INV-7")
    a_key(session, "SO-1002", "customer:9f86d081884c7d65", "facet")
    session.flush()


def listed(session: Session, text: str = "", minutes: float = 0, **paging: object) -> list[OrderRow]:
    converter = load_converter(session, NOW, "GBP")
    page = list_orders(session, read_filter(text), ago(minutes), FLOW, converter, **paging)  # type: ignore[arg-type]
    return list(page.rows)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "1002 1001 1003 1004"),
        ("status:open", "1002 1001"),
        ("status:completed", "1003"),
        ("status:cancelled", "1004"),
        ("status:late", "1002"),
        ('status:exception owner:"erp integration"', "1002"),
        ("channel:amazon*", "1002"),
        ("age:>1d", "1003 1004"),
        ("age:1h..2h", "1002 1001"),
        ("value:>100", "1002"),
        ("value:<=50", "1001 1003"),
        ("stage:order.accepted", "1001"),
        ("waiting:erp.order.posted", "1001"),
        ("waiting:order.accepted", "1002"),
        ("key:order:SO-1003", "1003"),
        ("sku:WB-1 channel:amazon-uk", "1002"),
        ("inv-7", "1002"),
        ("cause:c1 step:erp.order.posted", "1002"),
    ],
)
def test_filters(session: Session, text: str, names: str) -> None:
    assert [row.anchor.removeprefix("order:SO-") for row in listed(session, text)] == names.split()


def test_a_row_says_what_is_wrong_and_since_when(session: Session) -> None:
    row = listed(session, "key:order:SO-1002")[0]
    assert (row.troubles, row.trouble_since_at) == (("Waits to be posted",), ago(20))
    assert row.value == Money(30_000, "GBP")


def test_the_past_has_only_what_had_begun_and_not_ended(session: Session) -> None:
    assert [row.anchor for row in listed(session, "status:open", 60)] == [
        "order:SO-1002",
        "order:SO-1001",
        "order:SO-1004",
    ]
    assert [row.anchor for row in listed(session, "", DAY + 1)] == ["order:SO-1003", "order:SO-1004"]


def test_an_order_is_taken_back_to_what_it_was(session: Session) -> None:
    facts = [
        fact_of(an_event("order.placed", id="1", at=ago(50), amount_minor=1_000, currency="GBP")),
        fact_of(an_event("order.accepted", id="2", at=ago(30))),
        fact_of(an_event("order.amended", id="3", at=ago(20), amount_minor=9_000, currency="GBP")),
        fact_of(an_event("erp.order.posted", id="4", at=ago(10))),
    ]
    an_order(
        session,
        "SO-2000",
        opened=50,
        last_at=ago(10),
        stage="erp.order.posted",
        value_minor=9_000,
        currency="GBP",
        facts=pack_facts(facts),
        event_count=len(facts),
    )
    session.flush()
    (then,) = listed(session, "key:order:SO-2000", 25)
    assert (then.stage, then.value, then.last_at) == ("order.accepted", Money(1_000, "GBP"), ago(30))
    assert [row.anchor for row in listed(session, "waiting:erp.order.posted value:<50", 25)] == ["order:SO-2000"]
    assert listed(session, "stage:erp.order.posted", 25) == []
    assert [row.anchor for row in listed(session, "stage:erp.order.posted")] == ["order:SO-2000"]


def test_paging_loses_and_repeats_nothing(session: Session) -> None:
    for place in range(7):
        an_order(session, f"P-{place}", opened=500)
    session.flush()
    converter = load_converter(session, NOW, "GBP")
    seen, after = [], None
    while True:
        page = list_orders(session, read_filter("value:<1000"), NOW, FLOW, converter, after=after, limit=2)
        seen += [row.anchor for row in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == [row.anchor for row in listed(session, "value:<1000", limit=500)]
    assert len(set(seen)) == len(seen) == 10


def found(session: Session, text: str, minutes: float = 0) -> SearchResult:
    return search(session, text, ago(minutes), FLOW)


@pytest.mark.parametrize("text", ["88121", "SO-1001", "so-1001", " order:SO-1001 ", "netsuite.salesorder:88121"])
def test_one_hit_goes_straight_there(session: Session, text: str) -> None:
    assert found(session, text).journey_id == order("SO-1001")


def test_a_shared_key_gives_its_orders_grouped(session: Session) -> None:
    result = found(session, "1z9")
    assert (result.journey_id, result.is_exact) == (None, True)
    assert [(group.namespace, len(group.hits)) for group in result.groups] == [("tracking", 2)]


def test_a_beginning_finds_but_does_not_jump(session: Session) -> None:
    result = found(session, "so-100")
    assert (result.journey_id, result.is_exact) == (None, False)
    assert [hit.anchor for hit in result.groups[0].hits] == [
        "order:SO-1002",
        "order:SO-1001",
        "order:SO-1003",
        "order:SO-1004",
    ]
    assert found(session, "inv").groups[0].hits[0].journey_id == order("SO-1002")


def test_search_as_of_a_time_knows_nothing_later(session: Session) -> None:
    assert found(session, "SO-1001", 100).groups == ()
    hit = found(session, "SO-1004", 60).groups[0].hits[0]
    assert (hit.closed_at, hit.ending) == (None, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("robin@example.com", "E-mail addresses are not kept"),
        ("9f86d081", "hash"),
        ("8121", "last digits"),
        ("x", "3 characters"),
        ("  ", "Type an order"),
        ("a\x00b", "No identifier"),
    ],
)
def test_what_would_only_guess_is_refused_with_a_reason(session: Session, text: str, reason: str) -> None:
    result = found(session, text)
    assert (result.groups, result.journey_id) == ((), None)
    assert reason in (result.refusal or "")


def test_a_whole_hash_and_a_plain_miss(session: Session) -> None:
    assert found(session, "9f86d081884c7d65").journey_id == order("SO-1002")
    miss = found(session, "ZZ-none")
    assert (miss.groups, miss.refusal) == ((), None)
    assert miss.hint
