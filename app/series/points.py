"""Samples of queues: appended once, a repeat changes nothing."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.fact import Fact
from app.models.metrics import QueueSample

_WHOLE = ("depth", "in_flight", "published", "consumed", "dead_letters", "consumers")


def append_samples(session: Session, facts: Iterable[Fact]) -> set[str]:
    """Keep what facts of `queue.sample` say; returns the queues that they are about."""
    rows = {(row["queue"], row["at"]): row for row in map(_row, facts) if row["queue"]}
    if rows:
        ordered = [rows[key] for key in sorted(rows)]
        session.execute(insert(QueueSample).on_conflict_do_nothing(), ordered)
    return {queue for queue, _ in rows}


def _row(fact: Fact) -> dict[str, Any]:
    told = fact.told or {}
    row: dict[str, Any] = {name: _count(told.get(name)) for name in _WHOLE}
    oldest = told.get("oldest_age_seconds")
    return row | {
        "queue": str(told.get("queue") or "").strip(),
        "at": fact.occurred_at,
        "broker": str(told["broker"]) if told.get("broker") else fact.system,
        "oldest_seconds": float(oldest) if isinstance(oldest, int | float) and oldest >= 0 else None,
    }


def _count(value: object) -> int | None:
    """A count as the broker gave it; what is missing or makes no sense is unknown, never 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return None
    return int(value)
