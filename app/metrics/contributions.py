"""What one journey adds to the counts, as marks: counts are differences of the marks of two folds (pure)."""

from datetime import datetime

from app.exceptions.risk import value_at
from app.journeys.flow import Flow
from app.journeys.journey import Journey
from app.metrics.counts import Mark
from app.series.maths import UNTIMED, ZERO_BUCKET, bucket_of

# (metric, step, from, to): it counts in at its beginning and, unless it goes on, out at its end.
Stretch = tuple[str, str, datetime, datetime | None]


def marks_of(flow: Flow, journey: Journey) -> list[Mark]:
    """Everything that a journey counts for, besides its events."""
    marks: list[Mark] = []
    for milestone, before in flow.legs:
        _add_leg(marks, journey, milestone, before)
    for stretch in _stretches(flow, journey):
        _add_stretch(marks, journey, stretch)
    return marks


def changed_marks(flow: Flow, before: Journey, after: Journey) -> tuple[list[Mark], list[Mark]]:
    """How the marks of two folds of a journey differ: what is taken back, and what is counted."""
    gone: list[Mark] = []
    come: list[Mark] = []
    old, new = before.reached, after.reached
    steps = [step for step, at in new.items() if old.get(step) != at]
    steps += [step for step in old if step not in new]
    legs = {leg for step in steps for leg in flow.legs_of.get(step, ())}
    for milestone, start in legs:
        _add_leg(gone, before, milestone, start)
        _add_leg(come, after, milestone, start)
    if before.values != after.values:
        for stretch in _stretches(flow, before):
            _add_stretch(gone, before, stretch)
        for stretch in _stretches(flow, after):
            _add_stretch(come, after, stretch)
    elif legs or (before.opened_at, before.closed_at) != (after.opened_at, after.closed_at):
        _add_changed_stretches(gone, come, flow, before, after)
    return gone, come


def _add_changed_stretches(gone: list[Mark], come: list[Mark], flow: Flow, before: Journey, after: Journey) -> None:
    """The same for stretches alone, where the values are the same; of those that have only ended the end is enough."""
    old, new = _stretches(flow, before), _stretches(flow, after)
    for was in old[len(new) :]:
        _add_stretch(gone, before, was)
    for now in new[len(old) :]:
        _add_stretch(come, after, now)
    valued_at = after.values[-1][0] if after.values else after.opened_at
    for was, now in zip(old, new, strict=False):
        metric, step, start, end = now
        if end is not None and valued_at < end and was == (metric, step, start, None):
            come.append((metric, step, "", 0, end, -1))
            if step and after.values:
                _, minor, currency = after.values[-1]
                come.append(("in_flight_value", step, currency, 0, end, -minor))
        elif was != now:
            _add_stretch(gone, before, was)
            _add_stretch(come, after, now)


def _add_leg(marks: list[Mark], journey: Journey, milestone: str, before: str | None) -> None:
    """Count a milestone when it is reached, in the bucket of the time that its leg took.

    Where clocks make the leg begin after its end, it is known to have taken no time only from then on.
    """
    at = journey.reached.get(milestone)
    if at is None:
        return
    start = journey.reached.get(before) if before else None
    if start is not None and start <= at:
        marks.append(("reached", milestone, "", bucket_of((at - start).total_seconds()), at, 1))
        return
    marks.append(("reached", milestone, "", UNTIMED, at, 1))
    if start is not None:
        marks.append(("reached", milestone, "", ZERO_BUCKET, start, 1))
        marks.append(("reached", milestone, "", UNTIMED, start, -1))


def _stretches(flow: Flow, journey: Journey) -> list[Stretch]:
    in_flight = level_name("in_flight", flow.kind)
    stretches: list[Stretch] = [(level_name("open", flow.kind), "", journey.opened_at, journey.closed_at)]
    stretches += [(in_flight, *wait) for wait in waits(flow, journey)]
    return stretches


def _add_stretch(marks: list[Mark], journey: Journey, stretch: Stretch) -> None:
    """In flight is the value as well, once a journey waits for a step."""
    metric, step, start, end = stretch
    marks.append((metric, step, "", 0, start, 1))
    if step:
        _add_value(marks, journey, step, start, end)
    if end is not None:
        marks.append((metric, step, "", 0, end, -1))


def _add_value(marks: list[Mark], journey: Journey, step: str, start: datetime, end: datetime | None) -> None:
    minor, currency = value_at(journey, start)
    if minor is not None and currency is not None:
        marks.append(("in_flight_value", step, currency, 0, start, minor))
    for since, new, unit in journey.values:
        if start < since and (end is None or since < end):
            if minor is not None and currency is not None:
                marks.append(("in_flight_value", step, currency, 0, since, -minor))
            marks.append(("in_flight_value", step, unit, 0, since, new))
            minor, currency = new, unit
    if end is not None and minor is not None and currency is not None:
        marks.append(("in_flight_value", step, currency, 0, end, -minor))


def level_name(level: str, kind: str) -> str:
    """Name a level of journeys; orders have the plain name, so that no total counts another kind with them."""
    return level if kind == "order" else f"{kind}.{level}"


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
