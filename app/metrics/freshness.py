"""How old the newest fact was as of each asked time; None before the first."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.database import remembered
from app.metrics.metric import Answer
from app.series.query import Wanted, last_seen

NO_FACTS = "no events yet"


def read_ages(session: Session, ats: Sequence[datetime]) -> list[float | None]:
    """Age of the newest event of any journey, to the minute: never lower than it really was."""
    seen = remembered(session, ("newest event", tuple(ats)), lambda: last_seen(session, Wanted("events"), ats))
    return [(at - found[()]).total_seconds() if found else None for at, found in zip(ats, seen, strict=True)]


def unknown(at: datetime, reason: str = NO_FACTS, data_age_seconds: float | None = None) -> Answer:
    """Answer that nothing can be said, and why."""
    return Answer(at, None, data_age_seconds=data_age_seconds, extra={"reason": reason})
