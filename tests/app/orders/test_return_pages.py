"""A return as people meet it: its page, its order's page, the search, the work-queue, and no number of orders."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.events.event import Event
from app.journeys.catalogue import load_flows
from app.metrics.catalogue import ask
from app.metrics.money import seed_rates
from app.pipeline import Estate, work_events
from tests.app.orders.journeys import shipped, told
from tests.builders import NOW, an_event

ORDER, RETURN = ("order", "SO-1001"), ("return", "R-1")
HERE = f"/orders/{journey_id('return', 'return:R-1')}"
MONEY = {"amount_minor": 4_000, "currency": "USD"}


def sent_back(*further: Event) -> list[Event]:
    """An order that was delivered in time, and its return, inspected an hour ago."""
    return [
        *shipped(3_000),
        told("fulfilment.delivered", 600, system="carrier"),
        told("invoice.posted", 2_900, system="netsuite"),
        told("return.requested", 500, keys=(RETURN, ("rma", "RMA7"), ORDER), system="shopify"),
        told("return.received", 200, keys=(("rma", "RMA7"), ("tracking", "RT-9")), system="warehouse"),
        told("return.inspected", 60, keys=(("rma", "RMA7"),), system="warehouse"),
        *further,
    ]


def refused() -> Event:
    keys, error = (RETURN, ORDER), "CARD_EXPIRED: Refund declined: card expired"
    return told("refund.issued", 40, keys=keys, outcome="failed", error=error, system="payments")


def work(session: Session, events: list[Event]) -> None:
    seed_rates(session)
    work_events(session, Estate(load_flows(), timedelta(days=90)), events, NOW)


def test_its_page_says_where_it_stands_and_leads_to_its_order(session: Session, viewer: TestClient) -> None:
    work(session, sent_back())
    page = viewer.get(HERE).text
    assert "Return R-1 · Pharos" in page
    assert "Inspected 1 h ago, nothing is wrong." in page
    assert "approve the refund" in page
    assert "Your return R-1 reached us on Monday 23 November, and we are dealing with your refund." in page
    assert f'href="/orders/{journey_id("order", "order:SO-1001")}">SO-1001</a>' in page
    assert "RT-9" in page
    for words in ("value unknown", "payment not seen", "At risk"):
        assert words not in page
    for label in ("Requested", "Received", "Refunded", "Credited"):
        assert label in page


def test_a_refused_refund_is_the_return_s_trouble_and_a_line_of_the_order(session: Session, viewer: TestClient) -> None:
    work(session, sent_back(refused()))
    page = viewer.get(HERE).text
    assert "Inspected 1 h ago, rejected by Payments once: refund declined: card expired." in page
    order = viewer.get(f"/orders/{journey_id('order', 'order:SO-1001')}").text
    assert "refund declined: card expired" in order
    assert f'href="{HERE}">R-1</a>' in order
    kinds = text("SELECT j.kind FROM exceptions x JOIN journeys j ON j.id = journey_id WHERE x.step = 'refund.issued'")
    assert set(session.execute(kinds).scalars()) == {"return"}


def test_a_refund_that_fails_for_an_order_and_names_no_return_is_not_silent(session: Session) -> None:
    lost = told("refund.issued", 40, keys=(ORDER,), outcome="failed", error="no")
    work(session, sent_back(lost))
    kinds = text("SELECT j.kind FROM exceptions x JOIN journeys j ON j.id = journey_id WHERE x.kind = 'failed'")
    assert list(session.execute(kinds).scalars()) == ["order"]


def test_it_is_in_the_work_queue_and_in_no_number_of_orders(session: Session, viewer: TestClient) -> None:
    work(session, sent_back())
    before = {name: ask(session, name, NOW).value for name in ("orders.open", "orders.late", "revenue.at_risk")}
    works_now = ask(session, "exceptions.open", NOW).value
    late = told("refund.approved", 50, keys=(RETURN,), system="middleware")
    work_events(session, Estate(load_flows(), timedelta(days=90)), [late, refused()], NOW)
    assert {name: ask(session, name, NOW).value for name in before} == before
    assert before["orders.open"] == 1
    assert ask(session, "exceptions.open", NOW).value == (works_now or 0) + 1
    queue = viewer.get("/exceptions", params={"q": "flow:return-to-refund", "view": "list"}).text
    assert "return R-1" in queue
    assert "SO-1001" not in queue
    assert "return R-1" not in viewer.get("/exceptions", params={"q": "status:late", "view": "list"}).text
    assert "R-1" not in viewer.get("/orders").text


def test_a_return_that_lies_about_is_overdue_and_puts_nothing_at_stake(session: Session) -> None:
    later = NOW + timedelta(days=9)
    work(session, sent_back())
    stakes = text("SELECT count(*) FROM exposures x JOIN journeys j ON j.id = journey_id WHERE j.kind = 'return'")
    assert session.execute(stakes).scalar_one() == 0
    by_step = ask(session, "exceptions.open", later, by=("step",))
    assert {group.by["step"]: group.value for group in by_step.groups}["refund.approved"] == 1
    assert by_step.coverage is None


@pytest.mark.parametrize(
    ("words", "kind", "anchor"),
    [("R-1", "return", "return:R-1"), ("rma7", "return", "return:R-1"), ("SO-1001", "order", "order:SO-1001")],
)
def test_search_goes_straight_to_whose_name_it_is(
    session: Session, viewer: TestClient, words: str, kind: str, anchor: str
) -> None:
    work(session, sent_back())
    found = viewer.get("/search", params={"q": words}, follow_redirects=False)
    assert found.headers["location"] == f"/orders/{journey_id(kind, anchor)}"


def test_a_parcel_that_went_and_came_back_offers_both(session: Session, viewer: TestClient) -> None:
    parcel = ("tracking", "1Z9")
    there = an_event("fulfilment.shipped", id="there", at=NOW, keys=(ORDER, parcel))
    back = an_event("return.received", id="back", at=NOW, keys=(RETURN, parcel))
    work(session, [there, back])
    page = viewer.get("/search", params={"q": "1Z9"}).text
    assert "SO-1001" in page
    assert "return R-1" in page


def test_the_interface_lists_returns_when_it_is_asked_for_them(session: Session, viewer: TestClient) -> None:
    work(session, sent_back())
    rows = viewer.get("/api/v1/journeys", params={"kind": "return"}).json()["rows"]
    assert [row["anchor"] for row in rows] == ["return:R-1"]
    by_key = viewer.get("/api/v1/journeys", params={"kind": "return", "key": "order:SO-1001"}).json()["rows"]
    assert [row["anchor"] for row in by_key] == ["return:R-1"]
