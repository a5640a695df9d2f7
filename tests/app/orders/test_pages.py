"""The order list, the search, and the way to an order by its keys."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.events.event import Event
from app.journeys.catalogue import order_flow
from app.pipeline import Estate, work_events
from tests.app.orders.journeys import placed, refused, shipped, told
from tests.builders import NOW, an_event

HERE = f"/orders/{journey_id('order', 'order:SO-1001')}"


def work(session: Session, *events: Event) -> None:
    work_events(session, Estate((order_flow(),), timedelta(days=90)), events, NOW)


def another(name: str, minutes: float) -> Event:
    at = NOW - timedelta(minutes=minutes)
    return an_event("order.placed", id=name, at=at, keys=(("order", name),), amount_minor=500, currency="GBP")


def test_the_list_shows_orders_newest_first_with_what_is_wrong(session: Session, viewer: TestClient) -> None:
    work(session, *placed(190), refused(187), another("NEW-1", 1))
    page = viewer.get("/orders").text
    assert page.index("NEW-1") < page.index("SO-1001")
    assert "Unknown SKU" in page
    assert "Shopify US" in page
    assert f'id="order-{journey_id("order", "order:SO-1001")}"' in page
    assert 'hx-trigger="live:orders from:body"' in page


def test_the_fragment_is_the_list_alone(session: Session, viewer: TestClient) -> None:
    work(session, another("NEW-1", 1))
    part = viewer.get("/orders/_list").text
    assert part.lstrip().startswith('<section id="orders-list"')
    assert "NEW-1" in part


def test_the_list_looks_back(session: Session, viewer: TestClient) -> None:
    work(session, *placed(190), another("NEW-1", 1))
    page = viewer.get("/orders", params={"at": (NOW - timedelta(minutes=30)).isoformat()}).text
    assert "SO-1001" in page
    assert "NEW-1" not in page
    assert "return to now" in page


def test_a_filter_narrows_and_a_wrong_one_comes_back_with_a_suggestion(session: Session, viewer: TestClient) -> None:
    work(session, *placed(190), refused(187), another("NEW-1", 1))
    fitting = viewer.get("/orders", params={"q": "status:exception"}).text
    assert "SO-1001" in fitting
    assert "NEW-1" not in fitting
    wrong = viewer.get("/orders", params={"q": "stats:late"})
    assert wrong.status_code == 422
    assert "Did you mean status:open?" in wrong.text
    assert 'value="stats:late"' in wrong.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No order yet"),
        ("?q=channel:x", "No order fits this filter"),
        ("?at=2026-11-20T10:00Z", "No order had been"),
    ],
)
def test_an_empty_list_says_why(viewer: TestClient, query: str, words: str) -> None:
    assert words in viewer.get(f"/orders{query}").text


def test_pages_lead_to_older_orders(session: Session, viewer: TestClient) -> None:
    work(session, *(another(f"N-{number:03}", number) for number in range(1, 61)))
    first = viewer.get("/orders").text
    assert "N-050" in first
    assert "N-051" not in first
    href = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    older = viewer.get(href).text
    assert "N-051" in older
    assert "N-050" not in older
    assert "live:orders" not in older


def test_an_exact_identifier_goes_straight_to_its_page(session: Session, viewer: TestClient) -> None:
    work(session, *placed(60), told("erp.order.posted", 50, keys=(("order", "SO-1001"), ("netsuite.salesorder", "88"))))
    for text in ("SO-1001", "so-1001", "88", " netsuite.salesorder:88 "):
        answer = viewer.get("/search", params={"q": text})
        assert (answer.status_code, answer.headers["location"]) == (303, HERE)


def test_several_hits_are_grouped_and_none_is_explained(session: Session, viewer: TestClient) -> None:
    work(session, another("SO-2001", 5), another("SO-2002", 4))
    several = viewer.get("/search", params={"q": "SO-200"}).text
    assert "SO-2001" in several
    assert "SO-2002" in several
    assert "Nothing is called zzz" in viewer.get("/search", params={"q": "zzz"}).text


def test_search_says_what_waits_under_a_number_that_leads_to_no_order(session: Session, viewer: TestClient) -> None:
    parcel = (("tracking", "1Z-7"),)
    work(session, an_event("fulfilment.shipped", keys=parcel), an_event("fulfilment.delivered", keys=parcel))
    text = viewer.get("/search", params={"q": "1Z-7"}).text
    assert "No order yet; 2 events wait under tracking 1Z-7" in text
    assert 'href="/admin/waiting/key?key=tracking%3A1Z-7&amp;kind=order"' in text
    assert "Nothing is called" not in text


def test_a_mail_address_is_refused_with_a_reason(viewer: TestClient) -> None:
    assert "E-mail addresses are not kept" in viewer.get("/search", params={"q": "ada@example.com"}).text


def test_a_key_in_the_address_leads_to_its_order(session: Session, viewer: TestClient) -> None:
    work(session, *shipped(60), told("order.validated", 59, keys=(("order", "SO-1001"), ("invoice", "7/8"))))
    assert viewer.get("/orders/by-key/invoice/7/8").headers["location"] == HERE
    assert viewer.get("/orders/by-key/invoice/9").status_code == 404
    assert viewer.get("/orders/SO-1001").headers["location"] == "/search?q=SO-1001"


def test_nobody_gets_in_without_signing_in(client: TestClient) -> None:
    for path in ("/orders", "/search?q=x", HERE):
        assert client.get(path).headers["location"].startswith("/sign-in")
