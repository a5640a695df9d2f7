"""The exceptions of one order as of a time, with those to come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class OrderTrouble:
    """An exception of an order; one whose `opened_at` lies ahead is a deadline to come."""

    step: str
    kind: str
    cause: str
    title: str
    owner: str
    action: str
    opened_at: datetime
    closed_at: datetime | None
    since_at: datetime


_TROUBLES = text("""
    SELECT x.step, x.kind, x.cause, coalesce(c.title, x.cause) AS title, coalesce(c.owner, '') AS owner,
           coalesce(c.action, '') AS action, x.opened_at,
           CASE WHEN x.closed_at <= :at THEN x.closed_at END AS closed_at, x.since_at
      FROM exceptions x LEFT JOIN causes c ON c.id = x.cause
     WHERE x.journey_id = :id AND (x.opened_at <= :at OR x.closed_at IS NULL OR x.closed_at > :at)
       AND (x.closed_at IS NULL OR x.opened_at < x.closed_at OR x.closed_at > :at)
     ORDER BY x.opened_at, x.step, x.kind
""")


def list_troubles(session: Session, journey_id: UUID, at: datetime) -> list[OrderTrouble]:
    """List what was, is and will be wrong with an order, as it stood at a time."""
    return [OrderTrouble(*row) for row in session.execute(_TROUBLES, {"id": journey_id, "at": at})]
