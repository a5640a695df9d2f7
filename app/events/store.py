"""Stored events: appends those that are new, and reads them back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array, arrays
from app.core.database import lock_number, savepoint
from app.events.copying import COLUMNS, copy_events
from app.events.event import Event, pack_event, unpack_event

_COPY = f"COPY events ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_INSERT = """
INSERT INTO events (day, uid, occurred_at, received_at, step, body)
SELECT * FROM unnest(%(days)s::date[], %(uids)s::uuid[], %(occurred)s::timestamptz[], %(received)s::timestamptz[],
    %(steps)s::text[], %(bodies)s::bytea[])
ON CONFLICT DO NOTHING RETURNING uid
"""
_READ = """
SELECT e.body FROM events e JOIN unnest(:days ::date[], :uids ::uuid[]) AS wanted (day, uid)
ON e.day = wanted.day AND e.uid = wanted.uid
"""


def append_new(session: Session, events: Iterable[Event]) -> list[Event]:
    """Store the events that were never seen before, and return just these.

    A repeat has the same source and id, hence the same uid and day, and the primary key finds it. Rows go in by key,
    so that two receivers which were sent the same events wait for each other in one order.
    """
    first: dict[UUID, Event] = {}
    for event in events:
        first.setdefault(event.uid, event)
    for uid in _seen_untimed(session, [event.uid for event in first.values() if not event.is_timed]):
        del first[uid]
    return _store(session, list(first.values())) if first else []


def _store(session: Session, events: list[Event]) -> list[Event]:
    """Copy the events; where some are there already insert them one by one, which tells the new ones."""
    store = _copy
    while True:
        try:
            with savepoint(session) as driver:
                return store(driver, events)
        except psycopg.errors.UniqueViolation:
            store = _insert
        except psycopg.errors.CheckViolation:
            # A day was given a partition of its own while we were on the way to the common one: go there instead.
            continue


def _copy(driver: psycopg.Connection, events: list[Event]) -> list[Event]:
    with driver.cursor().copy(_COPY) as copy:
        copy.write(copy_events(events))
    return events


def _insert(driver: psycopg.Connection, events: list[Event]) -> list[Event]:
    # In one order, as copies are.
    rows = sorted(events, key=lambda event: (event.day, event.uid.int))
    columns = arrays(
        days=[event.day.isoformat() for event in rows],
        uids=[event.uid for event in rows],
        occurred=[event.occurred_at for event in rows],
        received=[event.received_at for event in rows],
        steps=[event.step for event in rows],
        bodies=[pack_event(event) for event in rows],
    )
    new = {uid for (uid,) in driver.execute(_INSERT, columns)}
    return [event for event in events if event.uid in new]


def _seen_untimed(session: Session, uids: Sequence[UUID]) -> list[UUID]:
    """Events without a time of their own could come again on another day, so these are looked for on all days."""
    if not uids:
        return []
    locks = sorted({lock_number(f"untimed:{uid}") for uid in uids})
    session.execute(
        text("SELECT pg_advisory_xact_lock(n) FROM unnest(:locks ::bigint[]) AS n"), {"locks": array(locks)}
    )
    found = session.execute(text("SELECT uid FROM events WHERE uid = ANY(:uids ::uuid[])"), {"uids": array(uids)})
    return list(found.scalars())


def drop_events(session: Session, keys: Sequence[tuple[date, UUID]]) -> None:
    """Forget events that could not be worked, so that they can be taken in again."""
    if keys:
        columns = arrays(days=[day.isoformat() for day, _ in keys], uids=[uid for _, uid in keys])
        statement = """
            DELETE FROM events e USING unnest(:days ::date[], :uids ::uuid[]) AS gone (day, uid)
            WHERE e.day = gone.day AND e.uid = gone.uid
        """
        session.execute(text(statement), columns)


def read_events(session: Session, wanted: Sequence[tuple[date, UUID]]) -> dict[UUID, Event]:
    """Read events by day and uid; those that retention has dropped are left out."""
    columns = {"days": [day for day, _ in wanted], "uids": [uid for _, uid in wanted]}
    bodies = session.execute(text(_READ), columns).scalars()
    return {event.uid: event for event in map(unpack_event, bodies)}


def all_events(session: Session, *, chunk: int = 5_000) -> Iterator[list[Event]]:
    """Read every stored event in chunks, in the order of days and uids."""
    rows = session.execute(text("SELECT body FROM events ORDER BY day, uid").execution_options(yield_per=chunk))
    for part in rows.scalars().partitions(chunk):
        yield [unpack_event(body) for body in part]
