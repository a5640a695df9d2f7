"""Folds the journeys that a batch has changed, and writes how their rows differ from those of the last fold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.core.behind import Write
from app.core.ids import journey_id
from app.events.fact import Fact, in_order
from app.exceptions.causes import CauseNote
from app.exceptions.commands import IntervalRow, StakeRow, replace_exceptions, replace_stakes
from app.exceptions.pending import PendingRow, drop_pending, put_pending
from app.journeys.board import Board, Held, load_facts
from app.journeys.concern import counts_fact
from app.journeys.correlate import leave_redirects
from app.journeys.flow import Flow
from app.journeys.fold import advance, fold_ordered
from app.journeys.journey import Journey, unpack_journey
from app.journeys.key_rows import KeyRow, write_keys
from app.journeys.store import Written, drop_journeys, put_journeys
from app.metrics.contributions import changed_marks, marks_of
from app.metrics.counts import Counts
from app.projection import NOTHING, Settled, pack_settled, project, unpack_settled

CHUNK = 500


@dataclass(slots=True)
class Refolded:
    """What was folded: the journeys, and the causes that they name."""

    journeys: list[UUID]
    causes: set[CauseNote] = field(default_factory=set)


@dataclass(slots=True)
class Rows:
    """The differences of the rows of some journeys."""

    written: list[Written] = field(default_factory=list)
    dropped: list[UUID] = field(default_factory=list)
    pending: list[PendingRow] = field(default_factory=list)
    not_pending: list[UUID] = field(default_factory=list)
    intervals_gone: list[IntervalRow] = field(default_factory=list)
    intervals_new: list[IntervalRow] = field(default_factory=list)
    stakes_gone: list[StakeRow] = field(default_factory=list)
    stakes_new: list[StakeRow] = field(default_factory=list)
    facets_gone: list[KeyRow] = field(default_factory=list)
    facets_new: list[KeyRow] = field(default_factory=list)


class Change(msgspec.Struct, frozen=True, gc=False):
    """One journey before and after a batch; `facts` are those to append, or all of them where it `is_whole`."""

    journey: UUID
    held: Held
    before: Journey | None
    after: Journey | None
    facts: Sequence[Fact]
    is_whole: bool


def refold(session: Session, write: Write, flow: Flow, board: Board, counts: Counts) -> Refolded:
    """Fold every journey whose facts changed; those whose new facts come last go on from the fold that is stored.

    PostgreSQL writes the rows of some journeys while the next ones are folded.
    """
    done = Refolded(sorted(board.changed, key=_number))
    for start in range(0, len(done.journeys), CHUNK):
        chunk = done.journeys[start : start + CHUNK]
        folds = {journey: _stored_fold(board.held[journey]) for journey in chunk}
        load_facts(session, board, [one for one in chunk if not _goes_on(board.held[one], folds[one])])
        rows = Rows()
        for journey in chunk:
            held = board.held[journey]
            change = (_go_on if held.facts is None else _begin_again)(flow, journey, held, folds[journey], counts)
            _count_marks(flow, change, counts)
            _note(flow, change, rows, done.causes)
        _write(session, write, flow, board, rows)
    return done


def _number(journey: UUID) -> int:
    return journey.int


def _stored_fold(held: Held) -> Journey | None:
    return unpack_journey(held.state) if held.state is not None else None


def _goes_on(held: Held, before: Journey | None) -> bool:
    """Whether the facts that have come can be added to the fold, or are all that there is."""
    return held.facts is None and (before is None or all(map(before.takes_next, held.added)))


def _go_on(flow: Flow, journey: UUID, held: Held, before: Journey | None, counts: Counts) -> Change:
    added = sorted(held.added, key=in_order) if len(held.added) > 1 else held.added
    if before is None:
        after = fold_ordered(flow, added)
    else:
        after = before.copy()
        advance(flow, after, added)
    for fact in added:
        if counts_fact(flow, fact):
            counts.add_fact(fact, after.channel)
    return Change(journey, held, before, after, added, is_whole=False)


def _begin_again(flow: Flow, journey: UUID, held: Held, before: Journey | None, counts: Counts) -> Change:
    """Facts came out of order, or left: take back what was counted of the former ones and count the present ones."""
    facts = sorted((held.facts or {}).values(), key=in_order)
    after = fold_ordered(flow, facts) if facts else None
    for sign, counted, fold_then in ((-1, held.stored, before), (1, facts, after)):
        for fact in counted:
            if counts_fact(flow, fact):
                counts.add_fact(fact, fold_then.channel if fold_then else "", sign)
    return Change(journey, held, before, after, facts, is_whole=True)


def _count_marks(flow: Flow, change: Change, counts: Counts) -> None:
    before, after = change.before, change.after
    if before and after and before.channel == after.channel:
        old, new = changed_marks(flow, before, after)
    else:
        old = marks_of(flow, before) if before else []
        new = marks_of(flow, after) if after else []
    counts.add_marks(old, before.channel if before else "", -1)
    counts.add_marks(new, after.channel if after else "")


def _note(flow: Flow, change: Change, done: Rows, causes: set[CauseNote]) -> None:
    """Note the rows that differ."""
    journey, held, before, after = change.journey, change.held, change.before, change.after
    if after is None:
        done.dropped.append(journey)
        done.not_pending.append(journey)
        _compare(flow, change, NOTHING, done)
        return
    fresh = project(flow, after)
    causes.update(fresh.causes.values())
    if fresh.pending.intervals or fresh.pending.stakes:
        row = (journey, after.channel, flow.name, fresh.pending.intervals, fresh.pending.stakes)
        done.pending.append(row)
    elif before is not None:
        done.not_pending.append(journey)
    _compare(flow, change, fresh.settled, done)
    anchor, is_provisional = (None, False) if held.state is not None else _name(flow, journey, change.facts)
    settled = pack_settled(fresh.settled)
    revalued = before is None or _worth(before) != _worth(after)
    is_whole = change.is_whole
    done.written.append(Written(journey, after, settled, change.facts, is_whole, revalued, anchor, is_provisional))


def _worth(journey: Journey) -> tuple[object, ...]:
    return journey.channel, journey.values[-1:], journey.promises[-1:]


def _compare(flow: Flow, change: Change, settled: Settled, done: Rows) -> None:
    """What has ended of its troubles, and what it can be searched by, against what was written last."""
    journey, before, after = change.journey, change.before, change.after
    was = unpack_settled(change.held.settled)
    old, had = (before.channel, before.facets) if before is not None else ("", ())
    new, has = (after.channel, after.facets) if after is not None else ("", ())
    if had != has:
        done.facets_gone += [(key, journey) for key in had if key not in has]
        done.facets_new += [(key, journey) for key in has if key not in had]
    if was == settled and (old == new or was == NOTHING):
        return
    moved = old != new
    done.intervals_gone += [(journey, old, one) for one in was.intervals if moved or one not in settled.intervals]
    done.intervals_new += [(journey, new, one) for one in settled.intervals if moved or one not in was.intervals]
    done.stakes_gone += [(journey, old, flow.name, one) for one in was.stakes if moved or one not in settled.stakes]
    done.stakes_new += [(journey, new, flow.name, one) for one in settled.stakes if moved or one not in was.stakes]


def _name(flow: Flow, journey: UUID, facts: Sequence[Fact]) -> tuple[str, bool]:
    """The key that a journey's id is made of: its anchor, or the smallest key of a provisional one."""
    for keys in map(flow.keys.sort, facts):
        for key in (*keys.anchors, *keys.identities):
            if journey_id(flow.kind, key) == journey:
                return key, not flow.keys.is_anchor(key)
    raise LookupError(f"no fact of journey {journey} names it")


def _write(session: Session, write: Write, flow: Flow, board: Board, done: Rows) -> None:
    if done.dropped:
        leave_redirects(session, board, done.dropped)
    put_journeys(write, flow, done.written)
    drop_journeys(write, done.dropped)
    put_pending(write, done.pending)
    drop_pending(write, done.not_pending)
    replace_exceptions(write, done.intervals_gone, done.intervals_new)
    replace_stakes(write, done.stakes_gone, done.stakes_new)
    write_keys(write, board, done.facets_gone, [(row, ("facet", 0)) for row in done.facets_new])
