"""Mappings on their pages: administrators edit, operators try, viewers look; trying keeps nothing."""

import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.event import STEPS, Refusal
from app.events.inbox import quarantine
from app.models.events import InboxBatch, QuarantinedEvent
from app.models.mappings import MappingVersion, StoredMapping
from app.models.users import AuditEntry
from collectors.mappings.commands import save_mapping
from collectors.mappings.queries import find_mapping
from tests.builders import NOW
from tests.collectors.receivers.mappings import SHORT, WMS, shipment

PATH = "/admin/mappings"


@pytest.fixture
def short(session: Session) -> str:
    return save_mapping(session, SHORT, STEPS, by="kim@example.com", at=NOW)


def test_list_says_what_is_in_use_off_or_broken(viewer: TestClient, session: Session, short: str) -> None:
    assert "In use" in viewer.get(PATH).text
    row = session.get_one(StoredMapping, short)
    row.document = SHORT.replace("order.placed", "order.gone")
    text = viewer.get(PATH).text
    assert "Broken" in text
    assert "short:3: event.step: unknown step" in text
    session.get_one(StoredMapping, short).is_enabled = False
    assert "Off" in viewer.get(PATH).text
    assert "Switch o" not in viewer.get(PATH).text


def test_administrator_saves_and_every_save_is_a_version(admin: TestClient, session: Session) -> None:
    made = admin.post(PATH, data={"document": SHORT.replace("\n", "\r\n")})
    assert (made.status_code, made.headers["location"]) == (303, f"{PATH}/short")
    longer = SHORT + "  channel: web\n"
    assert admin.post(f"{PATH}/short/versions", data={"document": longer}).status_code == 303
    text = admin.get(f"{PATH}/short").text
    assert "version 2" in text
    assert "  channel: web" in text
    old = admin.get(f"{PATH}/short", params={"version": 1}).text
    assert "This is version 1 as it was" in old
    assert "  channel: web" not in old
    assert admin.post(f"{PATH}/short/restorations", data={"version": 1}).status_code == 303
    assert find_mapping(session, "short").document == SHORT
    assert "restored version 1" in admin.get(f"{PATH}/short").text


def test_faults_come_back_with_the_form(admin: TestClient, session: Session, short: str) -> None:
    answer = admin.post(PATH, data={"document": WMS.replace("=data.order_no", "=order_no"), "payload": "{}"})
    assert answer.status_code == 422
    assert "mapping:15: event.keys.order: &#39;order_no&#39; is not known here" in answer.text
    assert "order: =order_no" in answer.text
    assert "there is a mapping short already" in admin.post(PATH, data={"document": SHORT}).text
    assert "is a word of the pages" in admin.post(PATH, data={"document": SHORT.replace("short", "new")}).text
    assert session.scalars(select(func.count()).select_from(MappingVersion)).one() == 1


def test_version_that_no_longer_reads_is_not_restored(admin: TestClient, session: Session, short: str) -> None:
    session.get_one(MappingVersion, (short, 1)).document = "mapping: short\n"
    answer = admin.post(f"{PATH}/short/restorations", data={"version": 1})
    assert answer.status_code == 422
    assert "short:1: event: Field required" in answer.text


def test_switching_off_and_on(admin: TestClient, session: Session, short: str) -> None:
    for path, is_enabled in (("disablement", False), ("enablement", True)):
        assert admin.post(f"{PATH}/short/{path}").status_code == 303
        assert session.get_one(StoredMapping, short).is_enabled is is_enabled


def test_trial_shows_events_and_keeps_nothing(operator: TestClient, session: Session) -> None:
    answer = operator.post(f"{PATH}/trials", data={"document": WMS, "payload": json.dumps(shipment())})
    assert answer.status_code == 200
    assert "Read as a CloudEvent, as /v1/events would take it: 2 events." in answer.text
    assert "fulfilment.shipped · order SO-1001 · fulfilment C-7 · tracking 1Z2 · sku A-2" in answer.text
    assert "mapping: wms-shipments" in answer.text
    for table in (StoredMapping, InboxBatch, QuarantinedEvent):
        assert session.scalars(select(func.count()).select_from(table)).one() == 0


def test_trial_names_line_field_and_expression(operator: TestClient, short: str) -> None:
    document = WMS.replace("default: other", "default: ~")
    payload = json.dumps(shipment(shipped_at="soon", parcels=shipment()["data"]["parcels"][:1]))
    answer = operator.post(f"{PATH}/trials", data={"document": document, "payload": payload, "name": short})
    assert (
        "mapping &#39;wms-shipments&#39;, line 11, event.time: item 0: =data.shipped_at gives &#39;soon&#39;"
        in answer.text
    )
    assert 'value="short"' in answer.text


def test_viewer_may_look_but_not_try(viewer: TestClient, short: str) -> None:
    text = viewer.get(f"{PATH}/short").text
    assert "An operator may try a mapping" in text
    assert "Message to try it on" not in text
    assert viewer.post(f"{PATH}/trials", data={"document": SHORT, "payload": "{}"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["", *(f"/short/{noun}" for noun in ("versions", "restorations", "enablement", "disablement"))]
)
def test_operator_may_not_change(operator: TestClient, short: str, path: str) -> None:
    assert operator.post(PATH + path, data={"document": SHORT}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "path"),
    [("get", "/none"), ("get", "/short?version=9"), ("post", "/none/versions"), ("post", "/short/restorations")],
)
def test_what_does_not_exist_is_not_found(admin: TestClient, short: str, kind: str, path: str) -> None:
    assert admin.request(kind, PATH + path).status_code == 404


def test_sample_of_the_quarantine_begins_a_mapping(
    operator: TestClient, viewer: TestClient, session: Session, short: str
) -> None:
    quarantine(session, [Refusal(0, "unknown step 'x'", json.dumps(shipment()).encode())], "/v1/events", "wms", NOW)
    sample = session.scalars(select(QuarantinedEvent.id)).one()
    text = operator.get(f"{PATH}/new", params={"sample": str(sample)}).text
    assert "type: &#34;com.northwind.wms.shipment.confirmed&#34;" in text
    assert "&#34;order_no&#34;: &#34;SO-1001&#34;" in text
    assert f'<option value="{sample}">' in text
    assert "SO-1001" in operator.get(f"{PATH}/short", params={"sample": str(sample)}).text
    chosen = {"document": WMS, "payload": "old", "sample": str(sample), "use": "sample"}
    tried = operator.post(f"{PATH}/trials", data=chosen).text
    assert "as /v1/events would take it: 2 events" in tried
    assert f'<option value="{sample}" selected>' in tried
    assert "SO-1001" not in viewer.get(f"{PATH}/new", params={"sample": str(sample)}).text
    reads = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "quarantine.read")).all()
    assert reads == [str(sample)] * 3


def test_examples_are_where_to_begin(viewer: TestClient) -> None:
    assert "There is no mapping yet" in viewer.get(PATH).text
    assert "mapping: erp-invoices" in viewer.get(f"{PATH}/new", params={"example": "erp-invoices"}).text
    assert "mapping: my-mapping" in viewer.get(f"{PATH}/new").text
