"""What stands at stake in a journey over time: its outstanding value under its worst exception, once (pure)."""

from datetime import datetime
from itertools import pairwise

import msgspec

from app.exceptions.rules import Interval
from app.journeys.flow import Flow
from app.journeys.journey import Journey


class Stake(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One journey's exposure from `opened_at` to `closed_at`, attributed to one step and cause."""

    impact: str
    opened_at: datetime
    closed_at: datetime | None
    since_at: datetime
    step: str
    cause: str
    value_minor: int | None
    currency: str | None


def find_stakes(flow: Flow, journey: Journey, intervals: list[Interval]) -> list[Stake]:
    """At most one stake an impact at any time; the oldest open exception carries it, for its loss is the highest.

    Journeys whose flow states no value, such as returns, put nothing at stake: their order does.
    """
    if not flow.value_steps:
        return []
    stakes: list[Stake] = []
    impacts = [impact_of(flow, one.step) for one in intervals]
    for impact in ("revenue", "cash"):
        if impact in impacts:
            matching = [one for one, its in zip(intervals, impacts, strict=True) if its == impact]
            stakes += _of_one_impact(journey, impact, matching)
    return stakes


def impact_of(flow: Flow, step: str) -> str:
    """Whether trouble at a step may lose the order (revenue) or only delays its money (cash)."""
    milestone = flow.by_name.get(step)
    return milestone.impact if milestone else "revenue"


def value_at(journey: Journey, at: datetime) -> tuple[int | None, str | None]:
    """The order's value in minor units and its currency, as stated by then."""
    for since, minor, currency in reversed(journey.values):
        if since <= at:
            return minor, currency
    return None, None


def _of_one_impact(journey: Journey, impact: str, intervals: list[Interval]) -> list[Stake]:
    first = min(intervals, key=_opening) if len(intervals) > 1 else intervals[0]
    if _is_plain(first, intervals, journey):
        minor, currency = value_at(journey, first.opened_at)
        opened, closed = first.opened_at, None
        return [Stake(impact, opened, closed, first.since_at, first.step, first.cause, minor, currency)]
    edges = {time for one in intervals for time in (one.opened_at, one.closed_at) if time is not None}
    edges |= {since for since, _, _ in journey.values if since > min(edges)}
    stakes: list[Stake] = []
    for start, end in pairwise([*sorted(edges), None]):
        if start is None:
            continue
        live = [one for one in intervals if one.is_open(start)]
        if live:
            worst = min(live, key=_badness)
            minor, currency = value_at(journey, start)
            _extend(stakes, Stake(impact, start, end, worst.since_at, worst.step, worst.cause, minor, currency))
    return stakes


def _is_plain(first: Interval, intervals: list[Interval], journey: Journey) -> bool:
    """Whether the first to open stays the worst for ever, and the value as it is: what most deadlines ahead are."""
    if journey.values and journey.values[-1][0] > first.opened_at:
        return False
    worst = _badness(first)
    return all([one.closed_at is None and (one is first or _badness(one) >= worst) for one in intervals])


def _opening(one: Interval) -> tuple[datetime, tuple[datetime, str, str]]:
    return one.opened_at, _badness(one)


def _badness(one: Interval) -> tuple[datetime, str, str]:
    """The oldest trouble carries the stake, for its loss is the highest."""
    return one.since_at, one.kind, one.step


def _extend(stakes: list[Stake], new: Stake) -> None:
    """Join a stake to the one before when nothing but the time differs."""
    if stakes and stakes[-1].closed_at == new.opened_at:
        last = stakes[-1]
        if msgspec.structs.replace(new, opened_at=last.opened_at) == msgspec.structs.replace(
            last, closed_at=new.closed_at
        ):
            stakes[-1] = msgspec.structs.replace(last, closed_at=new.closed_at)
            return
    stakes.append(new)
