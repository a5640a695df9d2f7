"""What one journey adds to the counts, as marks: counts are differences of the marks of two folds (pure)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from app.events.fact import Fact
from app.exceptions.risk import value_at
from app.journeys.flow import Flow, Leg
from app.journeys.journey import Journey
from app.series.maths import bucket_of
from app.series.series import Dimensions, Slot, series_id

_EPOCH, _MINUTE = datetime(1970, 1, 1, tzinfo=UTC), timedelta(minutes=1)

# (metric, step, from, to, amounts): a stretch counts in at its beginning and out at its end, a moment only once.
Mark = tuple[str, str, datetime, datetime | None, "Amounts"]
# Value in flight over a stretch, as signed changes of minor units by currency.
Amounts = tuple[tuple[datetime, int, str], ...]


class Counts:
    """Signed counts by slot, and the series that they are of, with their dimensions."""

    __slots__ = ("series", "slots")

    def __init__(self) -> None:
        self.slots: dict[Slot, int] = {}
        self.series: dict[Dimensions, int] = {}

    def add(self, dimensions: Dimensions, at: datetime, number: int, bucket: int = 0) -> None:
        """Count something at a minute."""
        series = self.series.get(dimensions)
        if series is None:
            series = self.series[dimensions] = series_id(dimensions)
        slot = (series, minute_of(at), bucket)
        self.slots[slot] = self.slots.get(slot, 0) + number

    def add_fact(self, fact: Fact, channel: str, sign: int = 1) -> None:
        """Count one event, whatever journey it belongs to."""
        dimensions = ("events", channel, fact.connector or "", fact.system or "", fact.step, fact.outcome, "")
        self.add(dimensions, fact.occurred_at, sign)

    def add_marks(self, marks: Iterable[Mark], channel: str, sign: int = 1) -> None:
        """Count marks, or with -1 take them back."""
        for metric, step, start, end, amounts in marks:
            if metric == "latency":
                seconds = (end - start).total_seconds() if end else 0.0
                self.add(_named(metric, channel, step), max(start, end or start), sign, bucket_of(seconds))
                continue
            self.add(_named(metric, channel, step), start, sign)
            if end is not None:
                self.add(_named(metric, channel, step), end, -sign)
            for at, minor, currency in amounts:
                self.add(_named("in_flight_value", channel, step, currency), at, sign * minor)


def marks_of(flow: Flow, journey: Journey) -> list[Mark]:
    """Everything that a journey counts for, besides its events; no mark twice."""
    return [*_leg_marks(flow.legs, journey), *_stretch_marks(flow, journey)]


def changed_marks(flow: Flow, before: Journey, after: Journey) -> tuple[list[Mark], list[Mark]]:
    """The marks that only one of two folds of a journey has: what is taken back, and what is counted."""
    old, new = before.reached, after.reached
    steps = [step for step, at in new.items() if old.get(step) != at]
    steps += [step for step in old if step not in new]
    gone: list[Mark] = []
    come: list[Mark] = []
    if legs := {leg for step in steps for leg in flow.legs_of.get(step, ())}:
        gone += _leg_marks(legs, before)
        come += _leg_marks(legs, after)
    if legs or _begun_and_ended(before) != _begun_and_ended(after) or before.values != after.values:
        gone += _stretch_marks(flow, before)
        come += _stretch_marks(flow, after)
    # These are few: to look through them costs less than to hash their times.
    return [mark for mark in gone if mark not in come], [mark for mark in come if mark not in gone]


def _begun_and_ended(journey: Journey) -> tuple[datetime, datetime | None]:
    return journey.opened_at, journey.closed_at


def _leg_marks(legs: Iterable[Leg], journey: Journey) -> list[Mark]:
    reached, marks = journey.reached, list[Mark]()
    for milestone, before in legs:
        at = reached.get(milestone)
        if at is not None:
            marks.append(("reached", milestone, at, None, ()))
            start = reached.get(before) if before else None
            if start is not None:
                marks.append(("latency", milestone, start, at, ()))
    return marks


def _stretch_marks(flow: Flow, journey: Journey) -> list[Mark]:
    is_open, in_flight = level_name("open", flow.kind), level_name("in_flight", flow.kind)
    marks: list[Mark] = [(is_open, "", journey.opened_at, journey.closed_at, ())]
    for step, start, end in waits(flow, journey):
        marks.append((in_flight, step, start, end, _amounts(journey, start, end)))
    return marks


def level_name(level: str, kind: str) -> str:
    """Name a level of journeys; orders have the plain name, so that no total counts another kind with them."""
    return level if kind == "order" else f"{kind}.{level}"


def minute_of(moment: datetime) -> int:
    """Whole minutes since the epoch."""
    return (moment - _EPOCH) // _MINUTE


def _named(metric: str, channel: str, step: str, currency: str = "") -> Dimensions:
    return metric, channel, "", "", step, "", currency


def waits(flow: Flow, journey: Journey) -> list[tuple[str, datetime, datetime | None]]:
    """For which stage of the map the journey waited from when to when: the one after the furthest reached."""
    reached, closed = journey.reached, journey.closed_at
    arrivals = sorted((reached[stage], place) for stage, place in flow.stage_index.items() if stage in reached)
    advances: list[tuple[datetime, int]] = []
    for at, place in arrivals:
        if not advances or place > advances[-1][1]:
            if advances and advances[-1][0] == at:
                advances.pop()
            advances.append((at, place))
    spans = []
    ends: list[datetime | None] = [at for at, _ in advances[1:]]
    for (start, place), end in zip(advances, [*ends, closed], strict=False):
        if place + 1 < len(flow.stages) and (closed is None or start < closed):
            left = min(end, closed) if end is not None and closed is not None else end
            spans.append((flow.stages[place + 1].name, start, left))
    return spans


def _amounts(journey: Journey, start: datetime, end: datetime | None) -> Amounts:
    minor, currency = value_at(journey, start)
    changes: list[tuple[datetime, int, str]] = []
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
    return tuple(changes)
