"""Large bodies are read one at a time, and each costs little more than its own size."""

import asyncio
import gzip
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.auth.commands import issue_token
from app.core.errors import UnavailableError
from collectors.receivers import turns
from collectors.receivers.access import unpack
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_reading import Rules
from collectors.receivers.otlp_signals import TRACES, Encoding
from collectors.receivers.turns import LARGE_BYTES, Turn
from tests.builders import NOW

MIB = 1024 * 1024
SPAN = b'{"name":"checkout","attributes":[{"key":"db.statement","value":{"stringValue":"%s"}}]}' % (b"x" * 600)
NOTHING = b'{"resourceSpans":[' + b" " * (LARGE_BYTES + MIB) + b"]}"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0.1)


@pytest.fixture
def ingest(client: TestClient, session: Session) -> TestClient:
    client.headers["Authorization"] = f"Bearer {issue_token(session, 'collector', ['ingest'], NOW)}"
    return client


@pytest.fixture
def busy(app: FastAPI) -> Iterator[threading.Lock]:
    """Another large body is in hand."""
    lock: threading.Lock = app.state.large_bodies
    with lock:
        yield lock


def test_the_next_turn_begins_when_the_last_is_given_back() -> None:
    first, second = Turn(lock := threading.Lock()), Turn(lock)
    first.take()
    threading.Timer(0.05, first.give_back).start()
    second.take()
    assert lock.locked()
    second.give_back()
    assert not lock.locked()


@pytest.mark.usefixtures("impatient")
def test_who_waits_too_long_comes_again() -> None:
    Turn(lock := threading.Lock()).take()
    for wait in (Turn(lock).take, lambda: asyncio.run(Turn(lock).take_unread())):
        with pytest.raises(UnavailableError, match="another large body"):
            wait()


@pytest.mark.usefixtures("impatient", "busy")
@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
def test_a_second_large_body_is_put_off(ingest: TestClient, is_packed: bool) -> None:
    assert send(ingest, is_packed) == (503, True)


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
def test_a_large_body_gives_its_turn_back(ingest: TestClient, app: FastAPI, is_packed: bool) -> None:
    for _ in range(2):
        assert send(ingest, is_packed) == (200, False)
    assert not app.state.large_bodies.locked()


@pytest.mark.usefixtures("impatient", "busy")
def test_small_bodies_wait_for_nobody(ingest: TestClient) -> None:
    assert ingest.post("/v1/traces", content=b"{}", headers={"Content-Type": "application/json"}).status_code == 200


def send(client: TestClient, is_packed: bool) -> tuple[int, bool]:
    headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if is_packed else {})}
    body = gzip.compress(NOTHING, 1, mtime=0) if is_packed else NOTHING
    answer = client.post("/v1/traces", content=body, headers=headers)
    return answer.status_code, "retry-after" in answer.headers


def test_a_bomb_costs_little_more_than_what_it_unpacks_to() -> None:
    bomb = gzip.compress(bytes(32 * MIB), 1, mtime=0)
    assert peak(lambda: unpack(bomb, "gzip", 64 * MIB)) < 1.4 * 32 * MIB


def test_reading_telemetry_costs_far_less_than_it_is_large() -> None:
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b",".join([SPAN] * 40_000) + b"]}]}]}"
    assert peak(lambda: normalise(TRACES, Encoding.JSON, body, Rules(frozenset()), NOW)) < len(body) / 2


def peak(work: Callable[[], object]) -> int:
    """The most memory that is taken at one time, as Python counts it: the same on every machine."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
