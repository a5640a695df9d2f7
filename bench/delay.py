"""Delay: how soon an accepted event is seen on an open page, and by a rule, while others send."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
from sqlalchemy import text

from app.core.clock import utc_now
from bench.estate import Tower
from bench.ruling import rules_beside
from bench.times import Times, times_of
from bench.workload import batches

SAMPLES = 30
LONGEST_SECONDS = 60
# One order in trouble, in a channel of its own, is enough for an alert.
WATCH = {"metric": "exceptions.open", "by": ["channel"], "when": {"above": 0}}
FIRED = text("SELECT count(*) FROM alerts WHERE rule = 'bench-0' AND labels ->> 'channel' = :channel")


def measure_visible(tower: Tower, rate: float) -> Times:
    """From the 202 of an order's event to its row on an open page, while others send at `rate` a second."""
    with _load(tower, rate):
        return times_of([_until_seen(tower, number) for number in range(SAMPLES)])


def measure_ruled(tower: Tower, rate: float) -> Times:
    """From the 202 of a failure to the alert of a rule that watches for it, under the same load."""
    with rules_beside(tower, [WATCH]), _load(tower, rate):
        return times_of([_until_fired(tower, number) for number in range(SAMPLES)])


@contextmanager
def _load(tower: Tower, rate: float) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_send_at, args=(tower, rate, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _send_at(tower: Tower, rate: float, stop: threading.Event) -> None:
    with tower.sender() as client:
        mark, due = f"L{time.time_ns()}-", time.monotonic()  # other orders than those of other loads
        for body in batches(10**7, utc_now(), seed=int(time.time())):
            told = json.loads(body)
            for event in told:
                event["id"], event["source"] = mark + event["id"], "/bench/load"
                event["data"]["keys"] = {name: mark + value for name, value in event["data"]["keys"].items()}
            client.post("/v1/events", content=json.dumps(told).encode())
            due += len(told) / rate
            if stop.wait(max(0.0, due - time.monotonic())):
                return


def _until_seen(tower: Tower, number: int) -> float:
    name = f"SEEN-{number:03d}-{time.monotonic_ns()}"
    with closing(tower.viewer()) as page, page.stream("GET", "/live", params={"topics": "orders"}) as stream:
        heard = stream.iter_lines()
        next(line for line in heard if line.startswith("event:"))
        _send(tower, name, "shopify-us")
        accepted = time.perf_counter()
        for line in heard:
            if line == "event: orders" and _is_listed(tower, page, name):
                return time.perf_counter() - accepted
    raise RuntimeError("the stream ended before the order was seen")


def _until_fired(tower: Tower, number: int) -> float:
    channel = f"watched-{number}"
    _send(tower, f"FAIL-{number:03d}-{time.monotonic_ns()}", channel, outcome="failed", error="500: broken")
    accepted = time.perf_counter()
    while (waited := time.perf_counter() - accepted) < LONGEST_SECONDS:
        with tower.engine.connect() as connection:
            if connection.execute(FIRED, {"channel": channel}).scalar():
                return waited
        time.sleep(0.02)
    raise RuntimeError("no rule saw the failure within a minute")


def _send(tower: Tower, name: str, channel: str, **more: Any) -> None:
    event = {
        "specversion": "1.0",
        "id": name,
        "source": "/bench/seen",
        "type": "retail.order.placed",
        "time": utc_now().isoformat(),
        "data": {"keys": {"order": name}, "channel": channel, "amount": {"value": "10", "currency": "USD"}, **more},
    }
    with tower.sender() as sender:
        sender.post("/v1/events", content=json.dumps([event]).encode()).raise_for_status()


def _is_listed(tower: Tower, page: httpx.Client, name: str) -> bool:
    answer = httpx.get(f"{tower.url}/orders/_list", cookies=dict(page.cookies), trust_env=False, timeout=30)
    return name in answer.text
