"""Accepted to visible: how long after the tower's 202 an order stands on an open page, and in the API, under half load."""

import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from queue import Empty, Queue
from time import perf_counter, sleep, time

import msgspec

from bench.client import Client
from bench.lives import Order, tell
from bench.load import BATCH, Load
from bench.pages import fragments_of, quantile
from bench.parcels import Parcels, wrap
from bench.tower import Tower

PREFIX = "LIVE"
_PATIENCE_SECONDS = 30.0
_SETTLE_SECONDS = 2.0
_PAUSE_SECONDS = 0.2
_EXPECTED_PROBE_SECONDS = 0.9
# The load tells of the time before the probes, so that the newest order on the page is a probe.
_BEHIND_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Live:
    """Milliseconds from the 202 of an order to where it can be read, while a load came in."""

    wanted_per_second: float
    sent_per_second: float
    probes: int
    visible_at: str
    visible_p50_ms: float
    visible_p95_ms: float
    api_p50_ms: float
    api_p95_ms: float
    longest_inbox: int


def measure_live(tower: Tower, per_second: float, probes: int) -> Live:
    """Send steadily, and between that, probes: half of them are looked for on the page, half in the API."""
    seconds = _SETTLE_SECONDS + 2 * probes * _EXPECTED_PROBE_SECONDS
    interval = BATCH / per_second
    load = Load(PREFIX, int(per_second * seconds), time() - _BEHIND_SECONDS + seconds, interval)
    parcels, steady = wrap(load, tower.folder / "live.bin"), Steady(tower, interval)
    sender = threading.Thread(target=steady.send, args=(parcels,))
    sender.start()
    sleep(_SETTLE_SECONDS)
    prober = Prober(tower)
    try:
        seen = [prober.until_visible(2 * turn) for turn in range(probes) if steady.go_on()]
        known = [prober.until_known(2 * turn + 1) for turn in range(probes)]
    finally:
        steady.stop.set()
        sender.join()
        prober.close()
    return Live(
        per_second,
        steady.per_second,
        probes,
        prober.region,
        quantile(seen, 0.5) * 1000,
        quantile(seen, 0.95) * 1000,
        quantile(known, 0.5) * 1000,
        quantile(known, 0.95) * 1000,
        steady.longest_inbox,
    )


class Steady:
    """Sends batches at even intervals for as long as they last or are wanted."""

    def __init__(self, tower: Tower, interval: float) -> None:
        self.tower, self.interval = tower, interval
        self.stop = threading.Event()
        self.per_second, self.longest_inbox = 0.0, 0

    def go_on(self) -> bool:
        return not self.stop.wait(_PAUSE_SECONDS)

    def send(self, parcels: Parcels) -> None:
        client, started, sent, turn = self.tower.sender(), perf_counter(), 0, 0
        with self.tower.connect() as connection:
            while not self.stop.wait(max(0.0, started + turn * self.interval - perf_counter())):
                taken = parcels.take()
                if taken is None:
                    break
                client.post_events(taken[1])
                sent, turn = sent + taken[0].events, turn + 1
                waiting = connection.execute("SELECT coalesce(sum(event_count), 0)::bigint FROM inbox").fetchone()
                self.longest_inbox = max(self.longest_inbox, waiting[0] if waiting else 0)
            self.per_second = sent / (perf_counter() - started)
        client.close()
