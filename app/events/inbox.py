"""The inbox between the outside's pace and ours: appended to by receivers, taken from by workers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from app.events.event import Event, Refusal, pack_events, unpack_events
from app.events.reasons import kind_of
from app.models.events import InboxBatch, QuarantinedEvent

CHANNEL = "pharos_inbox"
BATCH_EVENTS = 1_000

# At least one row, and further ones as long as the sum stays within the limit.
_CLAIM = """
DELETE FROM inbox WHERE id IN (
    SELECT id FROM (
        SELECT id, sum(event_count) OVER (ORDER BY received_at, id) - event_count AS before
        FROM (SELECT id, received_at, event_count FROM inbox ORDER BY received_at, id LIMIT :rows) AS oldest
    ) AS summed WHERE before < :limit
) RETURNING events
"""


def append_events(session: Session, events: list[Event], now: datetime) -> None:
    """Leave events for a worker and wake one when they are committed."""
    if not events:
        return
    rows = [
        {"id": uuid4(), "received_at": now, "event_count": len(part), "events": pack_events(part)}
        for part in _parts(events)
    ]
    session.execute(insert(InboxBatch), rows)
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def quarantine(session: Session, refusals: Sequence[Refusal], door: str, sender: str, now: datetime) -> None:
    """Keep what could not be understood: its reason and its bytes, until a person has looked at it."""
    rows = [
        {
            "id": uuid4(),
            "received_at": now,
            "door": door,
            "sender": sender,
            "source": refusal.source or None,
            "event_id": refusal.event_id,
            "reason": refusal.reason,
            "body": refusal.body,
            "kind": kind_of(refusal.reason),
            "form": refusal.form,
            "headers": refusal.headers,
        }
        for refusal in refusals
    ]
    if rows:
        session.execute(insert(QuarantinedEvent), rows)


def inbox_length(session: Session) -> int:
    """Count the events that wait."""
    return int(session.scalar(select(func.coalesce(func.sum(InboxBatch.event_count), 0))) or 0)


def claim(session: Session, limit: int) -> list[Event]:
    """Take about `limit` of the oldest waiting events out of the inbox; a rollback puts them back."""
    rows = session.execute(text(_CLAIM), {"limit": limit, "rows": max(1, limit)})
    return [event for packed in rows.scalars() for event in unpack_events(packed)]


def _parts(events: list[Event]) -> Iterator[list[Event]]:
    return (events[start : start + BATCH_EVENTS] for start in range(0, len(events), BATCH_EVENTS))
