"""Works stored events again after a release that has emptied what is derived from them."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.events.fact import fact_of
from app.events.inbox import leave_for_workers
from app.events.store import all_events

_TAKE_MARK = text("DELETE FROM job_marks WHERE name = 'rebuild' RETURNING name")


def rebuild_if_marked(session: Session) -> int:
    """Leave every stored event for the workers when a migration has asked for it; returns how many."""
    if session.execute(_TAKE_MARK).first() is None:
        return 0
    left = 0
    for chunk in all_events(session):
        leave_for_workers(session, list(map(fact_of, chunk)), utc_now())
        left += len(chunk)
    return left
