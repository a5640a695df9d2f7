"""Foreign messages through the doors: /v1/events with a mapping that takes them, and /v1/map/{name}."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.commands import issue_token
from app.events.event import STEPS, Event
from app.events.store import all_events
from app.models.events import QuarantinedEvent
from collectors.mappings.commands import save_mapping, set_mapping_enabled
from collectors.mappings.queries import shipped_examples
from tests.builders import NOW
from tests.collectors.receivers.mappings import WMS, shipment

Post = Callable[..., Response]
EVENTS, INVOICES = "/v1/events", "/v1/map/erp-invoices"
INVOICE: dict[str, Any] = {
    "document_type": "INVOICE",
    "document_number": "INV-9",
    "posted_at": "2026-11-23T11:00:00+01:00",
    "order": {"reference": "SO-1001", "number": 88121, "sales_channel": "shopify-us"},
    "state": "POSTED",
    "total_cents": 9950,
    "currency": "USD",
}


@pytest.fixture
def post(client: TestClient, session: Session) -> Post:
    token = issue_token(session, "erp", ["ingest"], NOW)
    for document in shipped_examples().values():
        save_mapping(session, document, STEPS, by="kim", at=NOW)

    def send(path: str, body: Any, **headers: str) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/cloudevents+json" if path == EVENTS else "application/json"
        return client.post(
            path, content=content, headers={"authorization": f"Bearer {token}", "content-type": kind, **headers}
        )

    return send


def stored(session: Session) -> list[Event]:
    return sorted((event for batch in all_events(session) for event in batch), key=lambda event: event.id)


def set_aside(session: Session) -> list[tuple[str, str, str, list[Any] | None]]:
    return [(row.door, row.kind, row.form, row.headers) for row in session.scalars(select(QuarantinedEvent))]


def test_foreign_event_is_taken_by_its_mapping(post: Post, session: Session) -> None:
    answer = post(EVENTS, shipment())
    assert (answer.status_code, answer.json()) == (202, {"received": 2, "quarantined": []})
    assert {event.step for event in stored(session)} == {"fulfilment.shipped"}


def test_saved_version_holds_from_the_next_request(post: Post, session: Session) -> None:
    post(EVENTS, shipment())
    document = WMS.replace("system: northwind-wms", "system: new")
    save_mapping(session, document, STEPS, by="kim", at=NOW, name="wms-shipments")
    post(EVENTS, shipment(confirmation="C-8"))
    assert [event.system for event in stored(session)] == ["northwind-wms"] * 2 + ["new"] * 2


def test_mapping_that_is_switched_off_takes_nothing(post: Post, session: Session) -> None:
    set_mapping_enabled(session, "wms-shipments", False, by="kim", at=NOW)
    answer = post(EVENTS, shipment())
    assert answer.status_code == 400
    assert "no mapping takes it" in answer.json()["error"]
    kind = "unknown step 'com.northwind.wms.shipment.confirmed'"
    assert [row[:3] for row in set_aside(session)] == [("/v1/events", kind, "structured")]


def test_binary_event_is_mapped_and_kept_in_one_piece(post: Post, session: Session) -> None:
    event = shipment()
    headers = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "time")}
    answer = post(EVENTS, event["data"], **{"content-type": "application/json", **headers})
    assert answer.json()["received"] == 2
    assert json.loads(stored(session)[0].payload)["data"] == event["data"]


def test_webhook_becomes_an_event(post: Post, session: Session) -> None:
    assert post(INVOICES, INVOICE).json() == {"received": 1, "quarantined": []}
    (event,) = stored(session)
    assert (event.step, event.id, event.source) == ("invoice.posted", "INV-9", "/v1/map/erp-invoices")
    assert (event.amount_minor, event.currency, event.outcome) == (9950, "USD", "ok")
    assert event.keys == (("order", "SO-1001"), ("invoice", "INV-9"), ("erp.salesorder", "88121"))
    assert json.loads(event.payload) == INVOICE


def test_webhook_in_gzip_is_taken(post: Post, session: Session) -> None:
    answer = post(INVOICES, gzip.compress(json.dumps(INVOICE).encode()), **{"content-encoding": "gzip"})
    assert answer.json()["received"] == 1


def test_webhook_that_the_mapping_cannot_read_is_taken_and_kept(post: Post, session: Session) -> None:
    answer = post(INVOICES, INVOICE | {"document_type": "QUOTE"})
    assert answer.status_code == 202
    (refused,) = answer.json()["quarantined"]
    assert refused["reason"].startswith("mapping 'erp-invoices', line 6, event.step: =data.document_type gives 'QUOTE'")
    assert set_aside(session) == [(INVOICES, "mapping 'erp-invoices', line 6, event.step", "raw", None)]


@pytest.mark.parametrize(("body", "encoding"), [(b"{broken", ""), (b"no gzip", "gzip")])
def test_body_that_is_no_json_is_refused_and_kept(post: Post, session: Session, body: bytes, encoding: str) -> None:
    assert post(INVOICES, body, **({"content-encoding": encoding} if encoding else {})).status_code == 400
    ((door, _, form, headers),) = set_aside(session)
    assert (door, form, headers) == (INVOICES, "raw", [["content-encoding", encoding]])


def test_unknown_name_is_not_found(post: Post, session: Session) -> None:
    assert post("/v1/map/nobody", INVOICE).status_code == 404
    assert set_aside(session) == []


def test_requests_refused_whole_are_kept_with_what_reads_them_again(post: Post, session: Session) -> None:
    batch = "application/cloudevents-batch+json"
    post(EVENTS, gzip.compress(b"{}"), **{"content-type": batch, "content-encoding": "gzip"})
    post(EVENTS, b"no gzip", **{"content-type": batch, "content-encoding": "gzip"})
    twice = {"ce-specversion": "1.0", "ce-id": "%", "content-type": "application/json"}
    post(EVENTS, b"{}", **twice)
    kept = [(form, dict(headers or [])) for _, _, form, headers in set_aside(session)]
    assert kept == [
        ("batched", {"content-type": batch}),
        ("batched", {"content-type": batch, "content-encoding": "gzip"}),
        ("binary", twice),
    ]


def test_door_takes_a_token(client: TestClient) -> None:
    assert client.post(INVOICES, json=INVOICE).status_code == 401
