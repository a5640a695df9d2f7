"""Journeys, the keys that lead to them, and the redirects that provisional ones leave."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class JourneyRow(Base):
    """One journey: its facts, their fold, and the columns that lists filter by.

    `facts` are packed one after another, so that the next ones are appended; `state` is the packed fold, to which they
    are added; `settled` is what was written of troubles that have ended, or null.
    """

    __tablename__ = "journeys"
    __table_args__ = (
        Index("ix_journeys_recent", "kind", "opened_at", "id"),
        Index("ix_journeys_open", "kind", "opened_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_journeys_channel", "channel", "opened_at"),
        Index(
            "ix_journeys_span",
            "opened_at",
            "last_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 32, "autosummarize": True},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    flow: Mapped[str]
    anchor: Mapped[str]
    is_provisional: Mapped[bool]
    channel: Mapped[str | None]
    value_minor: Mapped[int | None]
    currency: Mapped[str | None]
    opened_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ending: Mapped[str | None]
    stage: Mapped[str | None]
    last_at: Mapped[datetime]
    event_count: Mapped[int]
    facts: Mapped[bytes]
    state: Mapped[bytes]
    settled: Mapped[bytes | None]


class JourneyKey(Base):
    """A key ("namespace:value") and a journey that it leads to; `role` says how.

    Roles: anchor, identity (owned), provisional, contended (one row for each claimant), tied (shared), facet.
    """

    __tablename__ = "journey_keys"
    __table_args__ = (
        Index("ix_journey_keys_journey", "journey_id"),
        Index("ix_journey_keys_value", text("lower(substr(key, strpos(key, ':') + 1)) text_pattern_ops")),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    journey_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    level: Mapped[int] = mapped_column(server_default=text("0"))


class KeyNeighbour(Base):
    """Two anchor or identity keys that one event carried together; each pair stands in both directions."""

    __tablename__ = "key_neighbours"

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    neighbour: Mapped[str] = mapped_column(primary_key=True)


class JourneyRedirect(Base):
    """Where a provisional journey went when its anchor was found."""

    __tablename__ = "journey_redirects"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    journey_id: Mapped[UUID]
