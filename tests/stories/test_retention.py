"""Property: whenever retention drops the events of a day, journeys keep their facts, fold the same, and take what comes
later, be it a repeat of what was dropped; `verify` says what it takes on trust.

A normal run tries eighty estates, always the same; PHAROS_ESTATES=2000 tries as many as it says, other ones each time.
"""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.events.partitions import drop_before, ensure_days, existing_days
from app.events.store import all_events
from app.pipeline import Estate
from app.verify.run import verify
from tests.builders import NOW
from tests.databases import opened_copy
from tests.oracle.export import expected_export
from tests.stories.journeys import an_estate, exported, work
from tests.stories.strategies import DAY_BEGINS, Arrival, arrivals

LONG_RUN = int(os.environ.get("PHAROS_ESTATES", "0"))
DAY = DAY_BEGINS.date()
KEPT_SINCE = DAY + timedelta(days=1)

pytestmark = [pytest.mark.story, pytest.mark.timeout(max(LONG_RUN, 300))]


@pytest.fixture(scope="module")
def store(template: str) -> Iterator[Engine]:
    with opened_copy(template) as engine:
        yield engine


@settings(
    max_examples=LONG_RUN or 80,
    derandomize=not LONG_RUN,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(arrived=arrivals(), place=st.integers(0, 6))
def test_journeys_outlive_the_events_that_they_were_folded_from(store: Engine, arrived: Arrival, place: int) -> None:
    estate, before, after = an_estate(), arrived.batches[:place], arrived.batches[place:]
    with store.connect() as connection, connection.begin() as outer:
        session = Session(connection, autoflush=False, join_transaction_mode="create_savepoint")
        ensure_days(session, {DAY}, DAY, estate.retention)
        work(session, estate, before, NOW)
        drop_day(session)
        work(session, estate, [*after, *before[-1:]], NOW)
        drop_day(session)
        check(session, estate, arrived)
        outer.rollback()


def drop_day(session: Session) -> None:
    """Let retention pass over the day that everything happened on."""
    drop_before(session, KEPT_SINCE)
    assert DAY not in existing_days(session)
    assert list(all_events(session)) == []


def check(session: Session, estate: Estate, arrived: Arrival) -> None:
    assert exported(session) == expected_export(estate.flows, arrived.events)
    report = verify(session, estate.flows, timedelta(0), DAY_BEGINS + timedelta(days=1))
    assert report.kept_since == KEPT_SINCE
    assert report.lines()[-1] == "no differences"
    assert report.trusted > 0
    assert "are taken as the journeys hold them" in report.lines()[1]
