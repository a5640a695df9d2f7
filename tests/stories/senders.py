"""Senders that do not give up: each batch is sent until it is taken, and what the doors answered is kept."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic, sleep

import httpx
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from tests.stories.journeys import an_estate, exported, read_events, work
from tests.stories.towers import BATCH

OVERLOADED = frozenset({429, 503})
PATIENCE_SECONDS = 120


@dataclass
class Senders:
    """Threads that share a stream of batches: when they are told to stop, each gets its last one through.

    `acknowledged` are the names of the events that were answered with 2xx; `faults` are answers that no door may give.
    """

    doors: Sequence[str]
    token: str
    bodies: Iterator[bytes]
    pause: float = 0.5
    most_wait: float = 0.5
    repeats: float = 0.1
    taken: list[bytes] = field(default_factory=list)
    answers: Counter[int | str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> list[str]:
        return sorted({f"{one['source']}|{one['id']}" for body in self.taken for one in json.loads(body)})

    def told(self) -> str:
        """What came of it, in figures."""
        answers = ", ".join(f"{count} × {answer}" for answer, count in self.answers.most_common())
        return f"{len(self.acknowledged):,} events acknowledged; {answers}; slowest answer {self.slowest:.1f} s"

    def run(self, seed: int) -> None:
        """Send one batch after the other to doors chosen at random; some that were taken are sent once more."""
        rng, headers = Random(seed), {"Authorization": f"Bearer {self.token}", **BATCH}
        with httpx.Client(headers=headers, timeout=20, trust_env=False) as client:
            while not self.stopping.is_set() and (body := self._next()) is not None:
                self._send(client, rng, body)
                if rng.random() < self.repeats:
                    self._send(client, rng, body)
                self.stopping.wait(self.pause)

    def _next(self) -> bytes | None:
        with self.lock:
            return next(self.bodies, None)

    def _send(self, client: httpx.Client, rng: Random, body: bytes) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while monotonic() < deadline:
            wait = self._try(client, rng.choice(self.doors), body)
            if wait is None:
                return
            sleep(min(wait, self.most_wait))
        self.faults.append(f"a batch was not taken in {PATIENCE_SECONDS} s")

    def _try(self, client: httpx.Client, door: str, body: bytes) -> float | None:
        """Send a batch once; returns how long to wait before the next try, or None when it was taken."""
        began = monotonic()
        try:
            answer = client.post(f"{door}/v1/events", content=body)
        except httpx.TransportError as error:
            # The process was killed: nobody knows what became of the batch.
            return self._note(type(error).__name__, 0.2)
        took = monotonic() - began
        with self.lock:
            self.slowest = max(self.slowest, took)
            if answer.status_code == 202:
                self.taken.append(body)
        if answer.status_code == 202:
            return self._note(202, None)
        if answer.status_code not in OVERLOADED or "retry-after" not in answer.headers:
            self.faults.append(f"{answer.status_code} {dict(answer.headers)} {answer.text[:200]}")
        return self._note(answer.status_code, float(answer.headers.get("retry-after", "1")))

    def _note(self, answer: int | str, wait: float | None) -> float | None:
        with self.lock:
            self.answers[answer] += 1
        return wait


@contextmanager
def sending(senders: Senders, threads: int) -> Iterator[Senders]:
    """Let so many threads send for as long as the block lasts, and wait for their last batches."""
    running = [threading.Thread(target=senders.run, args=(seed,)) for seed in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield senders
    finally:
        senders.stopping.set()
        for thread in running:
            thread.join()


def times_exported(export: bytes) -> Counter[str]:
    """How many journeys hold each event."""
    return Counter(name for line in export.splitlines() for name in json.loads(line)["events"])


def calmly_worked(session: Session, bodies: Sequence[bytes]) -> bytes:
    """What is exported of the same batches when one worker takes each event once, in peace."""
    told = {(event["source"], event["id"]): event for body in bodies for event in json.loads(body)}
    work(session, an_estate(), [read_events(told.values(), utc_now())], utc_now())
    return exported(session)
