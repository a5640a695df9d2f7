"""POST /v1/traces, /v1/metrics and /v1/logs from the outside: what is answered, and what is in the store by then."""

import gzip
import json
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from google.rpc.status_pb2 import Status
from httpx import Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from app.auth.commands import issue_token
from app.events.event import Event
from app.events.store import all_events
from app.models.events import QuarantinedEvent
from app.settings import Settings
from collectors.receivers.otlp_signals import LOGS, METRICS, SIGNALS, TRACES, Signal
from tests.builders import NOW
from tests.collectors.receivers.otlp_requests import a_gauge, a_log, a_span, in_json, in_protobuf

Post = Callable[..., Response]
PROTOBUF, JSON = "application/x-protobuf", "application/json"
GOOD = {TRACES: a_span(), LOGS: a_log(), METRICS: a_gauge("messaging.queue.depth", 5)}
WRITE = {PROTOBUF: in_protobuf, JSON: in_json}
BAD = a_span({"retail.amount.value": "5", "retail.amount.currency": "XQZ"})


@pytest.fixture
def post(client: TestClient, session: Session) -> Post:
    token = issue_token(session, "collector", ["ingest"], NOW)

    def send(body: bytes | Iterator[bytes], kind: str = PROTOBUF, path: str = "/v1/traces", **headers: str) -> Response:
        sent = {"authorization": f"Bearer {token}", "content-type": kind, **headers}
        return client.post(path, content=body, headers=sent)

    return send


def stored(session: Session) -> list[Event]:
    return sorted((event for batch in all_events(session) for event in batch), key=lambda event: event.id)


def set_aside(session: Session) -> list[QuarantinedEvent]:
    return list(session.scalars(select(QuarantinedEvent)))


def status_of(answer: Response) -> Status:
    """Read the error in whichever encoding it came."""
    if answer.headers["content-type"] == PROTOBUF:
        return Status.FromString(answer.content)
    assert answer.headers["content-type"] == JSON
    return Status(code=answer.json()["code"], message=answer.json()["message"])


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize("signal", SIGNALS, ids=[signal.name for signal in SIGNALS])
def test_every_signal_is_taken_in_both_encodings(post: Post, session: Session, signal: Signal, kind: str) -> None:
    answer = post(WRITE[kind](signal, GOOD[signal]), kind, f"/v1/{signal.name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content == (b"" if kind == PROTOBUF else b"{}")
    (event,) = stored(session)
    assert (event.source, event.received_at) == ("otlp:netsuite", NOW)
    assert set_aside(session) == []


def test_gzip_is_taken(post: Post, session: Session) -> None:
    answer = post(gzip.compress(in_protobuf(TRACES, a_span())), **{"content-encoding": "gzip"})
    assert answer.status_code == 200
    assert len(stored(session)) == 1


def test_what_can_never_be_taken_is_counted_and_kept(post: Post, session: Session) -> None:
    answer = post(in_protobuf(TRACES, a_span(), BAD, BAD))
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 2
    assert partial.error_message == (
        "2 spans refused and kept in quarantine: "
        "retail.amount: unknown currency 'XQZ': use an ISO 4217 code such as USD (2×)"
    )
    assert len(stored(session)) == 1
    kept = set_aside(session)
    assert [(row.door, row.sender) for row in kept] == [("/v1/traces", "collector")] * 2
    assert b'"retail.amount.currency"' in kept[0].body
    # What was kept, mended, is a request of its own.
    assert post(kept[0].body.replace(b"XQZ", b"USD"), JSON).json() == {}


def test_partial_success_in_json_has_its_count_as_text(post: Post) -> None:
    partial = post(in_json(TRACES, BAD), JSON).json()["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert "XQZ" in partial["errorMessage"]


def test_unknown_milestone_is_a_warning(post: Post, session: Session) -> None:
    answer = post(in_json(TRACES, a_span({"retail.milestone": "invoice.postd"})), JSON)
    assert answer.json() == {
        "partialSuccess": {
            "errorMessage": "1 span left for the unknown milestone 'invoice.postd': did you mean 'invoice.posted'?"
        }
    }
    assert (stored(session), set_aside(session)) == ([], [])


@pytest.mark.parametrize("kind", WRITE)
def test_unreadable_is_refused_and_its_beginning_kept(app: FastAPI, post: Post, session: Session, kind: str) -> None:
    app.state.settings = app.state.settings.model_copy(update={"max_event_bytes": 4})
    answer = post(b"{broken", kind)
    assert answer.status_code == 400
    assert status_of(answer).code == 3
    (kept,) = set_aside(session)
    assert status_of(answer).message.startswith(kept.reason)
    assert kept.body == b"{bro"


def test_broken_gzip_is_refused_and_kept(post: Post, session: Session) -> None:
    answer = post(b"not gzip", **{"content-encoding": "gzip"})
    assert answer.status_code == 400
    assert "broken gzip" in set_aside(session)[0].reason


@pytest.mark.parametrize(("kind", "encoding"), [("text/plain", ""), ("", ""), (PROTOBUF, "br"), (JSON, "deflate")])
def test_other_content_is_refused_with_what_is_taken(post: Post, session: Session, kind: str, encoding: str) -> None:
    answer = post(b"", kind, **({"content-encoding": encoding} if encoding else {}))
    assert answer.status_code == 415
    assert "plain or gzip" in status_of(answer).message
    assert set_aside(session) == []


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize(("scopes", "status", "code"), [(["read"], 403, 7), (None, 401, 16)])
def test_door_takes_a_token_with_the_scope(
    client: TestClient, session: Session, kind: str, scopes: list[str] | None, status: int, code: int
) -> None:
    token = issue_token(session, "reader", scopes, NOW) if scopes else "phr_wrong"
    headers = {"authorization": f"Bearer {token}", "content-type": kind}
    answer = client.post("/v1/logs", content=WRITE[kind](LOGS, a_log()), headers=headers)
    assert (answer.status_code, status_of(answer).code) == (status, code)
    assert stored(session) == []


def test_body_has_its_own_limit_before_and_after_decompression(app: FastAPI, post: Post, session: Session) -> None:
    settings: Settings = app.state.settings
    assert settings.otlp_max_body_bytes == 64 * 2**20
    span = in_protobuf(TRACES, a_span())
    beyond_events = span + in_protobuf(TRACES, {"name": "x" * (settings.max_body_bytes + 1)})
    assert post(beyond_events).status_code == 200
    piece = b"\0" * 2**20
    for body, headers in (
        (piece * 65, {}),
        ((piece for _ in range(65)), {}),
        (gzip.compress(piece * 65, 1), {"content-encoding": "gzip"}),
    ):
        answer = post(body, **headers)
        assert (answer.status_code, status_of(answer).code) == (413, 8)
        assert "67,108,864 bytes" in status_of(answer).message
    assert len(stored(session)) == 1
    assert set_aside(session) == []


def test_full_inbox_asks_to_slow_down(app: FastAPI, post: Post) -> None:
    app.state.settings = app.state.settings.model_copy(update={"inbox_limit": 0})
    assert post(in_protobuf(TRACES, a_span())).status_code == 200
    app.state.inbox_gauge.counted_at = float("-inf")
    answer = post(in_protobuf(TRACES, a_span()))
    assert (answer.status_code, status_of(answer).code) == (429, 8)
    assert int(answer.headers["retry-after"]) > 0


def dead_database() -> Session:
    raise OperationalError("select", {}, Exception("connection refused"))


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize("signal", SIGNALS, ids=[signal.name for signal in SIGNALS])
def test_dead_database_asks_to_come_again(app: FastAPI, post: Post, signal: Signal, kind: str) -> None:
    app.state.sessions = dead_database
    answer = post(WRITE[kind](signal, GOOD[signal]), kind, f"/v1/{signal.name}")
    assert (answer.status_code, status_of(answer).code) == (503, 14)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("error", [ProgrammingError("insert", {}, Exception("no table")), ZeroDivisionError()])
def test_fault_of_ours_is_never_a_500(post: Post, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("collectors.receivers.otlp.append_events", fail)
    answer = post(in_json(TRACES, a_span()), JSON)
    assert (answer.status_code, status_of(answer).code) == (503, 14)
    assert int(answer.headers["retry-after"]) > 0
    assert "insert" not in answer.text


def test_doors_are_described(admin: TestClient) -> None:
    paths = admin.get("/openapi.json").json()["paths"]
    for signal in SIGNALS:
        described = paths[f"/v1/{signal.name}"]["post"]
        assert set(described["requestBody"]["content"]) == {PROTOBUF, JSON}
        assert set(described["responses"]) == {"200", "400", "401", "403", "413", "415", "429", "503"}
        assert json.dumps(described).count("rejected") == 1
