"""The story of an event: inbox → store once → correlate → fold → read models, a batch in one transaction."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.database import notify
from app.core.ids import journey_id
from app.core.telemetry import batch_seconds, events_folded, events_repeated, fold_seconds, tracer
from app.events.event import Event, Refusal, pack_event
from app.events.inbox import claim, quarantine
from app.events.partitions import ensure_days
from app.events.store import append_new
from app.exceptions.causes import CauseNote
from app.exceptions.commands import IntervalRow, StakeRow, name_causes, replace_exceptions, replace_stakes
from app.journeys.board import Board, KeyRow, write_keys
from app.journeys.concern import counts_fact, takes_event
from app.journeys.correlate import Correlated, correlate, leave_redirects
from app.journeys.flow import Flow
from app.journeys.journey import Fact, fact_of
from app.journeys.store import Written, drop_journeys, put_journeys
from app.metrics.contributions import event_slot
from app.projection import EMPTY, Projection, pack, project, slots, unpack
from app.series.points import append_samples
from app.series.rollup import add_differences, name_series
from app.series.series import Dimensions, Slot, series_id

logger = logging.getLogger(__name__)

MOST_JOURNEY_TOPICS = 60


@dataclass
class Estate:
    """What the pipeline works with: the flows, the retention, and what it knows to be written already."""

    flows: tuple[Flow, ...]
    retention: timedelta
    days: set[object] = field(default_factory=set)
    causes: set[CauseNote] = field(default_factory=set)
    series: set[Dimensions] = field(default_factory=set)


@dataclass
class Changes:
    """Differences that a batch makes to the read models."""

    written: list[Written] = field(default_factory=list)
    dropped: list[UUID] = field(default_factory=list)
    intervals_gone: list[IntervalRow] = field(default_factory=list)
    intervals_new: list[IntervalRow] = field(default_factory=list)
    stakes_gone: list[StakeRow] = field(default_factory=list)
    stakes_new: list[StakeRow] = field(default_factory=list)
    facets_gone: list[KeyRow] = field(default_factory=list)
    facets_new: list[KeyRow] = field(default_factory=list)
    counts: Counter[Slot] = field(default_factory=Counter)
    causes: dict[str, CauseNote] = field(default_factory=dict)
    series: set[Dimensions] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Worked:
    """What a batch came to; `causes` and `series` are written for good once it is committed."""

    claimed: int
    new: int
    causes: frozenset[CauseNote] = frozenset()
    series: frozenset[Dimensions] = frozenset()
    days: frozenset[object] = frozenset()


def work_batch(session: Session, estate: Estate, limit: int, now: datetime) -> Worked:
    """Take a batch out of the inbox and work it into everything that is shown."""
    with tracer.start_as_current_span("pipeline.batch") as span:
        started = perf_counter()
        events = claim(session, limit)
        worked = work_events(session, estate, events, now) if events else Worked(0, 0)
        span.set_attributes({"events.claimed": worked.claimed, "events.new": worked.new})
        if events:
            batch_seconds.record(perf_counter() - started)
    return worked


def work_events(session: Session, estate: Estate, events: Sequence[Event], now: datetime) -> Worked:
    """Work events into the store, whatever their order; those seen before change nothing."""
    days = _ensure_days(session, estate, events, now)
    new = append_new(session, events)
    changes, queues = Changes(), append_samples(session, [event for event in new if event.step == "queue.sample"])
    for flow in estate.flows:
        taken = [event for event in new if takes_event(flow, event)]
        if taken:
            correlated = correlate(session, flow, taken)
            _count_waiting(flow, changes, correlated)
            _project(session, flow, correlated.board, changes)
    _count_others(estate, changes, new)
    _write(session, estate, changes)
    events_folded.add(len(new))
    events_repeated.add(len(events) - len(new))
    if new:
        notify(session, ",".join(_topics(changes, queues)))
    return Worked(len(events), len(new), frozenset(changes.causes.values()), frozenset(changes.series), frozenset(days))


def work_singly(session: Session, estate: Estate, limit: int, now: datetime) -> int:
    """After a batch has failed: take events one by one, and set aside the ones that cannot be worked.

    Returns how many were set aside. Each runs in a savepoint, so that a bad one takes nothing with it.
    """
    parked = 0
    for index, event in enumerate(claim(session, limit)):
        try:
            with session.begin_nested():
                work_events(session, estate, [event], now)
        except Exception as error:
            logger.exception("event set aside", extra={"event_source": event.source, "event_id": event.id})
            reason = f"the pipeline could not work it: {type(error).__name__}"
            refusal = Refusal(index, reason, event.payload or pack_event(event), event.source, event.id)
            quarantine(session, [refusal], "pipeline", "inbox", now)
            parked += 1
    return parked


def remember(estate: Estate, worked: Worked) -> None:
    """After the commit: keep in mind what is written, so that it need not be written again."""
    estate.causes |= worked.causes
    estate.series |= worked.series
    estate.days |= worked.days


def _ensure_days(session: Session, estate: Estate, events: Iterable[Event], now: datetime) -> set[object]:
    days = {event.day for event in events} - estate.days
    if days:
        ensure_days(session, days, now.date(), estate.retention)
    return set(days)


def _project(session: Session, flow: Flow, board: Board, changes: Changes) -> None:
    """Fold every journey whose facts changed, and note how its rows differ from those of the last fold."""
    started = perf_counter()
    gone, written = [], list[Written]()
    for journey in sorted(board.changed):
        before = unpack(board.folded[journey]) if journey in board.folded else EMPTY
        facts = list(board.facts[journey].values())
        if not facts:
            gone.append(journey)
            _compare(flow, journey, before, EMPTY, changes)
            continue
        fresh = project(flow, facts)
        changes.causes.update(fresh.causes)
        changes.series.update(fresh.series)
        _compare(flow, journey, before, fresh.projection, changes)
        anchor, is_provisional = _name(flow, journey, facts)
        packed = pack(fresh.projection)
        written.append(Written(journey, fresh.journey, facts, anchor, is_provisional, packed))
    fold_seconds.record(perf_counter() - started)
    leave_redirects(session, board, gone)
    put_journeys(session, flow, written)
    drop_journeys(session, gone)
    changes.written += written
    changes.dropped += gone
    facets = [(row, ("facet", 0)) for row in changes.facets_new]
    write_keys(session, flow.kind, changes.facets_gone, facets)
    changes.facets_gone, changes.facets_new = [], []


def _compare(flow: Flow, journey: UUID, before: Projection, after: Projection, changes: Changes) -> None:
    old, new = set(before.intervals), set(after.intervals)
    moved = before.channel != after.channel
    changes.intervals_gone += [(journey, before.channel, one) for one in before.intervals if moved or one not in new]
    changes.intervals_new += [(journey, after.channel, one) for one in after.intervals if moved or one not in old]
    past, present = set(before.stakes), set(after.stakes)
    changes.stakes_gone += [(journey, before.channel, flow.name, one) for one in past if moved or one not in present]
    changes.stakes_new += [(journey, after.channel, flow.name, one) for one in present if moved or one not in past]
    changes.counts.update(slots(after))
    changes.counts.subtract(slots(before))
    changes.facets_gone += [(key, journey) for key in before.facets if key not in after.facets]
    changes.facets_new += [(key, journey) for key in after.facets if key not in before.facets]


def _name(flow: Flow, journey: UUID, facts: Iterable[Fact]) -> tuple[str, bool]:
    """The key that a journey's id is made of: its anchor, or the smallest key of a provisional one."""
    for keys in map(flow.keys.sort, facts):
        for key in (*keys.anchors, *keys.identities):
            if journey_id(flow.kind, key) == journey:
                return key, not flow.keys.is_anchor(key)
    raise LookupError(f"no fact of journey {journey} names it")


def _count_waiting(flow: Flow, changes: Changes, correlated: Correlated) -> None:
    """A fact that waits is counted under its own channel until a journey takes it over."""
    for facts, sign in ((correlated.began_waiting, 1), (correlated.stopped_waiting, -1)):
        for fact in facts:
            if counts_fact(flow, fact):
                _count(changes, fact, sign)


def _count_others(estate: Estate, changes: Changes, events: Iterable[Event]) -> None:
    """Events that no flow counts are still counted for their connector."""
    for event in events:
        fact = fact_of(event)
        if not any(takes_event(flow, event) and counts_fact(flow, fact) for flow in estate.flows):
            _count(changes, fact, 1)


def _count(changes: Changes, fact: Fact, sign: int) -> None:
    dimensions, minute, bucket = event_slot(fact, fact.channel or "")
    changes.series.add(dimensions)
    changes.counts[series_id(dimensions), minute, bucket] += sign


def _write(session: Session, estate: Estate, changes: Changes) -> None:
    name_causes(session, set(changes.causes.values()) - estate.causes)
    name_series(session, changes.series - estate.series)
    replace_exceptions(session, changes.intervals_gone, changes.intervals_new)
    replace_stakes(session, changes.stakes_gone, changes.stakes_new)
    add_differences(session, changes.counts)


def _topics(changes: Changes, queues: set[str]) -> list[str]:
    topics = ["connectors", "tower"]
    if queues:
        topics.append("queues")
    if changes.written or changes.dropped:
        topics.append("orders")
    if changes.intervals_gone or changes.intervals_new:
        topics.append("exceptions")
    touched = sorted({one.id for one in changes.written})
    if len(touched) > MOST_JOURNEY_TOPICS:
        return [*topics, "journeys"]
    return [*topics, *(f"journey-{journey}" for journey in touched)]
