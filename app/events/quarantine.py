"""The quarantine: what is open of a group, taken out to be read again, settled, or kept with a new reason."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.events.reasons import kind_of
from app.models.events import QuarantinedEvent

TAKEN_IN = "taken in"
MOST_BYTES = 32 * 1024 * 1024  # held at a time

Place = tuple[datetime, UUID]

_RESTATE = text("""
    UPDATE quarantine SET reason = new.reason, kind = new.kind
    FROM unnest(CAST(:ids AS uuid[]), CAST(:reasons AS text[]), CAST(:kinds AS text[])) AS new (id, reason, kind)
    WHERE quarantine.id = new.id
""")


@dataclass(frozen=True, slots=True)
class Group:
    """Refusals that one change would mend: of one kind, from one source of one sender, through one door."""

    kind: str
    sender: str
    door: str
    source: str | None = None

    @classmethod
    def of(cls, subject: Mapping[str, Any]) -> "Group":
        """Read a group back from the subject of a job."""
        return cls(subject["kind"], subject["sender"], subject["door"], subject["source"])

    def subject(self) -> dict[str, Any]:
        """Write the group down as the subject of a job."""
        return asdict(self)

    @property
    def open(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions that its open members meet."""
        row = QuarantinedEvent
        return (
            row.settled_at.is_(None),
            row.kind == self.kind,
            row.sender == self.sender,
            row.door == self.door,
            row.source.is_(None) if self.source is None else row.source == self.source,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """One refusal with all that reading it again takes."""

    id: UUID
    received_at: datetime
    door: str
    sender: str
    form: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def count_open(session: Session, group: Group) -> int:
    """Count the open members of a group."""
    return session.scalars(select(func.count()).select_from(QuarantinedEvent).where(*group.open)).one()


def take_open(
    session: Session, group: Group, after: Place | None, until: datetime, limit: int
) -> tuple[list[Kept], Place | None]:
    """Hold the next open members, the oldest first, and say where the following ones begin; None when these are all."""
    place = (QuarantinedEvent.received_at, QuarantinedEvent.id)
    wanted = select(*place, func.length(QuarantinedEvent.body)).where(*group.open, place[0] <= until)
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    found = session.execute(wanted.order_by(*place).limit(limit)).all()
    sizes = accumulate(row[2] for row in found)
    picked = [row for row, size in zip(found, sizes, strict=True) if size <= MOST_BYTES] or found[:1]
    # Whoever settles one of them at the same moment was faster, or waits.
    held = select(QuarantinedEvent).where(QuarantinedEvent.id.in_([row[1] for row in picked]), *group.open)
    kept = [_kept(row) for row in session.scalars(held.order_by(*place).with_for_update())]
    are_all = len(found) < limit and len(picked) == len(found)
    return kept, None if are_all else (picked[-1][0], picked[-1][1])


def settle(session: Session, ids: Sequence[UUID], settlement: str, by: str, at: datetime) -> None:
    """Close refusals; their bytes are kept."""
    if ids:
        session.execute(
            update(QuarantinedEvent)
            .where(QuarantinedEvent.id.in_(ids))
            .values(settled_at=at, settlement=settlement, settled_by=by)
        )


def settle_group(session: Session, group: Group, settlement: str, by: str, at: datetime) -> int:
    """Close every open refusal of a group; returns how many there were."""
    closed = session.execute(
        update(QuarantinedEvent)
        .where(*group.open)
        .values(settled_at=at, settlement=settlement, settled_by=by)
        .returning(QuarantinedEvent.id)
    )
    return len(closed.all())


def restate(session: Session, reasons: Mapping[UUID, str]) -> None:
    """Give refusals that are still refused the reason of today."""
    if reasons:
        said = [reason.replace("\0", "\N{REPLACEMENT CHARACTER}") for reason in reasons.values()]
        session.execute(_RESTATE, arrays(ids=reasons, reasons=said, kinds=map(kind_of, said)))


def _kept(row: QuarantinedEvent) -> Kept:
    headers = tuple((name, value) for name, value in row.headers or ())
    return Kept(row.id, row.received_at, row.door, row.sender, row.form, headers, row.body)
