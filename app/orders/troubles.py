"""The exceptions of one journey as it stood, with those to come (pure)."""

from dataclasses import dataclass
from datetime import datetime

from app.exceptions.rules import find_exceptions
from app.journeys.flow import Flow
from app.journeys.journey import Journey


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


def list_troubles(flow: Flow, journey: Journey, at: datetime) -> list[OrderTrouble]:
    """List what was, is and will be wrong with a journey, as its fold of a time says."""
    intervals, causes = find_exceptions(flow, journey)
    return [
        OrderTrouble(
            step=one.step,
            kind=one.kind,
            cause=one.cause,
            title=causes[one.cause].title,
            owner=causes[one.cause].owner,
            action=causes[one.cause].action,
            opened_at=one.opened_at,
            closed_at=one.closed_at if one.closed_at is not None and one.closed_at <= at else None,
            since_at=one.since_at,
        )
        for one in intervals
    ]
