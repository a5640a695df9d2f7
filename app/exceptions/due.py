"""Orders that are not late yet and will be within the hour: exactly those that orders.due_soon counts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.paging import Page, cut_page, read_cursor
from app.exceptions.ahead_rows import AHEAD, CAUSE, NOT_LATE, ahead_parameters
from app.exceptions.filters import ExceptionFilter
from app.exceptions.members import ExceptionRow
from app.exceptions.open_rows import ASKED
from app.exceptions.rewound import THEN, value_then
from app.exceptions.selection import AsOf, select

WITHIN = timedelta(hours=1)


def list_due(
    session: Session, wanted: ExceptionFilter, asked: AsOf, *, after: str | None = None, limit: int = 50
) -> Page[ExceptionRow]:
    """List each order once by its first deadline of the coming hour, the nearest first."""
    conditions, parameters = select(wanted, asked.converter)
    further, place = _after(after)
    statement = f"""
        WITH {AHEAD}, due AS (
            SELECT DISTINCT ON (x.journey_id) x.journey_id, x.channel, x.step, x.kind, x.cause, x.opened_at,
                   x.since_at, x.started_at, coalesce(c.title, x.cause) AS title, coalesce(c.owner, '') AS owner,
                   coalesce(c.action, '') AS action
              FROM {ASKED} JOIN ahead AS x ON x.place = asked.place {CAUSE}
             WHERE {" AND ".join([NOT_LATE, *conditions])}
             ORDER BY x.journey_id, x.opened_at, x.step
        )
        SELECT due.*, coalesce(j.anchor, '') AS anchor, {THEN}
          FROM due LEFT JOIN journeys j ON j.id = due.journey_id
         WHERE {further} ORDER BY due.opened_at, due.journey_id LIMIT :limit
    """
    parameters = {**parameters, **place, **ahead_parameters(session, [asked.at], WITHIN)}
    parameters |= {"at": asked.at, "limit": limit + 1}
    rows = [_row(row, asked.at) for row in session.execute(text(statement), parameters).mappings()]
    return cut_page(rows, limit, lambda row: (row.opened_at.isoformat(), str(row.journey_id)))


def _after(after: str | None) -> tuple[str, dict[str, Any]]:
    if after is None:
        return "true", {}
    opened, journey = read_cursor(after, 2)
    try:
        place = {"after_at": datetime.fromisoformat(opened), "after_id": UUID(journey)}
    except ValueError:
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
    return "(due.opened_at, due.journey_id) > (:after_at, :after_id)", place


def _row(row: RowMapping, at: datetime) -> ExceptionRow:
    named = ("journey_id", "anchor", "channel", "step", "kind", "cause", "title", "owner", "action")
    return ExceptionRow(
        **{name: row[name] for name in named},
        opened_at=row["opened_at"],
        closed_at=None,
        since_at=row["since_at"],
        started_at=row["started_at"],
        value=value_then(row, at),
    )
