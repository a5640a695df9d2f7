"""What one journey adds to the counts: one pure function, so that counts can be differences of two folds (pure)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest

from app.exceptions.risk import value_at
from app.journeys.concern import counts_fact
from app.journeys.flow import Flow
from app.journeys.journey import Fact, Journey
from app.series.maths import bucket_of
from app.series.series import Dimensions

# dimensions, minute since the epoch, histogram bucket
Place = tuple[Dimensions, int, int]


def contributions(flow: Flow, journey: Journey, facts: Sequence[Fact]) -> Counter[Place]:
    """Everything that a journey counts for, by series, minute and bucket."""
    counts: Counter[Place] = Counter()
    for fact in facts:
        if not counts_fact(flow, fact):
            continue
        counts[event_slot(fact, journey.channel)] += 1
    for step in flow.by_name.keys() & journey.reached.keys():
        counts[_slot("reached", journey.channel, journey.reached[step], step)] += 1
    _add_latencies(flow, journey, counts)
    _add_occupancy(flow, journey, counts)
    return counts


def event_slot(fact: Fact, channel: str) -> Place:
    """Where one event is counted, whatever journey it belongs to."""
    dimensions = ("events", channel, fact.connector or "", fact.system or "", fact.step, fact.outcome, "")
    return dimensions, minute_of(fact.occurred_at), 0


def level_name(level: str, kind: str) -> str:
    """Name a level of journeys; orders have the plain name, so that no total counts another kind with them."""
    return level if kind == "order" else f"{kind}.{level}"


def minute_of(moment: datetime) -> int:
    """Whole minutes since the epoch."""
    return int(moment.timestamp() // 60)


def _slot(metric: str, channel: str, at: datetime, step: str = "", currency: str = "", bucket: int = 0) -> Place:
    return (metric, channel, "", "", step, "", currency), minute_of(at), bucket


def _add_latencies(flow: Flow, journey: Journey, counts: Counter[Place]) -> None:
    """A leg ends in a milestone and began at the one that starts its deadline, or at the one before it."""
    for place, milestone in enumerate(flow.milestones):
        end = journey.reached.get(milestone.name)
        before = milestone.after or (flow.milestones[place - 1].name if place else None)
        start = journey.reached.get(before) if before else None
        if start is not None and end is not None:
            bucket = bucket_of((end - start).total_seconds())
            counts[_slot("latency", journey.channel, max(start, end), milestone.name, bucket=bucket)] += 1


def _add_occupancy(flow: Flow, journey: Journey, counts: Counter[Place]) -> None:
    """Open journeys, and which stage each waits for: in at one minute, out at a later one."""
    channel, is_open, in_flight = journey.channel, level_name("open", flow.kind), level_name("in_flight", flow.kind)
    counts[_slot(is_open, channel, journey.opened_at)] += 1
    if journey.closed_at is not None:
        counts[_slot(is_open, channel, journey.closed_at)] -= 1
    for step, start, end in waits(flow, journey):
        counts[_slot(in_flight, channel, start, step)] += 1
        if end is not None:
            counts[_slot(in_flight, channel, end, step)] -= 1
        for changed, amount, currency in _amounts(journey, start, end):
            counts[_slot("in_flight_value", channel, changed, step, currency)] += amount


def waits(flow: Flow, journey: Journey) -> list[tuple[str, datetime, datetime | None]]:
    """For which stage of the map the journey waited from when to when: the one after the furthest reached."""
    reached = journey.reached
    arrivals = sorted((reached[stage.name], place) for place, stage in enumerate(flow.stages) if stage.name in reached)
    advances: list[tuple[datetime, int]] = []
    for at, place in arrivals:
        if not advances or place > advances[-1][1]:
            if advances and advances[-1][0] == at:
                advances.pop()
            advances.append((at, place))
    spans = []
    leaves = [at for at, _ in advances[1:]]
    for (start, place), left in zip_longest(advances, leaves):
        if place + 1 >= len(flow.stages):
            continue
        end = left or journey.closed_at
        if journey.closed_at is None or start < journey.closed_at:
            end = min(end, journey.closed_at) if end and journey.closed_at else end
            spans.append((flow.stages[place + 1].name, start, end))
    return spans


def _amounts(journey: Journey, start: datetime, end: datetime | None) -> list[tuple[datetime, int, str]]:
    """Value in flight over a wait, as signed changes."""
    changes: list[tuple[datetime, int, str]] = []
    minor, currency = value_at(journey, start)
    if minor is not None and currency is not None:
        changes.append((start, minor, currency))
    for since, new, unit in journey.values:
        if start < since and (end is None or since < end):
            if minor is not None and currency is not None:
                changes.append((since, -minor, currency))
            changes.append((since, new, unit))
            minor, currency = new, unit
    if end is not None and minor is not None and currency is not None:
        changes.append((end, -minor, currency))
    return changes
