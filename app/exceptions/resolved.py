"""Orders that were in trouble and are no longer: how many since a time, and which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.money import Money
from app.core.paging import Page, cut_page, read_cursor
from app.exceptions.filters import ExceptionFilter
from app.exceptions.open_rows import ASKED
from app.exceptions.rewound import THEN, value_then
from app.exceptions.selection import OPEN_THEN, AsOf, select


@dataclass(frozen=True, slots=True)
class Resolved:
    """An order whose last exception closed; `is_lost` when it was cancelled and not mended."""

    journey_id: UUID
    anchor: str
    channel: str
    title: str
    kinds: tuple[str, ...]
    owner: str
    since_at: datetime
    closed_at: datetime
    value: Money | None
    is_lost: bool


def _closed(conditions: str = "true") -> str:
    """Orders with exceptions that closed since a time and none open at the asked one; the cause that began first."""
    return f"""
        SELECT x.journey_id, min(x.channel) AS channel, min(x.since_at) AS since_at, max(x.closed_at) AS closed_at,
               array_agg(DISTINCT coalesce(c.kind, x.kind)) AS kinds,
               (array_agg(x.cause ORDER BY x.since_at, x.opened_at, x.cause))[1] AS cause
          FROM {ASKED}
         CROSS JOIN LATERAL (
             SELECT * FROM exceptions
              WHERE closed_at > :since AND closed_at <= asked.at AND opened_at < closed_at) AS x
          LEFT JOIN causes c ON c.id = x.cause
         WHERE {conditions}
           AND NOT EXISTS (
             SELECT 1 FROM exceptions still WHERE still.journey_id = x.journey_id AND {OPEN_THEN.format(row="still")})
         GROUP BY x.journey_id
    """


def count_resolved(session: Session, since: datetime, until: datetime) -> int:
    """Count the orders that left trouble within a stretch of time."""
    statement = f"SELECT count(*) FROM ({_closed()}) AS over"
    return int(session.scalar(text(statement), {"since": since, "ats": [until]}) or 0)


def list_resolved(
    session: Session, wanted: ExceptionFilter, asked: AsOf, since: datetime, *, after: str | None, limit: int
) -> Page[Resolved]:
    """List the orders that left trouble since a time, the last one first."""
    conditions, parameters = select(wanted, asked.converter)
    further, place = _after(after)
    statement = f"""
        SELECT over.*, coalesce(j.anchor, '') AS anchor, {THEN},
               coalesce(j.ending = 'cancelled' AND j.closed_at <= :at, false) AS is_lost,
               coalesce(c.title, over.cause) AS title, coalesce(c.owner, '') AS owner
          FROM ({_closed(" AND ".join(["true", *conditions]))}) AS over
          LEFT JOIN journeys j ON j.id = over.journey_id
          LEFT JOIN causes c ON c.id = over.cause
         WHERE {further} ORDER BY over.closed_at DESC, over.journey_id DESC LIMIT :limit
    """
    parameters = {**parameters, **place, "ats": [asked.at], "since": since, "at": asked.at, "limit": limit + 1}
    rows = [_row(row, asked.at) for row in session.execute(text(statement), parameters).mappings()]
    return cut_page(rows, limit, lambda row: (row.closed_at.isoformat(), str(row.journey_id)))


def _after(after: str | None) -> tuple[str, dict[str, Any]]:
    if after is None:
        return "true", {}
    closed, journey = read_cursor(after, 2)
    try:
        place = {"after_at": datetime.fromisoformat(closed), "after_id": UUID(journey)}
    except ValueError:
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
    return "(over.closed_at, over.journey_id) < (:after_at, :after_id)", place


def _row(row: RowMapping, at: datetime) -> Resolved:
    return Resolved(
        journey_id=row["journey_id"],
        anchor=row["anchor"],
        channel=row["channel"],
        title=row["title"],
        kinds=tuple(row["kinds"]),
        owner=row["owner"],
        since_at=row["since_at"],
        closed_at=row["closed_at"],
        value=value_then(row, at),
        is_lost=row["is_lost"],
    )
