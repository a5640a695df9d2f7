"""HTTP to committed and folded: how fast a load goes in, and what an event costs at its start and at its end."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter, sleep

from bench.parcels import Parcels
from bench.tower import Tower
from bench.usage import Processor

SENDERS = 2
PARTS = 10
_EVERY_SECONDS = 0.1
_LONGEST_SECONDS = 3_600.0
_WAITING = "SELECT coalesce(sum(event_count), 0) FROM inbox"


@dataclass(frozen=True, slots=True)
class Reading:
    """At a moment: events folded so far, and processor seconds spent on it by the worker and its backends."""

    at: float
    folded: float
    spent: float


@dataclass(frozen=True, slots=True)
class Intake:
    """How a load went in; the parts are tenths of it, in seconds and processor microseconds an event."""

    events: int
    seconds: float
    sent_seconds: float
    pauses: int
    longest_inbox: int
    part_seconds: list[float]
    part_microseconds: list[float]

    @property
    def per_second(self) -> float:
        return self.events / self.seconds

    @property
    def growth(self) -> float:
        """Cost of an event in the last tenth against the second one: the first also makes partitions and caches."""
        return self.part_microseconds[-1] / self.part_microseconds[1]


@dataclass
class Progress:
    """What the senders have been told is taken in; two threads add to it."""

    taken: int = 0
    pauses: int = 0
    sent_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, events: int, pauses: int) -> None:
        with self.lock:
            self.taken += events
            self.pauses += pauses
            self.sent_at = perf_counter()


def measure_intake(tower: Tower, parcels: Parcels) -> Intake:
    """Send everything with two senders, and watch until the last event is folded."""
    progress, readings, longest = Progress(), [], 0
    processor = Processor(tower)
    with tower.connect() as connection, ThreadPoolExecutor(SENDERS) as pool:
        started = perf_counter()
        readings.append(Reading(started, 0, processor.read(connection)))
        senders = [pool.submit(_send, tower, parcels, progress) for _ in range(SENDERS)]
        while readings[-1].folded < parcels.events:
            taken = progress.taken
            waiting = int(connection.execute(_WAITING).fetchone()[0])  # type: ignore[index]  # a sum is one row
            longest = max(longest, waiting)
            readings.append(Reading(perf_counter(), max(taken - waiting, 0), processor.read(connection)))
            _check(senders, started)
            sleep(_EVERY_SECONDS)
    seconds, microseconds = cost_by_part(readings, parcels.events)
    elapsed = readings[-1].at - started
    return Intake(parcels.events, elapsed, progress.sent_at - started, progress.pauses, longest, seconds, microseconds)


def cost_by_part(readings: Sequence[Reading], events: int) -> tuple[list[float], list[float]]:
    """Seconds, and processor microseconds an event, of each tenth of the load."""
    steps = [readings[0]]
    steps += [new for new in readings[1:] if new.folded > max(one.folded for one in steps[-1:])]
    marks = [_mark(steps, events * part / PARTS) for part in range(PARTS + 1)]
    seconds = [new.at - old.at for old, new in zip(marks, marks[1:], strict=False)]
    spent = [(new.spent - old.spent) * 1e6 * PARTS / events for old, new in zip(marks, marks[1:], strict=False)]
    return seconds, spent


def _mark(steps: Sequence[Reading], folded: float) -> Reading:
    """When so many events were folded, in a straight line between two commits."""
    for old, new in zip(steps, steps[1:], strict=False):
        if new.folded >= folded:
            share = (folded - old.folded) / (new.folded - old.folded)
            return Reading(old.at + share * (new.at - old.at), folded, old.spent + share * (new.spent - old.spent))
    return steps[-1]


def _send(tower: Tower, parcels: Parcels, progress: Progress) -> None:
    client = tower.sender()
    while taken := parcels.take():
        parcel, body = taken
        progress.add(parcel.events, client.post_events(body))
    client.close()


def _check(senders: Sequence[object], started: float) -> None:
    for sender in senders:
        if sender.done() and (error := sender.exception()):  # type: ignore[attr-defined]
            raise error
    if perf_counter() - started > _LONGEST_SECONDS:
        raise RuntimeError("the load was not worked off within an hour")
