"""The API of journeys: lists, pages, CSV, one journey whole, and who may ask."""

import csv
import io
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.auth.commands import issue_token
from app.events.fact import fact_of, pack_facts
from app.models.journeys import JourneyRedirect
from tests.app.metrics.rows import a_cause, a_key, ago, an_exception, an_order, order
from tests.builders import an_event

PATH = "/api/v1/journeys"


@pytest.fixture(autouse=True)
def _orders(session: Session) -> None:
    facts = [
        fact_of(an_event("order.placed", id="1", at=ago(50), amount_minor=9_950, currency="USD")),
        fact_of(an_event("order.accepted", id="2", at=ago(30), system="middleware")),
    ]
    an_order(
        session,
        "SO-1001",
        opened=50,
        last_at=ago(30),
        value_minor=9_950,
        facts=pack_facts(facts),
        event_count=len(facts),
    )
    for place in range(3):
        an_order(session, f"SO-200{place}", opened=100 + place, channel="=cmd()")
    a_key(session, "SO-1001", "netsuite.salesorder:88121")
    a_cause(session, title="Waits to be posted to the ERP")
    an_exception(session, "SO-1001", opened=20)
    an_exception(session, "SO-1001", opened=-60, step="fulfilment.released")
    session.add(JourneyRedirect(id=order("provisional"), journey_id=order("SO-1001")))
    session.flush()


def test_a_key_leads_to_its_journey(viewer: TestClient) -> None:
    answer = viewer.get(PATH, params={"key": "netsuite.salesorder:88121"}).json()
    assert [row["anchor"] for row in answer["rows"]] == ["order:SO-1001"]
    row = answer["rows"][0]
    assert row["value"] == {"amount": "99.50", "minor": 9_950, "currency": "USD"}
    assert (row["causes"], answer["after"]) == (["Waits to be posted to the ERP"], None)


def test_lists_are_paged_by_key(viewer: TestClient) -> None:
    first = viewer.get(PATH, params={"limit": 3}).json()
    second = viewer.get(PATH, params={"limit": 3, "after": first["after"]}).json()
    anchors = [row["anchor"] for row in first["rows"] + second["rows"]]
    assert anchors == ["order:SO-1001", "order:SO-2000", "order:SO-2001", "order:SO-2002"]
    assert second["after"] is None


def test_csv_holds_every_row_and_no_formula(viewer: TestClient) -> None:
    answer = viewer.get(PATH, params={"q": "age:>90m", "format": "csv", "limit": 1})
    assert answer.headers["content-disposition"] == 'attachment; filename="journeys.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["anchor"], row["value"], row["channel"]) for row in rows] == [
        (f"order:SO-200{place}", "100.00", "'=cmd()") for place in range(3)
    ]


def test_one_journey_whole_and_by_its_redirect(viewer: TestClient) -> None:
    shown = viewer.get(f"{PATH}/{order('SO-1001')}").json()
    assert (shown["anchor"], shown["stage"]) == ("order:SO-1001", "order.accepted")
    assert list(shown["milestones"]) == ["order.placed", "order.accepted"]
    assert [(one["step"], one["closed_at"]) for one in shown["exceptions"]] == [
        ("order.accepted", "2026-11-23T11:30:00Z"),
        ("erp.order.posted", "2026-11-23T11:30:00Z"),
        ("erp.order.posted", None),
    ]
    assert [event["id"] for event in shown["events"]] == ["1", "2"]
    assert viewer.get(f"{PATH}/{order('provisional')}").json() == shown


def test_one_journey_as_it_was(viewer: TestClient) -> None:
    shown = viewer.get(f"{PATH}/{order('SO-1001')}", params={"at": ago(40).isoformat()}).json()
    assert (shown["stage"], len(shown["events"])) == ("order.placed", 1)
    assert viewer.get(f"{PATH}/{order('SO-1001')}", params={"at": ago(60).isoformat()}).status_code == 404
    known = viewer.get(f"{PATH}/{order('SO-1001')}", params={"known": ago(40).isoformat()}).json()
    assert (len(known["events"]), known["exceptions"][0]["closed_at"]) == (1, None)


def test_a_reading_token_is_enough_and_no_other(client: TestClient, session: Session) -> None:
    for scope, status in (("read", 200), ("ingest", 403)):
        secret = issue_token(session, f"for {scope}", [scope], ago(0))
        assert client.get(PATH, headers={"Authorization": f"Bearer {secret}"}).status_code == status
    assert client.get(PATH).status_code == 401


@pytest.mark.parametrize(
    ("query", "status"),
    [("q=chanel:x", 400), ("limit=501", 422), ("limit=0", 422), ("after=zzz", 400), ("at=noon", 400)],
)
def test_bad_questions(viewer: TestClient, query: str, status: int) -> None:
    answer = viewer.get(f"{PATH}?{query}")
    assert answer.status_code == status
    assert answer.json()["error"]


def test_what_does_not_exist_is_not_found(viewer: TestClient) -> None:
    assert viewer.get(f"{PATH}/{uuid4()}").status_code == 404
    assert viewer.get(f"{PATH}/SO-1001").status_code == 422
