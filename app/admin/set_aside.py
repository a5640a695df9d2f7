"""Reads of what could not be understood: groups, their members, one refusal with its bytes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.core.paging import Page, cut_page, read_cursor
from app.models.events import InboxBatch, QuarantinedEvent

PAGE_ROWS = 50
MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class RefusalGroup:
    """Refusals of one sender for one reason."""

    reason: str
    sender: str
    door: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that was set aside; the bytes come only with the single one."""

    id: UUID
    received_at: datetime
    door: str
    sender: str
    source: str | None
    event_id: str | None
    reason: str
    size: int
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class TroubledBatch:
    """A batch of the inbox whose last digestion failed."""

    id: UUID
    received_at: datetime
    event_count: int
    failures: int


def refusal_groups(session: Session) -> list[RefusalGroup]:
    """Group what is open by reason and sender, the latest first."""
    columns = (QuarantinedEvent.reason, QuarantinedEvent.sender, QuarantinedEvent.door)
    received_at = QuarantinedEvent.received_at
    latest = func.max(received_at)
    rows = session.execute(
        select(*columns, func.count(), func.min(received_at), latest)
        .where(QuarantinedEvent.settled_at.is_(None))
        .group_by(*columns)
        .order_by(latest.desc(), *columns)
        .limit(MOST_GROUPS)
    )
    return [RefusalGroup(*row) for row in rows]


def refusals(session: Session, reason: str, sender: str, after: str | None) -> Page[Refused]:
    """List the members of a group, the latest first."""
    place = (QuarantinedEvent.received_at, QuarantinedEvent.id)
    wanted = (
        select(*_COLUMNS)
        .where(QuarantinedEvent.settled_at.is_(None))
        .where(QuarantinedEvent.reason == reason, QuarantinedEvent.sender == sender)
        .order_by(place[0].desc(), place[1].desc())
        .limit(PAGE_ROWS + 1)
    )
    if after:
        at, last = read_cursor(after, 2)
        wanted = wanted.where(tuple_(*place) < (datetime.fromisoformat(at), UUID(last)))
    rows = [Refused(*row) for row in session.execute(wanted)]
    return cut_page(rows, PAGE_ROWS, lambda row: (row.received_at.isoformat(), str(row.id)))


def find_refusal(session: Session, refusal_id: UUID) -> Refused:
    """Read one refusal with its bytes."""
    wanted = select(*_COLUMNS, QuarantinedEvent.body).where(QuarantinedEvent.id == refusal_id)
    row = session.execute(wanted).first()
    if row is None:
        raise NotFoundError("there is nothing of that name in quarantine", "It may have been taken in since")
    return Refused(*row)


def troubled_batches(session: Session) -> list[TroubledBatch]:
    """List the batches of the inbox that could not be digested so far."""
    columns = (InboxBatch.id, InboxBatch.received_at, InboxBatch.event_count, InboxBatch.failures)
    rows = session.execute(
        select(*columns).where(InboxBatch.failures > 0).order_by(InboxBatch.received_at).limit(PAGE_ROWS)
    )
    return [TroubledBatch(*row) for row in rows]


_COLUMNS = (
    QuarantinedEvent.id,
    QuarantinedEvent.received_at,
    QuarantinedEvent.door,
    QuarantinedEvent.sender,
    QuarantinedEvent.source,
    QuarantinedEvent.event_id,
    QuarantinedEvent.reason,
    func.length(QuarantinedEvent.body),
)
