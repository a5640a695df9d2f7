"""The inbox between the outside's pace and ours: appended to by receivers, taken from by workers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from app.core.telemetry import events_repeated
from app.events.event import Event, Refusal, unpack_events
from app.events.fact import Fact, fact_of, pack_facts, unpack_facts
from app.events.store import append_new
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
) RETURNING event_count, facts, events
"""


def append_events(session: Session, events: Sequence[Event], now: datetime) -> list[Event]:
    """Store events, leave the new ones for a worker, and wake one when they are committed; returns the new ones."""
    new = append_new(session, events) if events else []
    events_repeated.add(len(events) - len(new))
    leave_for_workers(session, list(map(fact_of, new)), now)
    return new


def leave_for_workers(session: Session, facts: Sequence[Fact], now: datetime) -> None:
    """Put the facts of stored events into the inbox."""
    parts = [facts[start : start + BATCH_EVENTS] for start in range(0, len(facts), BATCH_EVENTS)]
    rows = [{"id": uuid4(), "received_at": now, "event_count": len(part), "facts": pack_facts(part)} for part in parts]
    if rows:
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
            "source": refusal.source,
            "event_id": refusal.event_id,
            "reason": refusal.reason,
            "body": refusal.body,
        }
        for refusal in refusals
    ]
    if rows:
        session.execute(insert(QuarantinedEvent), rows)


def inbox_length(session: Session) -> int:
    """Count the events that wait."""
    return int(session.scalar(select(func.coalesce(func.sum(InboxBatch.event_count), 0))) or 0)


def claim(session: Session, limit: int) -> list[Fact]:
    """Take about `limit` of the oldest waiting facts out of the inbox; a rollback puts them back."""
    facts: list[Fact] = []
    for count, packed, events in session.execute(text(_CLAIM), {"limit": limit, "rows": max(1, limit)}):
        if packed is not None:
            facts += unpack_facts(packed, count)
        else:
            facts += map(fact_of, append_new(session, unpack_events(events)))
    return facts
