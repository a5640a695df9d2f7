"""The story of an event: inbox → correlate → fold → read models, a batch in one transaction."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from time import perf_counter
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.behind import writing_behind
from app.core.database import is_passing, notify, raw
from app.core.ids import event_uid
from app.core.telemetry import batch_seconds, events_folded, fold_seconds, tracer
from app.events.event import Event, Refusal, pack_event
from app.events.fact import Fact, fact_of
from app.events.inbox import claim, quarantine
from app.events.partitions import ensure_days
from app.events.store import append_new, drop_events, read_events
from app.exceptions.causes import CauseNote
from app.exceptions.commands import name_causes
from app.journeys.board import Board
from app.journeys.concern import counts_fact, takes_fact
from app.journeys.correlate import ROOM, correlate
from app.journeys.flow import Flow
from app.journeys.key_rows import save_keys
from app.journeys.locks import take_all
from app.journeys.spread import PIECE, spread
from app.metrics.counts import Counts
from app.refold import Refolded, refold
from app.series.points import append_samples
from app.series.rollup import add_differences, name_series
from app.series.series import Dimensions

logger = logging.getLogger(__name__)

MOST_JOURNEY_TOPICS = 60


@dataclass
class Estate:
    """What the pipeline works with: the flows, the retention, and what it knows to be written already.

    A batch follows shared keys to at most `room` journeys; what leads to more is spread, `piece` journeys at a time.
    """

    flows: tuple[Flow, ...]
    retention: timedelta
    days: set[date] = field(default_factory=set)
    causes: set[CauseNote] = field(default_factory=set)
    series: set[Dimensions] = field(default_factory=set)
    room: int = ROOM
    piece: int = PIECE


@dataclass(frozen=True, slots=True)
class Worked:
    """What a batch came to; `causes` and `series` are written for good once it is committed."""

    claimed: int
    causes: frozenset[CauseNote] = frozenset()
    series: frozenset[Dimensions] = frozenset()
    days: frozenset[date] = frozenset()


def work_batch(session: Session, estate: Estate, limit: int, now: datetime) -> Worked:
    """Take a batch out of the inbox and work it into everything that is shown."""
    with tracer.start_as_current_span("pipeline.batch") as span:
        started = perf_counter()
        facts = claim(session, limit)
        worked = work_facts(session, estate, facts, now) if facts else Worked(0)
        span.set_attribute("events.claimed", worked.claimed)
        if facts:
            batch_seconds.record(perf_counter() - started)
    return worked


def work_events(session: Session, estate: Estate, events: Sequence[Event], now: datetime) -> Worked:
    """Store events and work the new ones at once, whatever their order; those seen before change nothing."""
    return work_facts(session, estate, list(map(fact_of, append_new(session, events))), now)


def work_facts(session: Session, estate: Estate, facts: Sequence[Fact], now: datetime) -> Worked:
    """Work the facts of stored events into journeys, counts and samples."""
    days = _ensure_days(session, estate, facts, now)
    counts, done = Counts(), []
    alike = {(fact.step, fact.about): fact for fact in facts}
    queues = append_samples(session, _choose(facts, alike, lambda fact: fact.step == "queue.sample"))
    for flow in estate.flows:
        if taken := _choose(facts, alike, partial(takes_fact, flow)):
            done.append(_work_flow(session, estate, flow, taken, counts))
    # Facts that no flow counts are still counted for their connector.
    for fact in _choose(facts, alike, partial(_is_other, estate)):
        counts.add_fact(fact, fact.channel or "")
    events_folded.add(len(facts))
    return replace(_write(session, estate, counts, done, queues), claimed=len(facts), days=frozenset(days))


def _work_flow(session: Session, estate: Estate, flow: Flow, facts: Sequence[Fact], counts: Counts) -> Refolded:
    correlated = correlate(session, flow, facts, estate.room)
    # What waits is counted under its own channel until a journey takes it over.
    for sign, waiting in ((1, correlated.began_waiting), (-1, correlated.stopped_waiting)):
        for fact in waiting:
            if counts_fact(flow, fact):
                counts.add_fact(fact, fact.channel or "", sign)
    return _fold(session, flow, correlated.board, counts)


def _fold(session: Session, flow: Flow, board: Board, counts: Counts) -> Refolded:
    started = perf_counter()
    with writing_behind(session) as write:
        save_keys(write, board)
        refolded = refold(session, write, flow, board, counts)
    fold_seconds.record(perf_counter() - started)
    return refolded


def work_piece(session: Session, estate: Estate) -> Worked:
    """Bring a fact on to the next of very many journeys that it leads to."""
    counts = Counts()
    for flow in estate.flows:
        correlated = spread(session, flow, estate.piece)
        if correlated is not None:
            done = [_fold(session, flow, correlated.board, counts)]
            return replace(_write(session, estate, counts, done, set()), claimed=1)
    return Worked(0)


def _write(session: Session, estate: Estate, counts: Counts, done: Sequence[Refolded], queues: set[str]) -> Worked:
    causes = {note for one in done for note in one.causes}
    write = raw(session).execute
    name_causes(write, causes - estate.causes)
    series = counts.series
    name_series(write, series - estate.series)
    add_differences(write, counts.tallies)
    notify(session, ",".join(_topics(done, queues)))
    return Worked(0, frozenset(causes), frozenset(series))


def work_singly(session: Session, estate: Estate, limit: int, now: datetime) -> int:
    """After a batch has failed: take facts one by one, and set aside the events that cannot be worked.

    Returns how many were set aside. Each runs in a savepoint, so that a bad one takes nothing with it; what one has
    written stays locked while the next one looks for its locks, so nobody else may be at work.
    """
    parked = 0
    for flow in estate.flows:
        take_all(session, flow.kind)
    for index, fact in enumerate(claim(session, limit)):
        try:
            with session.begin_nested():
                work_facts(session, estate, [fact], now)
        except Exception as error:
            if is_passing(error):
                raise
            logger.exception("event set aside", extra={"event_source": fact.source, "event_id": fact.id})
            reason = f"the pipeline could not work it: {type(error).__name__}"
            quarantine(session, [_set_aside(session, fact, index, reason)], "pipeline", "inbox", now)
            parked += 1
    return parked


def remember(estate: Estate, worked: Worked) -> None:
    """After the commit: keep in mind what is written, so that it need not be written again."""
    estate.causes |= worked.causes
    estate.series |= worked.series
    estate.days |= worked.days


def _set_aside(session: Session, fact: Fact, index: int, reason: str) -> Refusal:
    """Take the event out of the store, for once mended it must not look like a repeat."""
    key = (fact.day, event_uid(fact.source, fact.id))
    stored = read_events(session, [key]).get(key[1])
    drop_events(session, [key])
    return Refusal(index, reason, pack_event(stored) if stored else b"", fact.source, fact.id, "packed")


def _ensure_days(session: Session, estate: Estate, facts: Iterable[Fact], now: datetime) -> set[date]:
    """Give days near today a partition of their own; what receivers put into the common one moves over."""
    days = {fact.day for fact in facts} - estate.days
    if days:
        ensure_days(session, days, now.date(), estate.retention)
    return days


def _choose(
    facts: Sequence[Fact], alike: Mapping[tuple[str, str | None], Fact], belongs: Callable[[Fact], bool]
) -> Sequence[Fact]:
    """The facts that belong: their step and subject tell, so that one fact of each is asked about."""
    chosen = {name for name, fact in alike.items() if belongs(fact)}
    if len(chosen) == len(alike):
        return facts
    return [fact for fact in facts if (fact.step, fact.about) in chosen] if chosen else []


def _is_other(estate: Estate, fact: Fact) -> bool:
    return not any(takes_fact(flow, fact) and counts_fact(flow, fact) for flow in estate.flows)


def _topics(done: Sequence[Refolded], queues: set[str]) -> list[str]:
    topics = ["connectors", "tower"]
    if queues:
        topics.append("queues")
    touched: set[UUID] = {journey for one in done for journey in one.journeys}
    if touched:
        topics += ["orders", "exceptions"]
    if len(touched) > MOST_JOURNEY_TOPICS:
        return [*topics, "journeys"]
    return [*topics, *(f"journey-{journey}" for journey in sorted(touched))]
