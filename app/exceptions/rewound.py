"""What may have changed in a listed journey since the asked time, taken from its fold."""

from datetime import datetime

from sqlalchemy import RowMapping

from app.core.money import Money
from app.journeys.catalogue import flow_of_kind
from app.journeys.fold import rewind
from app.journeys.journey import Journey, unpack_journey
from app.settings import get_settings

# Over `j`, the journey of a row, and the asked time `at`.
STATE_THEN = """
    j.kind AS journey_kind, CASE WHEN j.last_at > :at AND j.opened_at <= :at THEN j.state END AS state"""
THEN = f"j.value_minor, j.currency, {STATE_THEN}"


def value_then(row: RowMapping, at: datetime) -> Money | None:
    """The value stated by then."""
    then = _journey_then(row, at)
    minor, currency = row["value_minor"], row["currency"]
    if then is not None:
        _, minor, currency = then.values[-1] if then.values else (None, None, None)
    return Money(minor, currency) if minor is not None and currency is not None else None


def promise_then(row: RowMapping, at: datetime) -> datetime | None:
    """The promise that held then."""
    then = _journey_then(row, at)
    if then is not None:
        return then.promises[-1][1] if then.promises else None
    promised: datetime | None = row["promised_at"]
    return promised


def _journey_then(row: RowMapping, at: datetime) -> Journey | None:
    """The journey as it was, where it has moved on since."""
    if row["state"] is None:
        return None
    return rewind(flow_of_kind(row["journey_kind"], get_settings().flow_dir), unpack_journey(row["state"]), at)
