"""A journey over time: steps, deadlines and silence for the lanes, and the lines of the event table (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.ids import event_uid
from app.events.fact import Fact
from app.exceptions.causes import system_name
from app.orders.clocks import mark_fact
from app.orders.rules import Expected, Level, Situation
from app.orders.words import fact_words, lane_name, when
from app.web.filters import duration
from app.web.lanes import Due, Gap, Outcome, Step

MOST_DUES = 3
SHORTEST_GAP = 60.0
LATE_SECONDS = 300.0
FAR = timedelta(days=7)
_OUTCOMES: dict[str, Outcome] = {"failed": "failed", "retrying": "retrying", "dead_lettered": "parked"}
_STATES: dict[str, tuple[Level, str]] = {
    "failed": ("act", "Failed"),
    "dead_lettered": ("act", "Parked"),
    "retrying": ("watch", "Retrying"),
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the event table; `level` is quiet for what simply worked."""

    uid: UUID
    number: int
    at: datetime
    is_new_day: bool
    after: str
    lane: str
    words: str
    level: Level
    word: str
    took: str
    is_late: bool
    mark: str


def list_steps(situation: Situation, facts: Sequence[Fact]) -> list[Step]:
    """Every fact as a step in its lane."""
    flow, channel = situation.flow, situation.journey.channel
    return [
        Step(
            at=fact.occurred_at,
            lane=lane_name(fact, channel),
            text=fact_words(flow, fact),
            outcome=outcome_of(situation, fact),
            attempt=fact.attempt if outcome_of(situation, fact) in ("failed", "retrying") else 0,
        )
        for fact in facts
    ]


def outcome_of(situation: Situation, fact: Fact) -> Outcome:
    """What came of it: a step that only ever tells of a failure has failed, a dead letter is parked."""
    if fact.step == "message.dead_lettered":
        return "parked"
    if fact.step in situation.flow.failures:
        return "failed"
    return _OUTCOMES.get(fact.outcome, "ok")


def list_dues(situation: Situation, facts: Sequence[Fact]) -> list[Due]:
    """The next deadlines, the one that is late first; what waits for something without a date is left out."""
    choke = situation.first_need.step if situation.first_need else None
    wanted = [one for one in situation.expected if one.due_at and one.due_at - situation.at < FAR]
    return [_due(situation, one, facts, choke) for one in wanted[:MOST_DUES]]


def _due(situation: Situation, one: Expected, facts: Sequence[Fact], choke: str | None) -> Due:
    due = one.due_at or situation.at
    is_late = due <= situation.at and not one.is_projected
    to_come = f"{'was due' if due <= situation.at else 'by'} {when(due, situation.at)}"
    verb = one.milestone.say.partition(" to ")[0].partition(" the ")[0]  # what it is done to is the lane's name
    words = f"{verb}, late" if is_late else to_come
    is_lit = is_late and (choke is None or one.milestone.name == choke)
    return Due(due, _lane_of(situation, one.milestone.name, facts), words, is_lit)


def find_gap(situation: Situation, facts: Sequence[Fact], usual_seconds: float | None) -> Gap | None:
    """The silence of the step that is waited for; of a journey that goes well, the longest wait it came through."""
    usually = f", usually {duration(usual_seconds)}" if usual_seconds is not None else ""
    if situation.first_need is None:
        return _past_gap(situation, facts)
    step = situation.first_need.step
    lane = _lane_of(situation, step, facts)
    began = _wait_began(situation, step)
    since = max(began, _last_in(facts, lane, situation.journey.channel) or began)
    silent = (situation.at - since).total_seconds()
    if silent <= max(usual_seconds or 0.0, SHORTEST_GAP):
        return None
    return Gap(lane, since, None, f"no answer for {duration(silent)}{usually}")


def _past_gap(situation: Situation, facts: Sequence[Fact]) -> Gap | None:
    waits = [
        (one.started_at, one.closed_at, one.step)
        for one in situation.intervals
        if one.kind == "overdue" and one.closed_at is not None and one.closed_at <= situation.at
    ]
    if not waits or situation.journey.cancelled_at is not None:
        return None
    began, ended, step = max(waits, key=lambda wait: wait[1] - wait[0])
    return Gap(_lane_of(situation, step, facts), began, ended, f"took {duration((ended - began).total_seconds())}")


def _wait_began(situation: Situation, step: str) -> datetime:
    started = [one.started_at for one in situation.intervals if one.step == step and one.is_open(situation.at)]
    return min(started, default=situation.journey.opened_at)


def _last_in(facts: Sequence[Fact], lane: str, channel: str) -> datetime | None:
    return max((fact.occurred_at for fact in facts if lane_name(fact, channel) == lane), default=None)


def _lane_of(situation: Situation, step: str, facts: Sequence[Fact]) -> str:
    """The lane of a step: where it was tried last, else what the flow says of where it happens."""
    tried = [fact for fact in facts if situation.flow.failures.get(fact.step, fact.step) == step or fact.about == step]
    # Who parks a message is not who was asked.
    for fact in sorted(
        tried, key=lambda fact: (outcome_of(situation, fact) != "parked", fact.occurred_at), reverse=True
    ):
        return lane_name(fact, situation.journey.channel)
    milestone = situation.flow.by_name.get(step)
    return system_name(milestone.caption or milestone.label) if milestone else system_name(step.partition(".")[0])


def list_lines(situation: Situation, facts: Sequence[Fact]) -> list[EventLine]:
    """The facts as lines of a table."""
    before = [None, *(fact for fact in facts[:-1])]
    overtaken = _overtaken(facts)
    return [
        _line(situation, number, earlier, fact, is_late=number - 1 in overtaken)
        for number, (earlier, fact) in enumerate(zip(before, facts, strict=True), 1)
    ]


def _line(situation: Situation, number: int, earlier: Fact | None, fact: Fact, *, is_late: bool) -> EventLine:
    level, word = _state(situation, fact)
    passed = (fact.occurred_at - earlier.occurred_at).total_seconds() if earlier else None
    return EventLine(
        uid=event_uid(fact.source, fact.id),
        number=number,
        at=fact.occurred_at,
        is_new_day=earlier is None or earlier.occurred_at.date() != fact.occurred_at.date(),
        after="" if passed is None else f"+{duration(round(passed) if passed > 0.95 else passed)}",
        lane=lane_name(fact, situation.journey.channel),
        words=fact_words(situation.flow, fact),
        level=level,
        word=word,
        took=took(fact.duration_ms),
        is_late=is_late,
        mark=mark_fact(fact),
    )


def _overtaken(facts: Sequence[Fact]) -> set[int]:
    """Places of the facts that we heard of well after one that happened later."""
    late, earliest = set(), None
    for place in range(len(facts) - 1, -1, -1):
        received = facts[place].received_at
        if earliest is not None and (received - earliest).total_seconds() >= LATE_SECONDS:
            late.add(place)
        earliest = received if earliest is None else min(earliest, received)
    return late


def _state(situation: Situation, fact: Fact) -> tuple[Level, str]:
    if fact.step == "message.dead_lettered":
        return _STATES["dead_lettered"]
    if fact.step in situation.flow.failures:
        return _STATES["failed"]
    return _STATES.get(fact.outcome, ("quiet", fact.outcome))


def took(duration_ms: int | None) -> str:
    """How long something took: 38 ms, 1.1 s, 4 m."""
    if duration_ms is None:
        return ""
    if duration_ms < 500:
        return f"{duration_ms} ms"
    return f"{duration_ms / 1000:.1f} s" if duration_ms < 60_000 else duration(duration_ms / 1000)
