"""What the tower keeps about itself: exchange rates and the marks of its recurring jobs."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Numeric
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
