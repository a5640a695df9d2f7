"""Business exceptions, what stands at stake in them, and the causes that group them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class BusinessException(Base):
    """A stretch of time in which a journey needs help for one step and one cause.

    Open at T means `opened_at <= T AND (closed_at IS NULL OR closed_at > T)`; an overdue one is written before it
    opens. `since_at` is when the trouble began (its age runs from there, across changes of cause);
    `started_at` is when the wait for the step began.
    """

    __tablename__ = "exceptions"
    __table_args__ = (
        Index("ix_exceptions_pending", "opened_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_exceptions_closed", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    journey_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime | None]
    since_at: Mapped[datetime]
    started_at: Mapped[datetime]
    cause: Mapped[str]
    channel: Mapped[str]


class Exposure(Base):
    """What one journey puts at stake over a stretch of time: each order once, under its worst exception.

    `impact` is revenue (may be lost) or cash (will come, later); the amounts are outstanding value in minor units.
    """

    __tablename__ = "exposures"
    __table_args__ = (
        Index("ix_exposures_pending", "opened_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_exposures_closed", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    journey_id: Mapped[UUID] = mapped_column(primary_key=True)
    impact: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime | None]
    since_at: Mapped[datetime]
    flow: Mapped[str]
    step: Mapped[str]
    cause: Mapped[str]
    channel: Mapped[str]
    value_minor: Mapped[int | None]
    currency: Mapped[str | None]


class Cause(Base):
    """What a group of exceptions has in common, in plain words; `id` is a fingerprint of class, step and error."""

    __tablename__ = "causes"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    flow: Mapped[str]
    step: Mapped[str]
    system: Mapped[str]
    owner: Mapped[str]
    action: Mapped[str]
