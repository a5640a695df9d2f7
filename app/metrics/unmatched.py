"""The metric of what waits: events that belong to no journey yet."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.metrics import sheets
from app.metrics.freshness import read_ages, unknown
from app.metrics.metric import Answer, Asked, Metric

# An event waits once in each flow, under each of its keys. What happened at an asked time counts for it.
_WAITING = text("""
    SELECT width_bucket(occurred_at - interval '1 microsecond', CAST(:ats AS timestamptz[])) AS place,
           count(*), min(occurred_at)
      FROM (SELECT DISTINCT uid, occurred_at FROM waiting_events
             WHERE occurred_at <= :last AND state = 'unmatched') AS waiting
     GROUP BY place
""")


def ask_unmatched(session: Session, asked: Asked) -> list[Answer]:
    """Count the events that still wait, of those that had happened by then."""
    times = sorted(asked.at)
    buckets = session.execute(_WAITING, {"ats": times, "last": times[-1]}).all()
    answers = []
    for at, age in zip(asked.at, read_ages(session, asked.at), strict=True):
        past = [(count, began) for place, count, began in buckets if place <= times.index(at)]
        answers.append(_answer(at, past, age))
    return answers


def _answer(at: datetime, waiting: list[tuple[int, datetime]], age: float | None) -> Answer:
    if not waiting and age is None:
        return unknown(at)
    oldest_at = min((began for _, began in waiting), default=None)
    return Answer(at, sum(count for count, _ in waiting), data_age_seconds=age, extra={"oldest_at": oldest_at})


METRICS = (Metric("events.unmatched", "events", (), timedelta(minutes=15), sheets.UNMATCHED, ask_unmatched),)
