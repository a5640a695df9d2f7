"""The inbox takes events in, wakes a worker at the commit, and can be counted."""

import msgspec
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from app.core.database import make_sessions, transaction
from app.events.event import Refusal
from app.events.fact import fact_of, unpack_facts
from app.events.inbox import CHANNEL, append_events, claim, inbox_length, quarantine
from app.events.store import all_events
from app.models.events import InboxBatch, QuarantinedEvent
from tests.builders import NOW, an_event


def test_events_are_kept_in_batches_in_order(session: Session) -> None:
    events = [an_event(id=f"e-{number}") for number in range(2_001)]
    append_events(session, events, NOW)
    rows = session.execute(select(InboxBatch.event_count, InboxBatch.facts)).all()
    assert sorted(row.event_count for row in rows) == [1, 1_000, 1_000]
    kept = [fact for row in rows for fact in unpack_facts(row.facts or b"", row.event_count)]
    assert {fact.id for fact in kept} == {event.id for event in events}
    assert inbox_length(session) == 2_001


def test_a_repeat_is_stored_once_and_left_for_nobody(session: Session) -> None:
    event, other = an_event(id="e-1"), an_event(id="e-2")
    assert append_events(session, [event], NOW) == [event]
    assert append_events(session, [event, other, other], NOW) == [other]
    assert append_events(session, [other, event], NOW) == []
    assert inbox_length(session) == 2


def test_what_the_first_release_left_waiting_is_taken(session: Session) -> None:
    event = an_event(id="old", payload=b"{}")
    packed = msgspec.msgpack.encode([event])
    session.execute(insert(InboxBatch), {"id": event.uid, "received_at": NOW, "event_count": 1, "events": packed})
    assert claim(session, 10) == [fact_of(event)]
    assert list(all_events(session)) == [[event]]


def test_nothing_is_nothing(session: Session) -> None:
    append_events(session, [], NOW)
    quarantine(session, [], "door", "sender", NOW)
    assert session.scalars(select(InboxBatch)).all() == []
    assert inbox_length(session) == 0


def test_refusals_are_kept_with_their_bytes(session: Session) -> None:
    quarantine(session, [Refusal(3, "why", b"\x00\xff", "/shop", "e-1")], "/v1/events", "middleware", NOW)
    row = session.scalars(select(QuarantinedEvent)).one()
    assert (row.door, row.sender, row.reason, row.body) == ("/v1/events", "middleware", "why", b"\x00\xff")
    assert (row.source, row.event_id, row.settled_at) == ("/shop", "e-1", None)


def test_worker_is_woken_by_the_commit(fresh_database: Engine) -> None:
    with fresh_database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        listener = connection.connection.driver_connection
        assert listener is not None
        listener.execute(f"LISTEN {CHANNEL}")
        with transaction(make_sessions(fresh_database)) as session:
            append_events(session, [an_event()], NOW)
            assert list(listener.notifies(timeout=0.05)) == []
        assert [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)] == [""]
