"""Business exceptions, ended and to come, what stands at stake in them, and the causes that group them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class ClosedException(Base):
    """A stretch of time, now over, in which a journey needed help for one step and one cause.

    `since_at` is when the trouble began (its age runs from there, across changes of cause); `started_at` is when the
    wait for the step began. The view `exceptions` shows these together with the pending ones: open at T means
    `opened_at <= T AND (closed_at IS NULL OR closed_at > T)`.
    """

    __tablename__ = "closed_exceptions"
    __table_args__ = (Index("ix_closed_exceptions_closed", "closed_at"),)

    journey_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    since_at: Mapped[datetime]
    started_at: Mapped[datetime]
    cause: Mapped[str]
    channel: Mapped[str]


class ClosedExposure(Base):
    """What one journey put at stake over a stretch of time that is over: each order once, under its worst exception.

    `impact` is revenue (may be lost) or cash (will come, later); the amounts are outstanding value in minor units.
    The view `exposures` shows these together with the pending ones.
    """

    __tablename__ = "closed_exposures"
    __table_args__ = (Index("ix_closed_exposures_closed", "closed_at"),)

    journey_id: Mapped[UUID] = mapped_column(primary_key=True)
    impact: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    since_at: Mapped[datetime]
    flow: Mapped[str]
    step: Mapped[str]
    cause: Mapped[str]
    channel: Mapped[str]
    value_minor: Mapped[int | None]
    currency: Mapped[str | None]


class PendingTrouble(Base):
    """The exceptions and stakes of one journey that have no end yet; most lie ahead and are met in time.

    One row, rewritten at each fold, instead of one for each. `words` lists step, kind and cause of one exception after
    the other, `times` its opened_at, since_at and started_at; `stake_words` impact, step and cause of the stakes,
    `stake_times` opened_at and since_at; all stakes are of the same value, the latest. The views `exceptions` and
    `exposures` unfold them; `due_at` is the earliest opening of all, for the index to find.
    """

    __tablename__ = "pending_troubles"

    journey_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    channel: Mapped[str]
    flow: Mapped[str]
    words: Mapped[list[str]]
    times: Mapped[list[datetime]]
    stake_words: Mapped[list[str]]
    stake_times: Mapped[list[datetime]]
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
