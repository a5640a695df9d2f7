"""POST /v1/events from the outside: what is answered, and what is in the store by then."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.auth.commands import issue_token
from app.events.event import Event
from app.events.store import all_events
from app.models.events import InboxBatch, QuarantinedEvent
from app.settings import Settings
from tests.builders import NOW
from tests.collectors.receivers.native_events import native, with_data

Post = Callable[..., Response]
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"


@pytest.fixture
def post(client: TestClient, session: Session) -> Post:
    token = issue_token(session, "middleware", ["ingest"], NOW)

    def send(body: Any, kind: str = SINGLE, **headers: str) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {token}", **({"content-type": kind} if kind else {}), **headers}
        return client.post("/v1/events", content=content, headers=sent)

    return send


def stored(session: Session) -> list[Event]:
    return sorted((event for batch in all_events(session) for event in batch), key=lambda event: event.id)


def set_aside(session: Session) -> list[tuple[str, str, bytes]]:
    rows = session.execute(select(QuarantinedEvent.sender, QuarantinedEvent.reason, QuarantinedEvent.body))
    return [(row.sender, row.reason, row.body) for row in rows]


def sdk_event(number: int = 17) -> CloudEvent:
    sent = native(id=f"e-{number}", time=datetime.fromisoformat(native()["time"]))
    details = sent.pop("data")
    return CloudEvent(attributes=sent | {"datacontenttype": "application/json"}, data=details)


def test_sdk_sends_in_every_mode(post: Post, session: Session) -> None:
    for number, pack in enumerate((to_structured_event, to_binary_event)):
        message = pack(sdk_event(number))
        headers = {name: value for name, value in message.headers.items() if name != "content-type"}
        answer = post(message.body, message.headers["content-type"], **headers)
        assert (answer.status_code, answer.json()) == (202, {"received": 1, "quarantined": []})
    batch = b"[" + b",".join(JSONFormat().write(sdk_event(number)) for number in (2, 3)) + b"]"
    assert post(batch, BATCH).json() == {"received": 2, "quarantined": []}
    events = stored(session)
    assert [event.id for event in events] == ["e-0", "e-1", "e-2", "e-3"]
    assert {event.amount_minor for event in events} == {9950}
    assert {event.received_at for event in events} == {NOW}


def test_lines_and_gzip_are_taken(post: Post, session: Session) -> None:
    lines = b"\n".join(json.dumps(native(id=f"e-{number}")).encode() for number in range(3))
    answer = post(gzip.compress(lines), "application/x-ndjson", **{"content-encoding": "gzip"})
    assert answer.json() == {"received": 3, "quarantined": []}
    assert len(stored(session)) == 3


def test_good_events_of_a_batch_are_kept_and_the_bad_one_named(post: Post, session: Session) -> None:
    batch = [native(id=f"e-{number}") for number in range(500)]
    batch[137] = with_data(amount={"value": "-1", "currency": "USD"})
    answer = post(batch, BATCH)
    assert answer.status_code == 202
    assert answer.json()["received"] == 499
    assert answer.json()["quarantined"] == [
        {"index": 137, "reason": "data.amount is negative (-1): send it positive; the step says which way it goes"}
    ]
    assert len(stored(session)) == 499
    assert set_aside(session) == [
        ("middleware", answer.json()["quarantined"][0]["reason"], json.dumps(batch[137]).encode())
    ]


def test_batch_of_bad_events_is_taken_and_named(post: Post, session: Session) -> None:
    answer = post([native(type="retail.order.plcaed"), native(time="1970-01-01T00:00:00Z")], BATCH)
    assert (answer.status_code, answer.json()["received"]) == (202, 0)
    assert [item["index"] for item in answer.json()["quarantined"]] == [0, 1]
    assert stored(session) == []


@pytest.mark.parametrize(
    ("body", "kind", "headers", "reason"),
    [
        (b"{broken", SINGLE, {}, "broken JSON"),
        (b'[{"id": 1}, ', BATCH, {}, "broken JSON"),
        (native(type="retail.nonsense.x"), SINGLE, {}, "unknown step"),
        (native(time="2100-01-01T00:00:00Z"), SINGLE, {}, "two years ahead"),
        (b"not gzip", SINGLE, {"content-encoding": "gzip"}, "broken gzip"),
        (b"{broken", "application/json", {"ce-specversion": "1.0", "ce-id": "1"}, "data: broken JSON"),
    ],
)
def test_unreadable_is_refused_and_kept(
    post: Post, session: Session, body: Any, kind: str, headers: dict[str, str], reason: str
) -> None:
    answer = post(body, kind, **headers)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert "quarantine" in answer.json()["hint"]
    ((sender, kept_reason, kept),) = set_aside(session)
    assert (sender, kept_reason) == ("middleware", answer.json()["error"])
    assert kept
    assert stored(session) == []


def test_other_content_types_are_refused_with_what_is_taken(post: Post, session: Session) -> None:
    answer = post(native(), "application/json")
    assert answer.status_code == 415
    assert SINGLE in answer.json()["hint"]
    assert set_aside(session) == []


@pytest.mark.parametrize(("scopes", "status"), [(["read"], 403), (None, 401)])
def test_door_takes_a_token_with_the_scope(
    client: TestClient, session: Session, scopes: list[str] | None, status: int
) -> None:
    token = issue_token(session, "reader", scopes, NOW) if scopes else "phr_wrong"
    headers = {"authorization": f"Bearer {token}", "content-type": SINGLE}
    assert client.post("/v1/events", json=native(), headers=headers).status_code == status
    assert client.post("/v1/events", json=native(), headers={"content-type": SINGLE}).status_code == 401
    assert stored(session) == []


def test_20_megabytes_are_refused(post: Post, session: Session) -> None:
    assert post(b" " * 20_000_000).status_code == 413
    assert post(gzip.compress(b" " * 20_000_000), **{"content-encoding": "gzip"}).status_code == 413
    assert set_aside(session) == []


def test_full_inbox_asks_to_slow_down(app: FastAPI, post: Post, session: Session, settings: Settings) -> None:
    app.state.settings = settings.model_copy(update={"inbox_limit": 1})
    assert post([native(id=f"e-{number}") for number in range(3)], BATCH).status_code == 202
    app.state.inbox_gauge.counted_at = float("-inf")
    answer = post(native())
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert len(stored(session)) == 3


def test_database_that_is_down_is_no_success(app: FastAPI, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("connection lost"))

    monkeypatch.setattr("collectors.receivers.cloudevents.append_events", fail)
    answer = post(native())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_webhook_sender_with_a_token_is_agreed_to(client: TestClient, session: Session) -> None:
    token = issue_token(session, "grid", ["ingest"], NOW)
    asked = {"WebHook-Request-Origin": "grid.example.com", "WebHook-Request-Rate": "120"}
    answer = client.options("/v1/events", headers=asked | {"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "grid.example.com"
    assert answer.headers["webhook-allowed-rate"] == "*"
    assert "POST" in answer.headers["allow"]
    refused = client.options("/v1/events", headers=asked)
    assert refused.status_code == 401
    assert "webhook-allowed-origin" not in refused.headers


def test_inbox_rows_are_named_apart(post: Post, session: Session) -> None:
    post([native(id=f"e-{number}") for number in range(2_500)], BATCH)
    rows = session.execute(select(InboxBatch.id, InboxBatch.event_count)).all()
    assert sorted(row.event_count for row in rows) == [500, 1_000, 1_000]
    assert all(isinstance(row.id, UUID) for row in rows)
