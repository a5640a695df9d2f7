"""Counts by minute and day, and samples of queues."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Series(Base):
    """What a row of counts is about; dimensions that do not apply are empty, `id` is a fingerprint of them all."""

    __tablename__ = "series"
    id: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[str]
    channel: Mapped[str]
    connector: Mapped[str]
    system: Mapped[str]
    step: Mapped[str]
    outcome: Mapped[str]
    currency: Mapped[str]


class Rollup(Base):
    """A count of one series in one minute (`grain` 60) or day (86400); `bucket` is a histogram's, else 0.

    Written only as differences of two folds, so that late and corrected facts mend the past.
    """

    __tablename__ = "rollups"

    series_id: Mapped[int] = mapped_column(primary_key=True)
    grain: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]


class QueueSample(Base):
    """What a broker said of one queue at one moment; null is unknown, never 0."""

    __tablename__ = "queue_samples"

    queue: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    broker: Mapped[str | None]
    depth: Mapped[int | None]
    in_flight: Mapped[int | None]
    oldest_seconds: Mapped[float | None]
    published: Mapped[int | None]
    consumed: Mapped[int | None]
    dead_letters: Mapped[int | None]
    consumers: Mapped[int | None]


class ClockSkew(Base):
    """How far the clock of a connector's sender was ahead of ours, in seconds, by a sample of so many events."""

    __tablename__ = "clock_skews"

    connector: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    events: Mapped[int]
