"""The stage bar of a journey: each milestone as done, choked or still to come, with its time (pure)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.journeys.flow import Milestone
from app.orders.rules import Expected, Situation
from app.orders.words import span, when
from app.web.filters import duration


@dataclass(frozen=True, slots=True)
class StageNote:
    """One stop of the stage bar."""

    name: str
    note: str
    state: Literal["done", "act", "watch", "next"]


def list_stages(situation: Situation) -> list[StageNote]:
    """All milestones in their order; the first trouble is lit, what it holds up is to come."""
    expected = {one.milestone.name: one for one in situation.expected}
    choke = _choke(situation)
    return [_stage(situation, milestone, expected, choke) for milestone in situation.flow.milestones]


def _choke(situation: Situation) -> str | None:
    """The milestone to light: the one in trouble, or the next one when what comes before it is."""
    need = situation.first_need
    if need is None:
        return None
    if need.step in situation.flow.by_name:
        return need.step
    return next((one.milestone.name for one in situation.expected), None)


def _stage(situation: Situation, milestone: Milestone, expected: dict[str, Expected], choke: str | None) -> StageNote:
    reached = situation.journey.reached.get(milestone.name)
    if reached is not None:
        return StageNote(milestone.label, _done(situation, milestone, reached), "done")
    one = expected.get(milestone.name)
    if one is None:
        return StageNote(milestone.label, "not needed" if situation.is_over else "", "next")
    if milestone.name == choke:
        return StageNote(milestone.label, _choked(situation, one), "act")
    is_soon = _is_tried_again(situation, milestone)
    return StageNote(milestone.label, _to_come(situation, one), "watch" if is_soon else "next")


def _done(situation: Situation, milestone: Milestone, reached: datetime) -> str:
    note = when(reached, situation.at)
    paid = situation.journey.reached.get("payment.captured")
    is_first = milestone is situation.flow.milestones[0]
    if not is_first or paid is None:
        return note
    return f"{note}, paid {when(paid, paid if paid.date() == reached.date() else situation.at)}"


def _choked(situation: Situation, one: Expected) -> str:
    need = situation.first_need
    if one.due_at is not None and not one.is_projected and one.due_at <= situation.at:
        late = duration((situation.at - one.due_at).total_seconds())
        return f"{late} late"
    since = when(need.since_at, situation.at) if need else ""
    return f"{need.kind if need else ''} since {since}".strip()


def _to_come(situation: Situation, one: Expected) -> str:
    at = situation.at
    if situation.flow.milestones[-1] is one.milestone and one.is_projected:
        return span(situation.flow, one.milestone, situation.journey.channel)
    if one.due_at is None:
        return span(situation.flow, one.milestone, situation.journey.channel) or "no deadline"
    if one.due_at <= at:
        return f"was due {when(one.due_at, at)}"
    if one.milestone.by_promise and one.due_at == situation.promised_at:
        return f"promised {when(one.due_at, at)}"
    return f"by {when(one.due_at, at)}"


def _is_tried_again(situation: Situation, milestone: Milestone) -> bool:
    retrying = situation.retrying
    return retrying is not None and retrying[0] == milestone.name
