"""Where an order stands: what is wrong with it, what is expected next and by when, and how loudly it speaks (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.exceptions.causes import CauseNote
from app.exceptions.rules import Interval, find_exceptions
from app.journeys.flow import Flow, Milestone
from app.journeys.journey import Journey, Trouble

Level = Literal["act", "watch", "unknown", "ok", "quiet"]
SOON = timedelta(hours=1)
LAST_PART = 4  # a deadline is close in the last quarter of its time, and an hour before it at most
_WORST = ("dead-lettered", "failed", "overdue")


@dataclass(frozen=True, slots=True)
class Need:
    """A step that needs help, whatever is wrong with it; `follows` names the step that holds it up, if another does."""

    step: str
    kind: str
    since_at: datetime
    due_at: datetime | None
    cause: CauseNote
    troubles: tuple[Trouble, ...]
    follows: str

    @property
    def level(self) -> Level:
        """What only follows from another trouble closes by itself."""
        return "watch" if self.follows else "act"


@dataclass(frozen=True, slots=True)
class Expected:
    """A milestone that has not been reached; `due_at` is projected from other deadlines where `is_projected`."""

    milestone: Milestone
    due_at: datetime | None
    is_projected: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """A journey judged as of a time."""

    flow: Flow
    journey: Journey
    at: datetime
    is_provisional: bool
    intervals: tuple[Interval, ...]
    needs: tuple[Need, ...]
    expected: tuple[Expected, ...]

    @property
    def first_need(self) -> Need | None:
        """The trouble that the others follow from."""
        return self.needs[0] if self.needs else None

    @property
    def retrying(self) -> tuple[str, tuple[Trouble, ...]] | None:
        """The step that is being tried again, when nothing worse is the matter."""
        for step, troubles in self.journey.troubles.items():
            if step not in self.journey.reached and troubles[-1].outcome == "retrying" and not self.is_over:
                return step, tuple(troubles)
        return None

    @property
    def next_due(self) -> Expected | None:
        """The next milestone whose own deadline runs."""
        known = [one for one in self.expected if one.due_at and not one.is_projected]
        return min(known, key=lambda one: (one.due_at or self.at, one.milestone.order), default=None)

    @property
    def close_due(self) -> Expected | None:
        """The next milestone when its deadline is close; what has only just begun is not."""
        one = self.next_due
        if one is None or one.due_at is None or one.due_at <= self.at:
            return None
        began = self.journey.reached.get(one.milestone.after or "", self.journey.opened_at)
        return one if one.due_at - self.at <= min(SOON, (one.due_at - began) / LAST_PART) else None

    @property
    def is_over(self) -> bool:
        """Whether it is completed or cancelled."""
        return self.journey.closed_at is not None

    @property
    def promised_at(self) -> datetime | None:
        """What was promised last."""
        return self.journey.promises[-1][1] if self.journey.promises else None

    @property
    def judgement(self) -> tuple[Level, str]:
        """Level and word of the state."""
        if self.needs:
            return "act", "Act"
        if self.is_provisional:
            return "unknown", f"No {self.flow.kind} yet"
        if self.is_over:
            return ("quiet", "Closed") if self.journey.ending == "cancelled" else ("ok", "Completed")
        if self.retrying or self.close_due is not None:
            return "watch", "Watch"
        return "ok", "On track"


def judge(flow: Flow, journey: Journey, at: datetime, *, is_provisional: bool = False) -> Situation:
    """Judge the fold of what had happened by `at`."""
    intervals, causes = find_exceptions(flow, journey)
    return Situation(
        flow=flow,
        journey=journey,
        at=at,
        is_provisional=is_provisional,
        intervals=tuple(intervals),
        needs=tuple(_needs(flow, journey, intervals, causes, at)),
        expected=tuple(_expected(flow, journey)),
    )


def _needs(
    flow: Flow, journey: Journey, intervals: list[Interval], causes: Mapping[str, CauseNote], at: datetime
) -> list[Need]:
    """One for each step in trouble: its own troubles before what follows from them, then as the flow goes."""
    steps: dict[str, list[Interval]] = {}
    for one in intervals:
        if one.is_open(at):
            steps.setdefault(one.step, []).append(one)
    needs = [_need(journey, step, found, causes) for step, found in steps.items()]
    return sorted(needs, key=lambda need: (bool(need.follows), _order(flow, need.step), need.since_at))


def _need(journey: Journey, step: str, found: list[Interval], causes: Mapping[str, CauseNote]) -> Need:
    worst = min(found, key=lambda one: _WORST.index(one.kind))
    cause = causes[worst.cause]
    return Need(
        step=step,
        kind=worst.kind,
        since_at=min(one.since_at for one in found),
        due_at=min((one.since_at for one in found if one.kind == "overdue"), default=None),
        cause=cause,
        troubles=tuple(journey.troubles.get(step, ())),
        follows=cause.step if cause.step != step else "",
    )


def _order(flow: Flow, step: str) -> int:
    """Steps that are not milestones go first: what follows waits for them."""
    milestone = flow.by_name.get(step)
    return milestone.order if milestone else -1


def _expected(flow: Flow, journey: Journey) -> Iterator[Expected]:
    if journey.closed_at is not None:
        return
    dues: dict[str, datetime | None] = {}
    promised_at = journey.promises[-1][1] if journey.promises else None
    for milestone in flow.milestones:
        reached = journey.reached.get(milestone.name)
        if reached is not None:
            dues[milestone.name] = reached
            continue
        start = dues.get(milestone.after) if milestone.after else None
        due = milestone.due(start, promised_at, journey.channel, flow.calendar)
        dues[milestone.name] = due
        is_projected = not milestone.by_promise and milestone.after not in journey.reached
        yield Expected(milestone, due, is_projected)
