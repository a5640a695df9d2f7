"""The inbox, the events that came out of it, and what could not be understood."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class InboxBatch(Base):
    """What one request brought that was new, waiting for a worker: packed facts, one after another."""

    __tablename__ = "inbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    event_count: Mapped[int]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    facts: Mapped[bytes | None]
    events: Mapped[bytes | None]  # how the first release wrote them; read as long as such rows may wait


class StoredEvent(Base):
    """One event, kept as it was taken in (`body` is the packed Event); partitioned by `day`."""

    __tablename__ = "events"
    __table_args__ = ({"postgresql_partition_by": "RANGE (day)"},)

    day: Mapped[date] = mapped_column(primary_key=True)
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    step: Mapped[str]
    body: Mapped[bytes]


class QuarantinedEvent(Base):
    """Something that was sent and could not be understood: the reason, the raw bytes, and how to read them again.

    `kind` is what the reason shares with others; `settlement` says how it ended: taken in, or dismissed and why.
    """

    __tablename__ = "quarantine"
    __table_args__ = (
        Index("ix_quarantine_open", "received_at", postgresql_where=text("settled_at IS NULL")),
        Index("ix_quarantine_kind", "kind", "received_at", "id", postgresql_where=text("settled_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    door: Mapped[str]
    sender: Mapped[str]
    source: Mapped[str | None]
    event_id: Mapped[str | None]
    reason: Mapped[str]
    body: Mapped[bytes]
    settled_at: Mapped[datetime | None]
    kind: Mapped[str]
    form: Mapped[str] = mapped_column(server_default=text("'structured'"))
    headers: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    settlement: Mapped[str | None]
    settled_by: Mapped[str | None]


class WaitingEvent(Base):
    """An event under a shared key that does not lead it to all its journeys, or has not done so yet.

    `state`: unmatched, elsewhere or spreading, as app/journeys/waiting.py explains; `reached` is the last journey, in
    the order of ids, that a spreading one has come to.
    """

    __tablename__ = "waiting_events"
    __table_args__ = (
        Index("ix_waiting_events_spreading", "kind", "key", "uid", postgresql_where=text("state = 'spreading'")),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    fact: Mapped[bytes]
    state: Mapped[str] = mapped_column(server_default=text("'unmatched'"))
    reached: Mapped[UUID | None]
