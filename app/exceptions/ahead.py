"""The deadlines that lay ahead of a journey at an earlier time, as its fold of then said (pure)."""

from datetime import datetime

from app.exceptions.causes import CauseNote
from app.exceptions.rules import Interval, find_exceptions
from app.journeys.flow import Flow, Milestone
from app.journeys.fold import rewind
from app.journeys.journey import Journey

Ahead = tuple[Interval, CauseNote]


def find_ahead(flow: Flow, journey: Journey, at: datetime, until: datetime) -> list[Ahead]:
    """Deadlines that were to pass after `at` and by `until`, though they may have been met since."""
    if not any(_may_pass(flow, journey, one, at, until) for one in flow.milestones):
        return []
    intervals, causes = find_exceptions(flow, rewind(flow, journey, at))
    return [(one, causes[one.cause]) for one in intervals if one.kind == "overdue" and at < one.opened_at <= until]


def _may_pass(flow: Flow, journey: Journey, milestone: Milestone, at: datetime, until: datetime) -> bool:
    """Say cheaply whether a milestone lacked at `at` and was due after it: few of the journeys asked about are."""
    reached = journey.reached.get(milestone.name)
    if reached is not None and reached <= at:
        return False
    if milestone.by_promise:
        given = [promised for since, promised in journey.promises if since <= at]
        dues = [milestone.due(None, promised, journey.channel, flow.calendar) for promised in given[-1:]]
    else:
        start = journey.reached.get(milestone.after or "")
        is_known = start is not None and start <= at
        dues = [milestone.due(start, None, journey.channel, flow.calendar)] if is_known else []
    return any(due is not None and at < due <= until for due in dues)
