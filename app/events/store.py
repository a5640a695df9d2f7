"""Stored events: appends those that are new, and reads them back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.core.database import raw
from app.events.event import Event, pack_event, unpack_event

_SEEN = """
SELECT e.uid FROM events e JOIN unnest(:days ::date[], :uids ::uuid[]) AS new (day, uid)
ON e.day = new.day AND e.uid = new.uid
"""
_COPY = "COPY events (day, uid, occurred_at, received_at, step, body) FROM STDIN (FORMAT BINARY)"
_READ = """
SELECT e.body FROM events e JOIN unnest(:days ::date[], :uids ::uuid[]) AS wanted (day, uid)
ON e.day = wanted.day AND e.uid = wanted.uid
"""


def append_new(session: Session, events: Iterable[Event]) -> list[Event]:
    """Store the events that were never seen before, and return just these.

    A repeat has the same source and id, hence the same uid and day; only events without a time of their own could
    come again on another day, so these are looked for on all days.
    """
    first: dict[UUID, Event] = {}
    for event in events:
        first.setdefault(event.uid, event)
    seen = _seen(session, list(first.values()))
    new = [event for uid, event in first.items() if uid not in seen]
    if new:
        with raw(session).cursor().copy(_COPY) as copy:
            copy.set_types(["date", "uuid", "timestamptz", "timestamptz", "text", "bytea"])
            for event in new:
                body = pack_event(event)
                copy.write_row((event.day, event.uid, event.occurred_at, event.received_at, event.step, body))
    return new


def _seen(session: Session, events: Sequence[Event]) -> set[UUID]:
    timed = [event for event in events if event.is_timed]
    untimed = [event.uid for event in events if not event.is_timed]
    found: set[UUID] = set()
    if timed:
        columns = arrays(days=[event.day.isoformat() for event in timed], uids=[event.uid for event in timed])
        found.update(session.execute(text(_SEEN), columns).scalars())
    if untimed:
        found.update(
            session.execute(text("SELECT uid FROM events WHERE uid = ANY(:uids)"), {"uids": untimed}).scalars()
        )
    return found


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
