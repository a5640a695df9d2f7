"""What every number must say as of a time: sums over the oracle's journeys of the pure fold of their facts up to then.

Which journey a fact belongs to is by all that is known; nothing here reads a store.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import median
from uuid import UUID

from app.core.clock import floor_minute
from app.core.ids import journey_id
from app.events.event import Event
from app.events.fact import Fact, fact_of
from app.exceptions.causes import CauseNote
from app.exceptions.losses import EXPECTED, Losses
from app.exceptions.risk import Stake, find_stakes, value_at
from app.exceptions.rules import Interval, find_exceptions
from app.journeys.concern import counts_fact, takes_fact
from app.journeys.flow import Flow
from app.journeys.fold import channel_of, fold_at
from app.journeys.journey import Journey
from app.metrics.contributions import waits
from app.metrics.metric import Value
from app.series.maths import bucket_of, quantile
from app.series.rates import Converter
from tests.oracle.correlation import correlate
from tests.oracle.export import facts_for

QUARTER, HOUR, INSTANT = timedelta(minutes=15), timedelta(hours=1), timedelta(microseconds=1)
FAILED = ("failed", "retrying", "dead_lettered")
Told = dict[tuple[str, ...], Value]


@dataclass(frozen=True)
class Then:
    """One journey as its facts up to a time say it was."""

    id: UUID
    flow: Flow
    journey: Journey
    intervals: list[Interval]
    stakes: list[Stake]
    causes: dict[str, CauseNote]
    at: datetime

    @property
    def open(self) -> list[Interval]:
        return [one for one in self.intervals if one.is_open(self.at)]

    @property
    def staked(self) -> Stake | None:
        """What counts of it when it counts once: revenue before cash."""
        live = [one for one in self.stakes if _is_live(one, self.at)]
        return max(live, key=lambda one: one.impact, default=None)

    def ahead(self, until: datetime) -> list[Interval]:
        return [one for one in self.intervals if one.kind == "overdue" and self.at < one.opened_at <= until]

    @property
    def is_late(self) -> bool:
        return any(one.kind == "overdue" for one in self.open)


@dataclass(frozen=True)
class World:
    """All that was ever told: journeys with their facts; what is counted, with its channel; what waits."""

    journeys: list[tuple[UUID, Flow, list[Fact]]]
    counted: list[tuple[str, Fact]]
    unmatched: dict[tuple[str, str], Fact]

    def at(self, at: datetime) -> list[Then]:
        """Every journey that had begun."""
        return [_then(journey, flow, fold, at) for journey, flow, fold in self._folds(at)]

    def _folds(self, at: datetime) -> Iterator[tuple[UUID, Flow, Journey]]:
        for journey, flow, facts in self.journeys:
            fold = fold_at(flow, facts, at)
            if fold is not None:
                yield journey, flow, fold


def a_world(flows: Sequence[Flow], events: Iterable[Event]) -> World:
    """Correlate the set of events by its definition."""
    once = {(event.source, event.id): event for event in events}
    world = World([], [], {})
    for flow in flows:
        journeys, unmatched = correlate(flow.keys, facts_for(flow, once.values()))
        for name, told in journeys.items():
            world.journeys.append((journey_id(flow.kind, name), flow, told.facts))
            channel = channel_of(told.facts)
            world.counted.extend((channel, fact) for fact in told.facts if counts_fact(flow, fact))
        world.counted.extend((fact.channel or "", fact) for fact in unmatched if counts_fact(flow, fact))
        world.unmatched.update(((fact.source, fact.id), fact) for fact in unmatched)
    for fact in map(fact_of, once.values()):
        if not any(takes_fact(flow, fact) and counts_fact(flow, fact) for flow in flows):
            world.counted.append((fact.channel or "", fact))
    return world


def _then(journey: UUID, flow: Flow, fold: Journey, at: datetime) -> Then:
    intervals, causes = find_exceptions(flow, fold)
    return Then(journey, flow, fold, intervals, find_stakes(flow, fold, intervals), causes, at)


def _is_live(stake: Stake, at: datetime) -> bool:
    return stake.opened_at <= at and (stake.closed_at is None or stake.closed_at > at)


def data_age(world: World, at: datetime) -> float | None:
    """By the minute, as the sheets say."""
    seen = [floor_minute(fact.occurred_at) for _, fact in world.counted if floor_minute(fact.occurred_at) <= at]
    return (at - max(seen)).total_seconds() if seen else None


def count_journeys(thens: Iterable[Then], wanted: Callable[[Then], list[Interval]], part: str = "") -> Told:
    """Journeys that have a wanted interval, each once in each part."""
    found: dict[tuple[str, ...], set[UUID]] = {}
    for one in thens:
        for interval in wanted(one):
            found.setdefault(_part(one, interval, part), set()).add(one.id)
    return {key: len(ids) for key, ids in found.items()}


def _part(then: Then, interval: Interval, part: str) -> tuple[str, ...]:
    if not part:
        return ()
    if part == "channel":
        return (then.journey.channel,)
    return (then.causes[interval.cause].owner if part == "owner" else str(getattr(interval, part)),)


def sum_gross(thens: Iterable[Then], converter: Converter, wanted: Callable[[Then], list[Interval]]) -> int:
    """What stands behind the journeys that have a wanted interval."""
    stakes = [one.staked for one in thens if wanted(one)]
    return round(sum((_worth(converter, stake) or Fraction(0) for stake in stakes if stake), Fraction(0)))


def _worth(converter: Converter, stake: Stake) -> Fraction | None:
    factor = converter.factor(stake.currency)
    return stake.value_minor * factor if stake.value_minor is not None and factor is not None else None


def sum_at_risk(
    thens: Iterable[Then], converter: Converter, losses: Losses, impact: str, pace: Fraction = EXPECTED
) -> Value:
    """Each order's stake times the chance of its loss; all of it where only cash is late."""
    total, staked, valued = Fraction(0), 0, 0
    for then in thens:
        for stake in then.stakes:
            if stake.impact == impact and _is_live(stake, then.at):
                staked += 1
                worth = _worth(converter, stake)
                if worth is not None:
                    valued += 1
                    age = Fraction((then.at - stake.since_at) // INSTANT, 1_000_000)
                    lost = losses.of(then.flow.name, worth, age, pace) if impact == "revenue" else worth
                    total += lost or Fraction(0)
    return None if staked and not valued else round(total)


def levels(thens: Iterable[Then], kind: str = "order") -> tuple[Told, Told, dict[tuple[str, ...], Counter[str]]]:
    """Open journeys by channel; those that wait for a stage, by it; and their value by currency."""
    opened: Counter[tuple[str, ...]] = Counter()
    waiting: Counter[tuple[str, ...]] = Counter()
    value: dict[tuple[str, ...], Counter[str]] = {}
    for one in thens:
        if one.flow.kind != kind:
            continue
        if one.journey.closed_at is None:
            opened[one.journey.channel,] += 1
        for stage, start, end in waits(one.flow, one.journey):
            if start <= one.at and (end is None or end > one.at):
                waiting[stage,] += 1
                minor, currency = value_at(one.journey, one.at)
                if minor is not None and currency is not None:
                    value.setdefault((stage,), Counter())[currency] += minor
    return dict(opened), dict(waiting), value


def latencies(thens: Iterable[Then], since: datetime, until: datetime) -> tuple[Value, int, int]:
    """The 95th percentile of the legs that ended in a window, how many did, and how many milestones were reached."""
    buckets: Counter[int] = Counter()
    reached = 0
    for one in thens:
        times = one.journey.reached
        for milestone, before in one.flow.legs:
            at, start = times.get(milestone), times.get(before or "")
            reached += at is not None and since <= at < until
            if at is not None and start is not None and since <= max(at, start) < until:
                buckets[bucket_of((at - start).total_seconds())] += 1
    return quantile(buckets, 0.95) if buckets else None, sum(buckets.values()), reached


def traffic(world: World, since: datetime, until: datetime) -> tuple[Told, Value]:
    """Events by channel, and the share of attempts that failed."""
    facts = [(channel, fact) for channel, fact in world.counted if since <= fact.occurred_at < until]
    failed = sum(fact.outcome in FAILED for _, fact in facts)
    attempts = failed + sum(fact.outcome == "ok" for _, fact in facts)
    return dict(Counter((channel,) for channel, _ in facts)), failed / attempts if attempts else None


def waited(thens: Iterable[Then]) -> tuple[Value, Value]:
    """The oldest and the median wait for what is overdue."""
    ages = [(one.at - late.started_at).total_seconds() for one in thens for late in one.open if late.kind == "overdue"]
    return (max(ages), median(ages)) if ages else (None, None)
