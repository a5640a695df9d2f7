"""Property: whatever small estate sends its events, in whatever order, batches and repeats, the engine reaches what
the oracle says of the set of them, and `verify` finds nothing.

A normal run tries two thousand estates, always the same; PHAROS_ESTATES=2000 tries as many as it says, other ones
each time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.database import make_sessions, transaction
from app.events.partitions import ensure_days
from app.pipeline import Estate
from app.verify.run import verify
from tests.builders import NOW
from tests.databases import opened_copy
from tests.oracle.export import expected_export
from tests.stories.journeys import an_estate, exported, work
from tests.stories.strategies import DAY_BEGINS, Arrival, arrivals

Prepared = tuple[Engine, Estate]
LONG_RUN = int(os.environ.get("PHAROS_ESTATES", "0"))

pytestmark = [pytest.mark.story, pytest.mark.timeout(max(LONG_RUN, 600))]


@pytest.fixture(scope="module")
def prepared(template: str) -> Iterator[Prepared]:
    """A database whose partitions are ready, for making them costs more than all the rest."""
    estate = an_estate()
    with opened_copy(template) as engine:
        with transaction(make_sessions(engine)) as session:
            ensure_days(session, {DAY_BEGINS.date()}, DAY_BEGINS.date(), estate.retention)
        yield engine, replace(estate, days={DAY_BEGINS.date()})


def tried(estates: int, share: float = 1.0) -> settings:
    """So many estates in a normal run, always the same; a long run tries its own number of new ones."""
    return settings(
        max_examples=int(LONG_RUN * share) or estates,
        derandomize=not LONG_RUN,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@tried(1_900)
@given(arrived=arrivals())
def test_any_arrival_exports_what_the_oracle_says(prepared: Prepared, arrived: Arrival) -> None:
    engine, estate = prepared
    with rolled_back(engine) as session:
        work(session, fresh(estate), arrived.batches, NOW)
        assert exported(session) == expected_export(estate.flows, arrived.events)


@tried(300, 0.5)
@given(arrived=arrivals(), room=st.integers(0, 3), piece=st.integers(1, 2))
def test_what_is_spread_in_pieces_exports_what_the_oracle_says(
    prepared: Prepared, arrived: Arrival, room: int, piece: int
) -> None:
    """However little a batch may do at once, and whatever comes between two pieces."""
    engine, estate = prepared
    small = replace(fresh(estate), room=room, piece=piece)
    with rolled_back(engine) as session:
        work(session, small, arrived.batches, NOW)
        assert exported(session) == expected_export(estate.flows, arrived.events)
        assert verify(session, estate.flows, estate.retention, NOW).lines()[-1] == "no differences"


@tried(40, 0.1)
@given(arrived=arrivals())
def test_events_one_by_one_and_all_at_once_export_the_same(prepared: Prepared, arrived: Arrival) -> None:
    (engine, estate), events = prepared, arrived.events
    expected = expected_export(estate.flows, events)
    for batches in ([events], [[event] for event in reversed(events)]):
        with rolled_back(engine) as session:
            work(session, fresh(estate), batches, NOW)
            assert exported(session) == expected


@tried(60, 0.2)
@given(arrived=arrivals())
def test_verify_finds_nothing_after_any_arrival(prepared: Prepared, arrived: Arrival) -> None:
    engine, estate = prepared
    with rolled_back(engine) as session:
        work(session, fresh(estate), arrived.batches, NOW)
        assert verify(session, estate.flows, estate.retention, NOW).lines()[-1] == "no differences"


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection, connection.begin() as outer:
        yield Session(connection, autoflush=False, join_transaction_mode="create_savepoint")
        outer.rollback()


def fresh(estate: Estate) -> Estate:
    """An estate that remembers nothing of another transaction."""
    return Estate(estate.flows, estate.retention, set(estate.days))
