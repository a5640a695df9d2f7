"""What one journey adds to the counts, as marks: counts are differences of the marks of two folds (pure)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from app.events.fact import Fact
from app.exceptions.risk import value_at
from app.journeys.flow import Flow, Leg
from app.journeys.journey import Journey
from app.series.maths import bucket_of
from app.series.series import Dimensions, Slot, series_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal()

# Value in flight over a stretch, as signed changes of minor units by currency.
Amounts = tuple[tuple[datetime, int, str], ...]
# (metric, step, from, to): a moment has no end, nor has what goes on.
Stretch = tuple[str, str, datetime, datetime | None]
# A stretch with its amounts counts in at its beginning and out at its end; without a beginning only its end counts.
Mark = tuple[str, str, datetime | None, datetime | None, Amounts]


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
        slot = series, minute_of(at), bucket
        slots = self.slots
        slots[slot] = slots.get(slot, 0) + number

    def add_fact(self, fact: Fact, channel: str, sign: int = 1) -> None:
        """Count one event, whatever journey it belongs to."""
        dimensions = ("events", channel, fact.connector or "", fact.system or "", fact.step, fact.outcome, "")
        self.add(dimensions, fact.occurred_at, sign)

    def add_marks(self, marks: Iterable[Mark], channel: str, sign: int = 1) -> None:
        """Count marks, or with -1 take them back."""
        for metric, step, start, end, amounts in marks:
            dimensions = metric, channel, "", "", step, "", ""
            if metric == "latency" and start and end:
                self.add(dimensions, max(start, end), sign, bucket_of((end - start).total_seconds()))
                continue
            if start is not None:
                self.add(dimensions, start, sign)
            if end is not None:
                self.add(dimensions, end, -sign)
            for at, minor, currency in amounts:
                self.add(("in_flight_value", channel, "", "", step, "", currency), at, sign * minor)


def marks_of(flow: Flow, journey: Journey) -> list[Mark]:
    """Everything that a journey counts for, besides its events; no mark twice."""
    return [*_leg_marks(flow.legs, journey), *_stretch_marks(flow, journey)]


def changed_marks(flow: Flow, before: Journey, after: Journey) -> tuple[list[Mark], list[Mark]]:
    """The marks that only one of two folds of a journey has: what is taken back, and what is counted."""
    old, new = before.reached, after.reached
    steps = [step for step, at in new.items() if old.get(step) != at]
    steps += [step for step in old if step not in new]
    legs = {leg for step in steps for leg in flow.legs_of.get(step, ())}
    gone, come = _leg_marks(legs, before), _leg_marks(legs, after)
    if before.values != after.values:
        gone += _stretch_marks(flow, before)
        come += _stretch_marks(flow, after)
    elif legs or (before.opened_at, before.closed_at) != (after.opened_at, after.closed_at):
        left, entered = _changed_stretches(flow, before, after)
        gone += left
        come += entered
    # These are few: to look through them costs less than to hash their times.
    return [mark for mark in gone if mark not in come], [mark for mark in come if mark not in gone]


def _changed_stretches(flow: Flow, before: Journey, after: Journey) -> tuple[list[Mark], list[Mark]]:
    """The same for stretches alone, where the values are the same; of those that have only ended the end is enough."""
    old, new = _stretches(flow, before), _stretches(flow, after)
    valued_at = after.values[-1][0] if after.values else after.opened_at
    gone = [_stretch_mark(before, was) for was in old[len(new) :]]
    come = [_stretch_mark(after, now) for now in new[len(old) :]]
    for was, now in zip(old, new, strict=False):
        end = now[3]
        if end is not None and valued_at < end and was == (*now[:3], None):
            metric, step, *_, amounts = _stretch_mark(after, now)
            come.append((metric, step, None, end, amounts[-1:]))
        elif was != now:
            gone.append(_stretch_mark(before, was))
            come.append(_stretch_mark(after, now))
    return gone, come


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
    return [_stretch_mark(journey, one) for one in _stretches(flow, journey)]


def _stretches(flow: Flow, journey: Journey) -> list[Stretch]:
    in_flight = level_name("in_flight", flow.kind)
    stretches: list[Stretch] = [(level_name("open", flow.kind), "", journey.opened_at, journey.closed_at)]
    stretches += [(in_flight, *wait) for wait in waits(flow, journey)]
    return stretches


def _stretch_mark(journey: Journey, stretch: Stretch) -> Mark:
    """In flight is the value as well, once a journey waits for a step."""
    _, step, start, end = stretch
    return *stretch, _amounts(journey, start, end) if step else ()


def level_name(level: str, kind: str) -> str:
    """Name a level of journeys; orders have the plain name, so that no total counts another kind with them."""
    return level if kind == "order" else f"{kind}.{level}"


def minute_of(moment: datetime) -> int:
    """Whole minutes since the epoch, of a time in UTC, as all stored times are."""
    return (moment.toordinal() - _EPOCH) * 1440 + moment.hour * 60 + moment.minute


def waits(flow: Flow, journey: Journey) -> list[tuple[str, datetime, datetime | None]]:
    """For which stage of the map the journey waited from when to when: the one after the furthest reached."""
    reached, closed, names = journey.reached, journey.closed_at, flow.awaited
    arrivals = [(at, place) for stage, place in flow.stage_index.items() if (at := reached.get(stage))]
    arrivals.sort()
    spans: list[tuple[str, datetime, datetime | None]] = []
    since, furthest = journey.opened_at, -1
    for at, place in arrivals:
        if place > furthest:
            if furthest >= 0 and since < at:
                _add_wait(spans, names[furthest], since, at, closed)
            since, furthest = at, place
    if furthest >= 0:
        _add_wait(spans, names[furthest], since, closed, closed)
    return spans


def _add_wait(
    spans: list[tuple[str, datetime, datetime | None]],
    name: str | None,
    start: datetime,
    end: datetime | None,
    closed: datetime | None,
) -> None:
    """Nobody waits after the last stage, nor once the journey is closed."""
    if name is not None and (closed is None or start < closed):
        spans.append((name, start, end if closed is None or end is None else min(end, closed)))


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
