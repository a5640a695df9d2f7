"""The worker tells a database in trouble, which it waits for, from an event that cannot be worked."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, exc, text
from sqlalchemy.orm import Session

import app.pipeline
import app.worker
from app.core.database import make_sessions, transaction
from app.events.inbox import append_events, inbox_length
from app.journeys.catalogue import load_flows
from app.pipeline import Estate, work_singly
from app.worker import work_off
from tests.builders import NOW, an_event

BAD = "bad"


@pytest.fixture
def estate() -> Estate:
    return Estate(load_flows(), timedelta(days=90))


def wait_in_inbox(engine: Engine, *ids: str) -> None:
    with transaction(make_sessions(engine)) as session:
        append_events(session, [an_event(id=one, keys=(("order", one),)) for one in ids], NOW)


def failing(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Let the store answer like this whenever the bad event is among those that are worked."""
    correlate = app.pipeline.correlate

    def fail(session: Session, flow: Any, facts: Any, room: int) -> Any:
        if any(fact.id == BAD for fact in facts):
            session.execute(text(statement))
        return correlate(session, flow, facts, room)

    monkeypatch.setattr(app.pipeline, "correlate", fail)


def counted(engine: Engine) -> tuple[int, int, int]:
    """How many events wait, how many were set aside, and how many journeys there are."""
    with engine.connect() as connection, Session(connection) as session:
        of = "SELECT (SELECT count(*) FROM quarantine), (SELECT count(*) FROM journeys)"
        return inbox_length(session), *session.execute(text(of)).one()


@pytest.mark.parametrize("code", ["53100", "57P01", "40P01"])
def test_a_database_in_trouble_sets_no_event_aside(
    fresh_database: Engine, monkeypatch: pytest.MonkeyPatch, estate: Estate, code: str
) -> None:
    wait_in_inbox(fresh_database, "1", BAD, "3")
    failing(monkeypatch, f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$")
    sessions = make_sessions(fresh_database)
    with pytest.raises(exc.OperationalError):
        work_off(sessions, estate, 100)
    with pytest.raises(exc.OperationalError), transaction(sessions) as session:
        work_singly(session, estate, 100, NOW)
    assert counted(fresh_database) == (3, 0, 0)
    monkeypatch.undo()
    work_off(sessions, estate, 100)
    assert counted(fresh_database) == (0, 0, 3)


def test_an_event_that_cannot_be_worked_is_set_aside_alone(
    fresh_database: Engine, monkeypatch: pytest.MonkeyPatch, estate: Estate
) -> None:
    wait_in_inbox(fresh_database, "1", BAD, "3")
    failing(monkeypatch, "SELECT 1 / 0")
    work_off(make_sessions(fresh_database), estate, 100)
    assert counted(fresh_database) == (0, 1, 2)


def test_nobody_else_is_at_work_while_events_are_worked_one_by_one(
    fresh_database: Engine, monkeypatch: pytest.MonkeyPatch, estate: Estate
) -> None:
    """What the first event wrote is locked while the second looks for its locks: side by side that would deadlock."""
    wait_in_inbox(fresh_database, "1", "2")
    shared = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND objsubid = 1"
    with transaction(make_sessions(fresh_database)) as session:
        work_singly(session, estate, 100, NOW)
        assert session.execute(text(shared)).scalar_one() >= len(estate.flows)
