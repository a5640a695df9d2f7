"""Intake: events a second from the first request to the last fold, beside COPY of the same rows."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import httpx
import psycopg
from sqlalchemy import Engine

from app.core.clock import utc_now
from bench.estate import Tower
from bench.workload import BATCH, batches

SENDERS = 2
BATCHES_A_MARK = 40
MOST_COPIED = 500_000


@dataclass(frozen=True, slots=True)
class Intake:
    """What went in, how fast it was folded, and how fast each tenth of it was."""

    events: int
    seconds: float
    tenths: list[float]

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def measure_intake(tower: Tower, events: int) -> Intake:
    """Send the workload as fast as it is taken, and wait until all of it is folded."""
    bodies = list(batches(events, utc_now()))  # made before the clock starts: what senders do is not ours
    marks: list[tuple[float, int]] = []
    accepted = 0
    with ThreadPoolExecutor(SENDERS) as pool, tower.sender() as client:
        started = time.perf_counter()
        for start in range(0, len(bodies), BATCHES_A_MARK):
            accepted += sum(pool.map(partial(_send, client), bodies[start : start + BATCHES_A_MARK]))
            marks.append((time.perf_counter() - started, accepted - _waiting(tower)))
        while _waiting(tower):
            time.sleep(0.02)
        seconds = time.perf_counter() - started
    marks.append((seconds, accepted))
    return Intake(accepted, seconds, _tenths(marks, accepted))


def _waiting(tower: Tower) -> int:
    return tower.ask("SELECT coalesce(sum(event_count), 0) FROM inbox")


def _send(client: httpx.Client, body: bytes) -> int:
    """Send until it is taken; returns how many events it held."""
    for _ in range(600):
        answer = client.post("/v1/events", content=body)
        if answer.status_code == 202:
            return int(answer.json()["received"])
        if answer.status_code not in (429, 503):
            answer.raise_for_status()
        time.sleep(0.2)
    raise TimeoutError("the receiver refused a batch for two minutes")


def _tenths(marks: list[tuple[float, int]], total: int) -> list[float]:
    """Seconds that each tenth of the events took, read off the marks by straight lines."""
    points = [(0.0, 0), *marks]
    ends = [_when(points, total * part / 10) for part in range(11)]
    return [later - sooner for sooner, later in pairwise(ends)]


def _when(points: list[tuple[float, int]], count: float) -> float:
    for (sooner, less), (later, more) in pairwise(points):
        if more >= count:
            return sooner + (later - sooner) * (count - less) / max(1, more - less)
    return points[-1][0]


def measure_copy(engine: Engine) -> float:
    """Rows a second of COPY of the stored rows into a table with the same partitions and index.

    In batches of the same size, each committed, by the same client library: what the receiver is measured with too.
    """
    columns = "day, uid, occurred_at, received_at, step, body"
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError("the reference needs psycopg")
        _make_table(driver)
        rows = driver.execute(f"SELECT {columns} FROM events LIMIT {MOST_COPIED}").fetchall()
        parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        started = time.perf_counter()
        for part in parts:
            with (
                driver.transaction(),
                driver.cursor().copy(f"COPY copied ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
            ):
                copy.set_types(["date", "uuid", "timestamptz", "timestamptz", "text", "bytea"])
                for row in part:
                    copy.write_row(row)
        seconds = time.perf_counter() - started
        with driver.transaction():
            driver.execute("DROP TABLE copied")
    return len(rows) / seconds


def _make_table(driver: psycopg.Connection) -> None:
    with driver.transaction():
        driver.execute("CREATE TABLE copied (LIKE events INCLUDING ALL) PARTITION BY RANGE (day)")
        for (day,) in driver.execute("SELECT DISTINCT day FROM events").fetchall():
            name = f"copied_{day:%Y%m%d}"
            driver.execute(f"CREATE TABLE {name} PARTITION OF copied FOR VALUES FROM ('{day}') TO ('{day}'::date + 1)")
