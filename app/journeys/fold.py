"""Folds facts into a journey: a pure function of the set of facts, whatever their order of arrival (pure)."""

from collections.abc import Sequence
from datetime import datetime

from app.events.fact import Fact, in_order
from app.journeys.concern import raises_trouble
from app.journeys.flow import Flow
from app.journeys.journey import Journey, Trouble

_DONE = frozenset({"ok", "skipped"})


def fold(flow: Flow, facts: Sequence[Fact], channel: str = "") -> Journey:
    """Fold at least one fact; `channel` is given when only part of a journey's facts is folded."""
    return fold_ordered(flow, sorted(facts, key=in_order), channel)


def fold_ordered(flow: Flow, ordered: Sequence[Fact], channel: str = "") -> Journey:
    """Fold facts that are in order already."""
    journey = Journey(flow.kind, channel, ordered[0].occurred_at)
    advance(flow, journey, ordered)
    return journey


def advance(flow: Flow, journey: Journey, ordered: Sequence[Fact]) -> None:
    """Add facts, in order, that all come after those in the journey: the fold goes on from where it ended."""
    reached, plain, facet_names = journey.reached, flow.plain_steps, flow.keys.facet_names
    for fact in ordered:
        if not journey.channel and fact.channel:
            journey.channel = fact.channel
        # What most facts say, without a call.
        if fact.step in plain and fact.outcome in _DONE:
            reached.setdefault(fact.step, fact.occurred_at)
            if fact.promised_at is not None:
                journey.promises.append((fact.occurred_at, fact.promised_at))
        else:
            _take(flow, journey, fact)
        # Sorting the keys takes longer than all else that is done with a fact, and few carry a facet.
        for namespace, _ in fact.keys:
            if namespace in facet_names:
                _add_facets(flow, journey, fact)
                break
    journey.last = in_order(ordered[-1])
    journey.last_at = journey.last[0]
    journey.event_count += len(ordered)
    _close(flow, journey)
    journey.stage = _stage(flow, journey)


def channel_of(facts: Sequence[Fact]) -> str:
    """A journey's channel is the first that any of its facts names."""
    return next((fact.channel for fact in sorted(facts, key=in_order) if fact.channel), "")


def fold_at(flow: Flow, facts: Sequence[Fact], at: datetime, known: datetime | None = None) -> Journey | None:
    """Fold what had happened by `at` and, where given, had been received by `known`; None before the first fact."""
    past = [fact for fact in facts if fact.occurred_at <= at and (known is None or fact.received_at <= known)]
    return fold(flow, past, channel_of(facts)) if past else None


def rewind(flow: Flow, journey: Journey, at: datetime) -> Journey:
    """Take a fold back to a time after its first fact; lines, facets and counts keep no history and are left out."""
    then = Journey(journey.kind, journey.channel, journey.opened_at)
    then.reached = {step: time for step, time in journey.reached.items() if time <= at}
    past = {step: [one for one in troubles if one.at <= at] for step, troubles in journey.troubles.items()}
    then.troubles = {step: troubles for step, troubles in past.items() if troubles}
    then.values = [one for one in journey.values if one[0] <= at]
    then.promises = [one for one in journey.promises if one[0] <= at]
    _close(flow, then)
    then.stage = _stage(flow, then)
    return then


def _add_facets(flow: Flow, journey: Journey, fact: Fact) -> None:
    for facet in flow.keys.facets(fact):
        if facet not in journey.facets:
            journey.facets.append(facet)


def _take(flow: Flow, journey: Journey, fact: Fact) -> None:
    step, outcome = fact.step, fact.outcome
    if step in flow.failures:
        step, outcome = flow.failures[step], "failed" if outcome in _DONE else outcome
    elif step == "message.dead_lettered":
        step, outcome = fact.about if fact.about and fact.about in flow.steps else step, "dead_lettered"
    elif step == "message.replayed":
        journey.reached.setdefault("message.dead_lettered", fact.occurred_at)
    if outcome in _DONE:
        journey.reached.setdefault(step, fact.occurred_at)
        _learn(flow, journey, fact)
    elif step not in journey.reached and raises_trouble(flow, fact, step):
        trouble = Trouble(fact.occurred_at, outcome, fact.error or "", fact.system or "")
        journey.troubles.setdefault(step, []).append(trouble)


def _learn(flow: Flow, journey: Journey, fact: Fact) -> None:
    """Take over the amount, the promise and the lines that a fact states."""
    at = fact.occurred_at
    if fact.step in flow.value_steps:
        if fact.amount_minor is not None and fact.currency is not None:
            journey.values.append((at, fact.amount_minor, fact.currency))
        if fact.lines:
            journey.lines = fact.lines
    if fact.promised_at is not None:
        journey.promises.append((at, fact.promised_at))


def _close(flow: Flow, journey: Journey) -> None:
    reached = journey.reached
    cancels = [reached[step] for step in flow.cancelled_by if step in reached]
    journey.cancelled_at = min(cancels) if cancels else None
    journey.closed_at, journey.ending = journey.cancelled_at, "cancelled" if cancels else None
    if reached.keys() >= flow.completed_by:
        completed_at = max(reached[step] for step in flow.completed_by)
        if journey.cancelled_at is None or completed_at <= journey.cancelled_at:
            journey.closed_at, journey.ending = completed_at, "completed"


def _stage(flow: Flow, journey: Journey) -> str | None:
    for milestone in flow.last_first:
        if milestone.name in journey.reached:
            return milestone.name
    return None
