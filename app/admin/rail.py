"""The counts around every page: in the rail, and beside the age of the data; asked every two seconds at most."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from time import monotonic

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.journeys.waiting import UNMATCHED
from app.metrics.catalogue import ask
from app.models.alerts import Alert
from app.models.events import QuarantinedEvent, WaitingEvent
from app.web.dependencies import AskedAt

FRESH_SECONDS = 2.0
MOST_KEPT = 64

Counts = Mapping[str, int | None]


class RailCounts:
    """Answers from memory while the last answer is fresh; each looked-back moment has its own."""

    def __init__(self) -> None:
        self._kept: OrderedDict[datetime | None, tuple[float, Counts]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, session: Session, asked: AskedAt) -> Counts:
        key = asked.at if asked.is_past else None
        with self._lock:
            asked_at, counts = self._kept.get(key, (float("-inf"), {}))
        if monotonic() - asked_at < FRESH_SECONDS:
            return counts
        alerts, refusals, unmatched = count_rows(session, asked.at)
        counts = {
            "exceptions": open_exceptions(session, asked.at),
            "alerts": alerts,
            "quarantine": None if asked.is_past else refusals,
            "unmatched": None if asked.is_past else unmatched,
        }
        with self._lock:
            self._kept[key] = (monotonic(), counts)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return counts


def open_exceptions(session: Session, at: datetime) -> int | None:
    """Ask the catalogue, so that the rail says what the page says."""
    value = ask(session, "exceptions.open", at).value
    return None if value is None else int(value)


def count_rows(session: Session, at: datetime) -> tuple[int, int, int]:
    """Count the alerts that fire at a moment, what could not be understood and is open now, and what waits now."""
    is_firing = (Alert.firing_at <= at, or_(Alert.resolved_at.is_(None), Alert.resolved_at > at))
    alerts = select(func.count()).where(*is_firing).scalar_subquery()
    refusals = select(func.count()).where(QuarantinedEvent.settled_at.is_(None)).scalar_subquery()
    waits = (WaitingEvent.state == UNMATCHED, WaitingEvent.occurred_at <= at)
    unmatched = select(func.count(WaitingEvent.uid.distinct())).where(*waits).scalar_subquery()
    firing, refused, waiting = session.execute(select(alerts, refusals, unmatched)).one()
    return int(firing), int(refused), int(waiting)
