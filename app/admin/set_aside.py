"""Reads of what could not be understood: groups, their members, one refusal with its bytes."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.core.paging import Page, cut_page, read_place
from app.events.event import unpack_event
from app.events.quarantine import Group
from app.models.events import InboxBatch, QuarantinedEvent

PAGE_ROWS = 50
MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class RefusalGroup:
    """Open refusals that one change would mend, and the reason of one of them."""

    group: Group
    count: int
    first_at: datetime
    last_at: datetime
    example: str
    latest_id: UUID

    @property
    def href(self) -> str:
        """The page of the group."""
        return group_href(self.group)


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that was set aside; the bytes come only with the single one."""

    id: UUID
    received_at: datetime
    group: Group
    event_id: str | None
    reason: str
    size: int
    settlement: str | None
    settled_by: str | None
    sample: bytes | None = None

    @property
    def group_href(self) -> str:
        """The page of all of its group."""
        return group_href(self.group)


@dataclass(frozen=True, slots=True)
class TroubledBatch:
    """A batch of the inbox whose last digestion failed."""

    id: UUID
    received_at: datetime
    event_count: int
    failures: int


def group_href(group: Group) -> str:
    """Address the page of a group."""
    named = {name: value for name, value in group.subject().items() if value is not None}
    return f"/admin/quarantine/group?{urlencode(named)}"


def refusal_groups(session: Session, most: int = MOST_GROUPS) -> list[RefusalGroup]:
    """Group what is open by kind of reason, sender, door and source, the latest first."""
    received_at = QuarantinedEvent.received_at
    latest = func.max(received_at)
    rows = session.execute(
        select(*_GROUP, func.count(), func.min(received_at), latest, func.min(QuarantinedEvent.reason), _LATEST)
        .where(QuarantinedEvent.settled_at.is_(None))
        .group_by(*_GROUP)
        .order_by(latest.desc(), *_GROUP)
        .limit(most)
    )
    return [RefusalGroup(Group(*row[:4]), *row[4:]) for row in rows]


def refusals(session: Session, group: Group, after: str | None) -> Page[Refused]:
    """List the open members of a group, the latest first."""
    place = (QuarantinedEvent.received_at, QuarantinedEvent.id)
    wanted = select(*_GROUP, *_COLUMNS).where(*group.open)
    wanted = wanted.order_by(place[0].desc(), place[1].desc()).limit(PAGE_ROWS + 1)
    if after:
        wanted = wanted.where(tuple_(*place) < read_place(after))
    rows = [_refused(row) for row in session.execute(wanted)]
    return cut_page(rows, PAGE_ROWS, lambda row: (row.received_at.isoformat(), str(row.id)))


def find_refusal(session: Session, refusal_id: UUID) -> Refused:
    """Read one refusal with what was sent."""
    extra = (QuarantinedEvent.form, QuarantinedEvent.body)
    row = session.execute(select(*_GROUP, *_COLUMNS, *extra).where(QuarantinedEvent.id == refusal_id)).first()
    if row is None:
        raise NotFoundError("there is nothing of that name in quarantine")
    return _refused(row, _sent(row.form, row.body))


def troubled_batches(session: Session) -> list[TroubledBatch]:
    """List the batches of the inbox that could not be digested so far."""
    columns = (InboxBatch.id, InboxBatch.received_at, InboxBatch.event_count, InboxBatch.failures)
    rows = session.execute(
        select(*columns).where(InboxBatch.failures > 0).order_by(InboxBatch.received_at).limit(PAGE_ROWS)
    )
    return [TroubledBatch(*row) for row in rows]


def _refused(row: Row[Any], sample: bytes | None = None) -> Refused:
    group, rest = row[: len(_GROUP)], row[len(_GROUP) :]
    return Refused(rest[0], rest[1], Group(*group), rest[2], rest[3], rest[4], rest[5], rest[6], sample)


def _sent(form: str, body: bytes) -> bytes:
    """What was sent; of an event that the pipeline parked packed, its payload."""
    if form != "packed":
        return body
    with suppress(msgspec.MsgspecError):
        return unpack_event(body).payload or msgspec.json.encode(unpack_event(body))
    return body


_LATEST = func.array_agg(aggregate_order_by(QuarantinedEvent.id, QuarantinedEvent.received_at.desc()))[1]
_GROUP = (QuarantinedEvent.kind, QuarantinedEvent.sender, QuarantinedEvent.door, QuarantinedEvent.source)
_COLUMNS = (
    QuarantinedEvent.id,
    QuarantinedEvent.received_at,
    QuarantinedEvent.event_id,
    QuarantinedEvent.reason,
    func.length(QuarantinedEvent.body),
    QuarantinedEvent.settlement,
    QuarantinedEvent.settled_by,
)
