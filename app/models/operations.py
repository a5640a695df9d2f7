"""What the tower keeps about itself: exchange rates, marks of recurring jobs, and long work that was asked for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class ExchangeRate(Base):
    """What one unit of a currency was worth in euros on a day."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    euros: Mapped[Decimal] = mapped_column(Numeric(20, 10))


class JobMark(Base):
    """When a recurring job or a worker was last alive."""

    __tablename__ = "job_marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    seconds: Mapped[float]
    error: Mapped[str | None]


class LongJob(Base):
    """Long work that somebody asked for, done in pieces: each piece and its place in one transaction.

    States: waiting, running, done, cancelled. `place` is where the next piece begins; `good` counts what came out well.
    """

    __tablename__ = "long_jobs"
    __table_args__ = (
        Index("ix_long_jobs_unfinished", "asked_at", postgresql_where=text("finished_at IS NULL")),
        Index("ix_long_jobs_recent", "kind", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[dict[str, Any]]
    state: Mapped[str]
    total: Mapped[int]
    worked: Mapped[int] = mapped_column(server_default=text("0"))
    good: Mapped[int] = mapped_column(server_default=text("0"))
    place: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
