"""Reading: how long pages take, and how soon an accepted event is seen on an open page."""

import json
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from math import ceil

import httpx

from app.core.clock import utc_now
from bench.estate import Tower
from bench.workload import batches

REQUESTS = 60
WARM_UP = 5
SAMPLES = 30


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: the middle and the slow end."""

    p50: float
    p95: float


def times_of(seconds: list[float]) -> Times:
    """Median and 95th percentile of durations, in milliseconds."""
    ordered = sorted(seconds)
    return Times(*(round(1000 * ordered[ceil(len(ordered) * share) - 1], 1) for share in (0.5, 0.95)))


def measure_pages(tower: Tower) -> dict[str, Times]:
    """Ask for each page many times, one after the other, over loopback; the worker is idle meanwhile."""
    with closing(tower.viewer()) as client:
        found = client.get("/search", params={"q": "NET-0000007"}, follow_redirects=False)
        paths = {
            "/tower": "/tower",
            "/tower/_strip": "/tower/_strip",
            "/tower/_map": "/tower/_map",
            "/tower?at=": f"/tower?at={utc_now().replace(microsecond=0).isoformat().replace('+00:00', 'Z')}",
            "/exceptions": "/exceptions",
            "/orders": "/orders",
            "/orders/{id}": found.headers["location"],
            "/queues": "/queues",
            "/connectors": "/connectors",
            "/search?q=<ERP number>": "/search?q=NET-0000009",
        }
        return {name: times_of(_ask(client, path)) for name, path in paths.items()}


def _ask(client: httpx.Client, path: str) -> list[float]:
    taken = []
    for number in range(REQUESTS + WARM_UP):
        started = time.perf_counter()
        answer = client.get(path, follow_redirects=False)
        if number >= WARM_UP:
            taken.append(time.perf_counter() - started)
        if answer.status_code not in (200, 303):
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return taken


def measure_visible(tower: Tower, rate: float) -> Times:
    """From the 202 of an order's event to its row on an open page, while others send at `rate` a second."""
    stop = threading.Event()
    load = threading.Thread(target=_send_at, args=(tower, rate, stop))
    load.start()
    try:
        return times_of([_until_seen(tower, number) for number in range(SAMPLES)])
    finally:
        stop.set()
        load.join()


def _send_at(tower: Tower, rate: float, stop: threading.Event) -> None:
    with tower.sender() as client:
        due = time.monotonic()
        for body in batches(10**7, utc_now(), seed=int(time.time())):
            told = json.loads(body)
            for event in told:
                event["id"], event["source"] = f"load-{event['id']}", "/bench/load"
                event["data"]["keys"] = {name: f"L{value}" for name, value in event["data"]["keys"].items()}
            client.post("/v1/events", content=json.dumps(told).encode())
            due += len(told) / rate
            if stop.wait(max(0.0, due - time.monotonic())):
                return


def _until_seen(tower: Tower, number: int) -> float:
    name = f"SEEN-{number:03d}-{time.monotonic_ns()}"
    event = {
        "specversion": "1.0",
        "id": name,
        "source": "/bench/seen",
        "type": "retail.order.placed",
        "time": utc_now().isoformat(),
        "data": {"keys": {"order": name}, "channel": "shopify-us", "amount": {"value": "10", "currency": "USD"}},
    }
    with closing(tower.viewer()) as page, page.stream("GET", "/live", params={"topics": "orders"}) as stream:
        heard = stream.iter_lines()
        next(line for line in heard if line.startswith("event:"))
        with tower.sender() as sender:
            sender.post("/v1/events", content=json.dumps([event]).encode()).raise_for_status()
        accepted = time.perf_counter()
        for line in heard:
            if line == "event: orders" and _is_listed(tower, page, name):
                return time.perf_counter() - accepted
    raise RuntimeError("the stream ended before the order was seen")


def _is_listed(tower: Tower, page: httpx.Client, name: str) -> bool:
    answer = httpx.get(f"{tower.url}/orders/_list", cookies=dict(page.cookies), trust_env=False, timeout=30)
    return name in answer.text
