"""Property: three workers at the same estate, side by side, reach what the oracle says, and never wait in a circle.

A normal run tries forty estates each way, always the same; PHAROS_ESTATES=500 tries as many as it says, other ones
each time.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

import app.journeys.correlate
import app.journeys.locks
from app.core.database import make_sessions, transaction
from app.events.event import Event
from app.events.partitions import ensure_days
from app.journeys.correlate import ROOM
from app.pipeline import Estate, work_events
from app.verify.run import verify
from app.worker import spread_on
from tests.builders import NOW, an_event
from tests.databases import opened_copy
from tests.oracle.export import expected_export
from tests.stories.journeys import an_estate, exported
from tests.stories.strategies import DAY_BEGINS, Arrival, arrivals

WORKERS = 3
LONG_RUN = int(os.environ.get("PHAROS_ESTATES", "0"))
KEPT = {"alembic_version", "events_other"}

pytestmark = [pytest.mark.story, pytest.mark.timeout(max(LONG_RUN, 300))]


@dataclass(frozen=True)
class Store:
    """A committed database that is emptied between examples, for a new one each time would take too long."""

    engine: Engine
    tables: str

    def empty(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {self.tables}"))

    def check(self, events: Sequence[Event]) -> None:
        """Hold what is stored against the oracle."""
        estate = an_estate()
        with make_sessions(self.engine)() as session:
            assert exported(session) == expected_export(estate.flows, events)
            assert verify(session, estate.flows, estate.retention, NOW).lines()[-1] == "no differences"


@pytest.fixture(scope="module")
def store(template: str) -> Iterator[Store]:
    with opened_copy(template) as engine:
        with transaction(make_sessions(engine)) as session:
            ensure_days(session, {DAY_BEGINS.date()}, DAY_BEGINS.date(), an_estate().retention)
            names = session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            tables = sorted(name for name in names if name not in KEPT)
        yield Store(engine, ", ".join(tables))
        with engine.connect() as connection:
            deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            assert connection.execute(text(deadlocks)).scalar_one() == 0


def never(session: Session, kind: str) -> bool:
    """As if somebody else were always at work."""
    return False


@pytest.mark.parametrize("is_ever_alone", [True, False])
@settings(
    max_examples=LONG_RUN or 40,
    derandomize=not LONG_RUN,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(arrived=arrivals(), room=st.sampled_from((0, 2, ROOM)))
def test_workers_side_by_side_export_what_the_oracle_says(
    store: Store, monkeypatch: pytest.MonkeyPatch, is_ever_alone: bool, arrived: Arrival, room: int
) -> None:
    """What leads to more than a few journeys is spread meanwhile, one journey at a time."""
    store.empty()
    if not is_ever_alone:
        monkeypatch.setattr(app.journeys.locks, "try_all", never)
    work_side_by_side(store.engine, [arrived.batches[worker::WORKERS] for worker in range(WORKERS)], room)
    store.check(arrived.events)


A, B = ("order", "A"), ("order", "B")
HALVES = [
    pytest.param([[A, ("invoice", "7")]], [[B, ("invoice", "7")]], id="a contradiction"),
    pytest.param(
        [[A, ("fulfilment", "1")], [("fulfilment", "1"), ("invoice", "7")], [("invoice", "7")]],
        [[B, ("fulfilment", "1")]],
        id="what it takes back",
    ),
    pytest.param([[("invoice", "7"), ("fulfilment", "1")]], [[("invoice", "7"), A]], id="the same new key"),
    pytest.param([[A]], [[A, ("tracking", "P")]], id="the same new journey"),
    pytest.param([[A, ("tracking", "P")]], [[("tracking", "P")]], id="a tie and what waits for it"),
    pytest.param([[A, ("tracking", "P")]], [[B, ("tracking", "P")], [("tracking", "P")]], id="a shared parcel"),
    pytest.param([[("invoice", "7")]], [[("invoice", "7"), ("fulfilment", "1")]], id="the same provisional journey"),
    pytest.param([[A, ("return", "R")]], [[("return", "R"), ("tracking", "P")]], id="an order and its return"),
]


@pytest.mark.parametrize(("one", "other"), HALVES)
def test_two_that_learn_their_halves_at_the_same_moment_decide_as_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, one: Any, other: Any
) -> None:
    """Both have read what is stored before either has its locks."""
    store.empty()
    foreseen, met = app.journeys.correlate._foreseen, Barrier(2)

    def foresee_together(session: Session, flow: Any, facts: Any, room: int) -> set[int]:
        locks = foreseen(session, flow, facts, room)
        if flow.kind == "order":
            met.wait(10)
        return locks

    monkeypatch.setattr(app.journeys.correlate, "_foreseen", foresee_together)
    monkeypatch.setattr(app.journeys.locks, "try_all", never)
    told = [
        [carrying(f"{half}{place}", keys) for place, keys in enumerate(keys)]
        for half, keys in (("a", one), ("b", other))
    ]
    work_side_by_side(store.engine, [[events] for events in told])
    store.check([event for events in told for event in events])


def carrying(name: str, keys: Sequence[tuple[str, str]]) -> Event:
    step = "return.requested" if keys[0][0] == "return" else "order.validated"
    return an_event(step, id=name, keys=tuple(keys))


def work_side_by_side(engine: Engine, hands: Sequence[Sequence[Sequence[Event]]], room: int = ROOM) -> None:
    """Let each worker take its batches one after the other, all of them at the same time."""
    sessions, start = make_sessions(engine), Barrier(len(hands))

    def work(batches: Sequence[Sequence[Event]]) -> None:
        estate = an_estate()
        ready = Estate(estate.flows, estate.retention, {DAY_BEGINS.date()}, room=room, piece=1)
        start.wait(10)
        for batch in batches:
            with transaction(sessions) as session:
                work_events(session, ready, batch, NOW)
            spread_on(sessions, ready)
        while spread_on(sessions, ready).claimed:
            pass

    with ThreadPoolExecutor(len(hands)) as threads:
        for done in [threads.submit(work, batches) for batches in hands]:
            done.result(60)
