"""The life of one alert: inactive → pending → firing → resolved, from one evaluation to the next (pure)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.rules import Rule, Verdict


class State(StrEnum):
    """Where an alert stands; it is stored only from pending on. Withdrawn: its rule was switched off meanwhile."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Life:
    """What must be remembered from one evaluation to the next."""

    state: State = State.INACTIVE
    pending_at: datetime | None = None
    firing_at: datetime | None = None
    resolved_at: datetime | None = None
    clear_since: datetime | None = None


def advance(life: Life, verdict: Verdict, rule: Rule, now: datetime) -> Life:
    """Take in one evaluation. What is unknown changes nothing: it neither fires nor resolves."""
    if life.state is State.FIRING:
        return _while_firing(life, verdict, rule, now)
    if verdict is Verdict.UNKNOWN:
        return Life() if life.state is State.RESOLVED else life
    if verdict is not Verdict.BREACH:
        return Life()
    return _while_holding(life, rule, now)


def _while_holding(life: Life, rule: Rule, now: datetime) -> Life:
    began = life.pending_at if life.state is State.PENDING and life.pending_at else now
    if now - began >= timedelta(seconds=rule.for_seconds):
        return Life(State.FIRING, pending_at=began, firing_at=now)
    return Life(State.PENDING, pending_at=began)


def _while_firing(life: Life, verdict: Verdict, rule: Rule, now: datetime) -> Life:
    if verdict is not Verdict.CLEAR:
        # It has to be seen clear without a break, so that a flapping figure does not send mail after mail.
        return replace(life, clear_since=None)
    since = life.clear_since or now
    if now - since >= timedelta(seconds=rule.clear_seconds):
        return replace(life, state=State.RESOLVED, resolved_at=now, clear_since=since)
    return replace(life, clear_since=since)
