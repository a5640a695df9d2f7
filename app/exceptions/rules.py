"""When a journey needs help: failed, dead-lettered and overdue steps as stretches of time (pure).

Deadlines become intervals that open in the future, so that silence is found the moment it becomes a fault.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

import msgspec

from app.exceptions.causes import CauseNote, failure_cause, overdue_cause
from app.journeys.flow import Flow, Milestone
from app.journeys.journey import Journey, Trouble


class Interval(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One step in trouble for one cause from `opened_at` to `closed_at` (None: still)."""

    step: str
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    since_at: datetime
    started_at: datetime
    cause: str = ""

    def is_open(self, at: datetime) -> bool:
        """Say whether it is open at a time."""
        return self.opened_at <= at and (self.closed_at is None or self.closed_at > at)


def find_exceptions(flow: Flow, journey: Journey) -> tuple[list[Interval], dict[str, CauseNote]]:
    """All stretches of trouble of a journey, past and to come, in order, with the causes they name."""
    plain = _deadlines(flow, journey)
    if journey.troubles:
        plain = [*_failures(flow, journey), *plain]
    lasting = _lasting_cause(flow, journey, plain)
    causes: dict[str, CauseNote] = {}
    found: list[Interval] = []
    for interval in plain:
        if lasting is not None and plain[0].opened_at <= interval.opened_at:
            causes[lasting.id] = lasting
            found.append(_stretch(interval, interval.opened_at, interval.closed_at, lasting.id))
        else:
            found += _split_by_cause(flow, journey, interval, plain, causes)
    if len(found) > 1:
        found.sort(key=_in_order)
    return found, causes


def earliest(*times: datetime | None) -> datetime | None:
    """The earliest of the times that are known."""
    return min((time for time in times if time is not None), default=None)


def _in_order(one: Interval) -> tuple[datetime, str, str]:
    return one.opened_at, one.step, one.kind


def _deadlines(flow: Flow, journey: Journey) -> list[Interval]:
    reached, closed, channel = journey.reached, journey.closed_at, journey.channel
    promised = min([promised for _, promised in journey.promises]) if journey.promises else None
    found: list[Interval] = []
    for milestone in flow.milestones:
        end = reached.get(milestone.name)
        if closed is not None and (end is None or closed < end):
            end = closed
        if milestone.by_promise:
            # What came in time for the earliest promise was never late.
            if promised is not None and (end is None or end > promised - milestone.less):
                found += _promises(journey, milestone, end)
        elif milestone.after in reached:
            start, span = reached[milestone.after], milestone.span(channel) if milestone.channels else milestone.within
            # Working time passes no faster than wall time: what took no longer than its span was never late.
            if span is None or (end is not None and end - start <= span.length):
                continue
            due = span.end(start, flow.calendar)
            if end is None or due < end:
                found.append(Interval(milestone.name, "overdue", due, end, due, start))
    return found


def _promises(journey: Journey, milestone: Milestone, end: datetime | None) -> list[Interval]:
    """A promise holds from the moment it is given until it is replaced; trouble that goes on keeps its age."""
    found: list[Interval] = []
    promises = journey.promises
    for place, (given, promised) in enumerate(promises, start=1):
        stop = promises[place][0] if place < len(promises) else end
        if end is not None and (stop is None or end < stop):
            stop = end
        due = promised - milestone.less
        opened = due if due > given else given
        if stop is not None and opened >= stop:
            continue
        since = found[-1].since_at if found and found[-1].closed_at == opened else due
        found.append(Interval(milestone.name, "overdue", opened, stop, since, journey.opened_at))
    return found


def _failures(flow: Flow, journey: Journey) -> Iterator[Interval]:
    for step, troubles in journey.troubles.items():
        end = earliest(journey.reached.get(step), journey.closed_at)
        serious = [trouble for trouble in troubles if trouble.outcome in ("failed", "dead_lettered")]
        runs = [(kind, next(run).at) for kind, run in groupby(serious, key=_kind)]
        for place, (kind, opened) in enumerate(runs):
            closed = earliest(end, runs[place + 1][1] if place + 1 < len(runs) else None)
            if closed is None or opened < closed:
                yield Interval(step, kind, opened, closed, runs[0][1], runs[0][1])


def _kind(trouble: Trouble) -> str:
    return "dead-lettered" if trouble.outcome == "dead_lettered" else "failed"


def _lasting_cause(flow: Flow, journey: Journey, plain: list[Interval]) -> CauseNote | None:
    """Where no step has failed, the earliest step that is late holds up all others for as long as it is."""
    if journey.troubles or not plain or plain[0].closed_at is not None:
        return None
    return overdue_cause(flow, flow.by_name[plain[0].step])


def _split_by_cause(
    flow: Flow, journey: Journey, interval: Interval, plain: list[Interval], causes: dict[str, CauseNote]
) -> list[Interval]:
    edges = {interval.opened_at}
    edges.update(time for time in _turns(flow, journey, interval, plain) if interval.is_open(time))
    parts: list[Interval] = []
    for edge in sorted(edges):
        note = _cause_at(flow, journey, interval, plain, edge)
        causes.setdefault(note.id, note)
        if parts and parts[-1].cause == note.id:
            continue
        if parts:
            parts[-1] = _stretch(parts[-1], parts[-1].opened_at, edge, parts[-1].cause)
        parts.append(_stretch(interval, edge, interval.closed_at, note.id))
    return parts


def _stretch(one: Interval, opened: datetime, closed: datetime | None, cause: str) -> Interval:
    return Interval(one.step, one.kind, opened, closed, one.since_at, one.started_at, cause)


def _turns(flow: Flow, journey: Journey, interval: Interval, plain: list[Interval]) -> Iterator[datetime]:
    """The times at which its cause may change: its own troubles and, for lateness, all that comes before it."""
    for step, troubles in journey.troubles.items():
        if interval.kind == "overdue" or step == interval.step:
            yield from (trouble.at for trouble in troubles)
    if interval.kind == "overdue":
        order = flow.by_name[interval.step].order
        for other in plain:
            if _order(flow, other.step) < order:
                yield other.opened_at
                if other.closed_at is not None:
                    yield other.closed_at


def _cause_at(flow: Flow, journey: Journey, interval: Interval, plain: list[Interval], at: datetime) -> CauseNote:
    """The step's own last error; else, for lateness, what holds up the earliest step before it; else the silence."""
    told = [trouble for trouble in journey.troubles.get(interval.step, ()) if trouble.at <= at]
    if told:
        dead = any(trouble.outcome == "dead_lettered" for trouble in told)
        return failure_cause(flow, flow.steps[interval.step], told[-1], is_dead=dead)
    order = flow.by_name[interval.step].order
    before = [one for one in plain if _order(flow, one.step) < order and one.is_open(at)]
    if before:
        first = min(before, key=lambda one: (_order(flow, one.step), one.kind))
        return _cause_at(flow, journey, first, plain, at)
    return overdue_cause(flow, flow.by_name[interval.step])


def _order(flow: Flow, step: str) -> int:
    milestone = flow.by_name.get(step)
    return milestone.order if milestone else 0
