"""The inbox between the outside's pace and ours: appended to by receivers, taken from by workers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.core.database import raw
from app.core.telemetry import events_repeated
from app.events.event import Event, Refusal, unpack_events
from app.events.fact import Fact, fact_of, pack_facts, unpack_facts
from app.events.reasons import kind_of
from app.events.store import append_new
from app.models.events import InboxBatch, QuarantinedEvent

CHANNEL = "pharos_inbox"
BATCH_EVENTS = 1_000

# Both at once, and past the ORM: every request that brings something new pays for it.
_LEAVE = """
WITH batch AS (INSERT INTO inbox (id, received_at, event_count, facts) VALUES (%s, %s, %s, %s))
SELECT pg_notify(%s, '')
"""
# Rows that another worker has in hand are passed over.
_CLAIM = """
DELETE FROM inbox WHERE id IN (
    SELECT id FROM inbox ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED
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
    for start in range(0, len(facts), BATCH_EVENTS):
        part = facts[start : start + BATCH_EVENTS]
        raw(session).execute(_LEAVE, (uuid4(), now, len(part), pack_facts(part), CHANNEL))


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


def claim(session: Session, limit: int) -> list[Fact]:
    """Take about `limit` of the oldest waiting facts out of the inbox; a rollback puts them back."""
    facts: list[Fact] = []
    taken = 0
    while len(facts) < limit:
        # As many rows as should fill the batch, by the size of those seen so far, or of full ones.
        size = len(facts) / taken if taken else BATCH_EVENTS
        wanted = max(1, int((limit - len(facts)) / max(size, 1)))
        # In binary: as text each byte of the facts would be written as two digits, and read back.
        rows = raw(session).execute(_CLAIM, (wanted,), binary=True).fetchall()
        for count, packed, events in rows:
            facts += _facts_of(session, count, packed, events)
        taken += len(rows)
        if len(rows) < wanted:
            break
    return facts


def _facts_of(session: Session, count: int, packed: bytes | None, events: bytes | None) -> list[Fact]:
    if packed is not None:
        return unpack_facts(packed, count)
    return list(map(fact_of, append_new(session, unpack_events(events or b""))))
