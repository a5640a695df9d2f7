"""The pages of what waits name the keys, and an event leaves them when its order is known."""

from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.admin import rail
from app.pipeline import work_events
from tests.builders import NOW, an_event
from tests.stories.journeys import an_estate

PARCEL = (("tracking", "1Z-7"),)
KEY_PAGE = "/admin/waiting/key?key=tracking%3A1Z-7&kind=order"


def wait(session: Session) -> None:
    shipped = an_event("fulfilment.shipped", at=NOW - timedelta(hours=3), keys=PARCEL, source="/carriers/ups")
    delivered = an_event("fulfilment.delivered", at=NOW - timedelta(hours=1), keys=PARCEL, source="/carriers/ups")
    work_events(session, an_estate(), [shipped, delivered], NOW)


def test_nothing_waits(viewer: TestClient) -> None:
    assert "No event waits" in viewer.get("/admin/waiting").text


def test_list_names_key_steps_and_sender(viewer: TestClient, session: Session) -> None:
    wait(session)
    text = viewer.get("/admin/waiting").text
    for expected in ("2 events wait for their order", "for 3 h", "1Z-7", "shipped, delivered", "/carriers/ups"):
        assert expected in text
    assert KEY_PAGE.replace("&", "&amp;") in text
    assert "Nothing waits under 9X" in viewer.get("/admin/waiting?q=9X").text


def test_page_of_a_key_lists_its_events(viewer: TestClient, session: Session) -> None:
    wait(session)
    text = viewer.get(KEY_PAGE).text
    assert "tracking 1Z-7: 2 events wait, the oldest for 3 h" in text
    assert text.index("delivered") > text.index("shipped")
    later = viewer.get(f"{KEY_PAGE}&sort=latest").text
    assert later.index("delivered") < later.index("shipped")


def test_events_leave_when_their_order_is_known(viewer: TestClient, session: Session) -> None:
    wait(session)
    work_events(session, an_estate(), [an_event("fulfilment.released", keys=(("order", "SO-1"), *PARCEL))], NOW)
    assert "Nothing waits under this key any more" in viewer.get(KEY_PAGE).text
    assert "No event waits" in viewer.get("/admin/waiting").text


def test_what_can_lead_nowhere_says_so(viewer: TestClient, session: Session) -> None:
    work_events(session, an_estate(), [an_event("inventory.reserved", keys=(("sku", "A-1"),))], NOW)
    assert "no key that could lead to one" in viewer.get("/admin/waiting").text
    assert "could ever lead to an order" in viewer.get("/admin/waiting/key?key=&kind=order").text


def test_tower_counts_what_waits_beside_the_age_of_its_data(viewer: TestClient, session: Session) -> None:
    wait(session)
    assert ">2 unmatched</a>" in viewer.get("/tower").text
    assert rail.count_rows(session, NOW) == (0, 0, 2)
    assert "unmatched</a>" not in viewer.get("/orders").text


def test_what_lies_in_an_order_is_not_counted_though_a_key_of_it_leads_no_further(session: Session) -> None:
    known, other = ("tracking", "1Z-1"), ("tracking", "1Z-2")
    ordered = an_event("fulfilment.released", keys=(("order", "SO-1"), known))
    work_events(session, an_estate(), [ordered, an_event("fulfilment.delivered", keys=(known, other))], NOW)
    assert rail.count_rows(session, NOW) == (0, 0, 0)
