"""Open pages hear of changes at once, are not flooded, and let go when the server stops."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.core.clock import utc_now
from app.core.database import make_sessions, notify, transaction
from app.main import create_app
from app.settings import Settings
from app.web import live
from tests.builders import signed_in
from tests.sweeps.sources import ROOT


def test_stream_begins_with_hello_and_tells_each_topic_once() -> None:
    async def play() -> list[bytes]:
        hub = live.Hub()
        hub.open(asyncio.get_running_loop())
        stream = hub.stream(frozenset({"tower", "orders"}))
        told = [await anext(stream)]
        for _ in range(50):
            hub.publish("tower,alerts")
        hub.publish("orders")
        told += [await anext(stream), await anext(stream)]
        hub.close()
        assert [part async for part in stream] == []
        return told

    hello, *told = asyncio.run(play())
    assert hello.startswith(b"event: hello\ndata: ")
    assert [part.split(b"\n")[0] for part in told] == [b"event: orders", b"event: tower"]
    assert json.loads(told[0].split(b"data: ")[1])["at"].endswith("+00:00")


def test_busy_topic_is_told_four_times_a_second() -> None:
    async def play() -> int:
        hub = live.Hub()
        hub.open(asyncio.get_running_loop())
        stream = hub.stream(frozenset({"tower"}), longest=1.0)

        async def chatter() -> None:
            while True:
                hub.publish("tower")
                await asyncio.sleep(0.005)

        task = asyncio.create_task(chatter())
        told = [part async for part in stream if part.startswith(b"event: tower")]
        task.cancel()
        return len(told)

    assert 3 <= asyncio.run(play()) <= 5


def test_quiet_stream_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 0.01)

    async def play() -> bytes:
        stream = live.Hub().stream(frozenset())
        await anext(stream)
        return await anext(stream)

    assert asyncio.run(play()) == b": ping\n\n"


def test_page_that_goes_away_is_forgotten() -> None:
    async def play() -> int:
        hub = live.Hub()
        stream = hub.stream(frozenset({"tower"}))
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
        return len(hub._subscriptions)

    assert asyncio.run(play()) == 0


def test_after_a_gap_every_page_looks_again() -> None:
    async def play() -> bytes:
        hub = live.Hub()
        hub.open(asyncio.get_running_loop())
        stream = hub.stream(frozenset({"orders"}))
        await anext(stream)
        hub.publish("*")
        return await anext(stream)

    assert asyncio.run(play()).startswith(b"event: orders")


def test_stream_is_for_who_is_signed_in(client: TestClient) -> None:
    assert client.get("/live?topics=tower").status_code == 401


@pytest.mark.parametrize("topics", ["a b", "x" * 81, ",".join("abcdefghijklmnopqrstu")])
def test_odd_topics_are_refused(viewer: TestClient, topics: str) -> None:
    assert viewer.get("/live", params={"topics": topics}).status_code == 400


@contextmanager
def running(engine: Engine) -> Iterator[tuple[uvicorn.Server, str]]:
    """Serve the application on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(Settings(), engine), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield server, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


def test_change_in_the_database_reaches_the_page_and_the_listener_comes_back(fresh_database: Engine) -> None:
    sessions = make_sessions(fresh_database)
    with transaction(sessions) as session:
        secret, _ = signed_in(session, "viewer", utc_now())
    with running(fresh_database) as (_, address), httpx.Client(base_url=address, cookies={"pharos": secret}) as browser:
        with browser.stream("GET", "/live?topics=tower") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            assert next(lines) == "event: hello"
            with transaction(sessions) as session:
                notify(session, "orders,tower")
            started = time.monotonic()
            assert next(line for line in lines if line == "event: tower")
            assert time.monotonic() - started < 1
        assert browser.get("/readyz").json() == {"status": "ok", "faults": []}
        with fresh_database.connect() as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pharos live'"
            connection.execute(text(cut))
        deadline = time.monotonic() + 5
        states = [browser.get("/readyz").status_code]
        while states[-1] != 200 or 503 not in states:
            assert time.monotonic() < deadline, states
            states.append(browser.get("/readyz").status_code)
            time.sleep(0.02)


SERVE_AND_STOP = """
import os, signal, socket, sys, threading, time, httpx, uvicorn
from app.core.database import make_engine
from app.main import create_app
from app.settings import Settings

listening = socket.create_server(("127.0.0.1", 0))
address = f"http://127.0.0.1:{listening.getsockname()[1]}"

def watch():
    global asked
    with httpx.stream("GET", address + "/live?topics=tower", cookies={"pharos": sys.argv[2]}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: hello"
        asked = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
        list(lines)

watcher = threading.Thread(target=watch)
watcher.start()
try:
    uvicorn.Server(uvicorn.Config(create_app(Settings(), make_engine(sys.argv[1])), log_level="error")).run([listening])
except KeyboardInterrupt:
    watcher.join()
    print(time.monotonic() - asked)
"""


def test_server_stops_at_once_with_pages_open(fresh_database: Engine) -> None:
    with transaction(make_sessions(fresh_database)) as session:
        secret, _ = signed_in(session, "viewer", utc_now())
    address = fresh_database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", SERVE_AND_STOP, address, secret]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 2
