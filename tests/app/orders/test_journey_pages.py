"""The page of one journey: headline, answer, keys, related orders, the past, and payloads behind their role."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.ids import event_uid, journey_id
from app.events.event import Event, Line
from app.journeys.catalogue import order_flow
from app.metrics.catalogue import ask
from app.metrics.money import seed_rates
from app.models.users import AuditEntry
from app.pipeline import Estate, work_events
from tests.app.orders.journeys import DOWN, UNKNOWN_SKU, placed, refused, shipped, told
from tests.builders import NOW, an_event

JOURNEY = journey_id("order", "order:SO-1001")
HERE = f"/orders/{JOURNEY}"
SENT = b'{"order": "SO-1001", "email": "ada@example.com", "total": "189.70"}'


def work(session: Session, *events: Event) -> None:
    work_events(session, Estate((order_flow(),), timedelta(days=90)), events, NOW)


def stuck() -> list[Event]:
    lines = (Line("WB-CANDLE-SET-3", 1, 6_400), Line("THROW-OAT-130", 1, 8_900))
    first = told("order.placed", 190, lines=lines, amount_minor=18_970, currency="USD", payload=SENT)
    return [first, *placed(190)[1:], refused(187), refused(172, attempt=2)]


def test_the_page_answers_where_why_and_what_next(session: Session, viewer: TestClient) -> None:
    seed_rates(session)
    work(session, *stuck())
    page = viewer.get(HERE).text
    assert "Paid 3 h 9 m ago, rejected by NetSuite twice: unknown SKU WB-CANDLE-SET-3." in page
    assert "2 h 55 m late" in page
    assert "Your order SO-1001 is confirmed and paid." in page
    assert "Order SO-1001 · Pharos" in page
    assert "US$189.70" in page
    assert "shipping and tax" in page
    assert "named in the error" in page
    assert f"live:journey-{JOURNEY} from:body" in page


def test_its_money_at_risk_is_the_catalogue_s(session: Session, viewer: TestClient) -> None:
    seed_rates(session)
    work(session, *stuck())
    risk = ask(session, "revenue.at_risk", NOW)
    assert isinstance(risk.value, int)
    page = viewer.get(HERE).text
    assert f"£{risk.value / 100:.2f}" in page
    assert f"£{(risk.low or 0) / 100:.2f}–£{(risk.high or 0) / 100:.2f}" in page


def test_it_stands_as_it_was_at_a_time(session: Session, viewer: TestClient) -> None:
    work(session, *stuck())
    page = viewer.get(HERE, params={"at": (NOW - timedelta(minutes=188)).isoformat()}).text
    assert "Paid 1 m ago, nothing is wrong." in page
    assert "rejected" not in page
    assert "return to now" in page


def test_what_was_known_then_is_said_to_be_so(session: Session, viewer: TestClient) -> None:
    events = stuck()
    work(session, *events)
    page = viewer.get(HERE, params={"known": (NOW - timedelta(minutes=180)).isoformat()}).text
    assert "Only what had been received by Mon 23 Nov 09:00 UTC is shown." in page
    assert "rejected by NetSuite once" in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"/orders/{event_uid('a', 'b')}", "There is no such order"),
        (f"{HERE}?at=2026-11-20T10:00Z", "There was no such order then"),
        (f"{HERE}?known=2026-11-20T10:00Z", "Nothing was known of this order then"),
    ],
)
def test_an_absent_order_is_a_404_with_a_way_out(session: Session, viewer: TestClient, path: str, words: str) -> None:
    work(session, *stuck())
    answer = viewer.get(path)
    assert answer.status_code == 404
    assert words in answer.text


def test_a_provisional_journey_says_so_and_moves_to_its_order(session: Session, viewer: TestClient) -> None:
    work(session, told("invoice.posted", 9, keys=(("invoice", "7"),)))
    old = f"/orders/{journey_id('order', 'invoice:7')}"
    page = viewer.get(old).text
    assert "No order is known for this document yet" in page
    assert "Nothing can be said yet" in page
    work(session, *placed(60), told("order.validated", 8, keys=(("order", "SO-1001"), ("invoice", "7"))))
    answer = viewer.get(old)
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)


def test_a_contended_key_is_pointed_out_with_who_claims_it(session: Session, viewer: TestClient) -> None:
    work(session, told("order.placed", 60, keys=(("order", "SO-1001"), ("invoice", "7"))))
    work(session, an_event("order.placed", keys=(("order", "SO-2"), ("invoice", "7")), at=NOW - timedelta(minutes=50)))
    page = viewer.get(HERE).text
    assert "invoice 7 is claimed by more than one order" in page
    assert f"/orders/{journey_id('order', 'order:SO-2')}" in page


def test_only_failures_are_drawn_when_asked_for(session: Session, viewer: TestClient) -> None:
    work(session, *shipped(60))
    assert "No attempt failed" in viewer.get(HERE, params={"view": "failed"}).text
    assert 'class="lanes"' in viewer.get(HERE, params={"view": "scale"}).text
    assert 'class="lanes"' in viewer.get(HERE, params={"view": "nonsense"}).text


def test_the_fragments_are_the_regions_alone(session: Session, viewer: TestClient) -> None:
    work(session, *stuck())
    assert viewer.get(f"{HERE}/_journey").text.lstrip().startswith('<div id="journey"')
    assert viewer.get(f"{HERE}/_events").text.lstrip().startswith('<section id="journey-events"')
    assert viewer.get(f"/orders/{event_uid('a', 'b')}/_journey").status_code == 404


def test_an_order_of_one_event_in_an_undeclared_system_is_shown(session: Session, viewer: TestClient) -> None:
    work(session, told("order.cancelled", 5, channel=None, system=None, connector=None))
    page = viewer.get(HERE).text
    assert "Cancelled 5 m ago." in page
    assert "value unknown" in page


def payload_path(event: Event) -> str:
    return f"{HERE}/_payload/{event.uid}"


def test_an_operator_reads_a_payload_masked_and_the_reading_is_audited(session: Session, operator: TestClient) -> None:
    events = stuck()
    work(session, *events)
    answer = operator.get(payload_path(events[0]))
    assert answer.status_code == 200
    assert "189.70" in answer.text
    assert "ada@example.com" not in answer.text
    assert "Personal data masked" in answer.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "payload.read")).one()
    assert (entry.subject, entry.details["event"]) == ("order:SO-1001", "/test|order.placed-190")


def test_a_viewer_does_not_read_payloads(session: Session, viewer: TestClient) -> None:
    events = stuck()
    work(session, *events)
    answer = viewer.get(payload_path(events[0]))
    assert answer.status_code == 403
    assert "Payloads are for operators" in answer.text
    assert "189.70" not in answer.text
    assert "Payloads are for operators" in viewer.get(HERE, params={"event": str(events[0].uid)}).text
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "payload.read")).all() == []


def test_a_payload_of_another_order_is_not_found(session: Session, operator: TestClient) -> None:
    other = an_event("order.placed", keys=(("order", "SO-2"),), payload=SENT)
    work(session, *stuck(), other)
    assert operator.get(payload_path(other)).status_code == 404


def test_text_of_events_cannot_break_the_page(session: Session, viewer: TestClient) -> None:
    work(session, *placed(60), refused(50, f"{UNKNOWN_SKU} <script>alert(1)</script>"), refused(40, DOWN))
    page = viewer.get(HERE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
