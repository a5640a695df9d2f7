"""Folds every journey again, compares it with its row, and writes down the rows that its fold puts elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.events.fact import Fact, in_order, unpack_facts
from app.exceptions.commands import IntervalRow, StakeRow
from app.journeys.concern import counts_fact
from app.journeys.flow import Flow
from app.journeys.fold import fold
from app.journeys.journey import Journey, unpack_journey
from app.metrics.contributions import marks_of
from app.metrics.counts import Counts
from app.projection import Projection, project, unpack_settled
from app.series.series import series_id
from app.verify.report import Difference, Report
from app.verify.shelf import EXCEPTIONS, EXPOSURES, KEYS, put, shelve, stream

CHUNK = 500

_JOURNEYS = """
SELECT coalesce(p.journey_id, j.id) AS id, p.kind AS expected_kind, p.facts AS expected_facts, j.*
  FROM (SELECT journey_id, kind, array_agg(fact) AS facts FROM verify_placed GROUP BY journey_id, kind) AS p
  FULL JOIN journeys j ON j.id = p.journey_id
"""


class Folded(NamedTuple):
    """One journey worked out again."""

    id: UUID
    flow: Flow
    facts: Sequence[Fact]
    journey: Journey
    projection: Projection


def fold_journeys(session: Session, flows: Mapping[str, Flow], report: Report) -> Iterator[int]:
    """Fold and compare journey by journey; yields how many each step has done."""
    for rows in stream(session, _JOURNEYS, CHUNK):
        folded = []
        for row in rows:
            if row.expected_kind is None:
                report.add(Difference("journeys", row.anchor, None, f"{row.event_count} facts"))
                continue
            fresh = _fold(flows[row.expected_kind], row)
            folded.append(fresh)
            _compare(report, row, fresh)
        report.journeys += len(folded)
        _shelve(session, folded)
        yield len(rows)


def _fold(flow: Flow, row: Any) -> Folded:
    packed = row.expected_facts
    facts = sorted(unpack_facts(b"".join(packed), len(packed)), key=in_order)
    journey = fold(flow, facts)
    return Folded(row[0], flow, facts, journey, project(flow, journey))


def count_alone(session: Session, facts: Iterable[Fact]) -> None:
    """Write down counts of events that no journey counts."""
    counts = Counts()
    for fact in facts:
        counts.add_fact(fact, fact.channel or "")
    _put_counts(session, counts)


def _put_counts(session: Session, counts: Counts) -> None:
    put(session, "verify_counts", [(*slot, count) for slot, count in counts.slots.items()])


def _compare(report: Report, row: Any, fresh: Folded) -> None:
    name, is_provisional = _name(fresh.flow, fresh.id, fresh.facts)
    if row.anchor is None:
        report.add(Difference("journeys", name, f"{len(fresh.facts)} facts", None))
        return
    stored = sorted(unpack_facts(row.facts, row.event_count), key=in_order)
    if stored != fresh.facts:
        wanted, found = _names(fresh.facts, stored), _names(stored, fresh.facts)
        report.add(Difference("journeys", f"{name}: facts", wanted, found))
    told = ((unpack_journey(row.state), fresh.journey), (unpack_settled(row.settled), fresh.projection.settled))
    for of_row, of_fold in told:
        for field in of_fold.__struct_fields__:
            wanted, found = getattr(of_fold, field), getattr(of_row, field)
            if wanted != found:
                report.add(Difference("journeys", f"{name}: folded {field}", wanted, found))
    for column, value in _columns(fresh.flow, name, is_provisional, fresh.journey).items():
        if getattr(row, column) != value:
            report.add(Difference("journeys", f"{name}: {column}", str(value), str(getattr(row, column))))


def _names(facts: Sequence[Fact], others: Sequence[Fact]) -> list[str]:
    """The facts that are not among the others."""
    return [fact.name for fact in facts if fact not in others]


def _name(flow: Flow, journey: UUID, facts: Sequence[Fact]) -> tuple[str, bool]:
    named = (key for keys in map(flow.keys.sort, facts) for key in (*keys.anchors, *keys.identities))
    key = next((key for key in named if journey_id(flow.kind, key) == journey), f"journey {journey}")
    return key, not flow.keys.is_anchor(key)


def _columns(flow: Flow, name: str, is_provisional: bool, journey: Journey) -> dict[str, object]:
    _, minor, currency = journey.values[-1] if journey.values else (None, None, None)
    return {
        "kind": flow.kind,
        "flow": flow.name,
        "anchor": name,
        "is_provisional": is_provisional,
        "channel": journey.channel or None,
        "value_minor": minor,
        "currency": currency,
        "opened_at": journey.opened_at,
        "promised_at": journey.promises[-1][1] if journey.promises else None,
        "closed_at": journey.closed_at,
        "ending": journey.ending,
        "stage": journey.stage,
        "last_at": journey.last_at,
        "event_count": journey.event_count,
    }


def _shelve(session: Session, folded: Sequence[Folded]) -> None:
    counts = Counts()
    intervals: list[IntervalRow] = []
    stakes: list[StakeRow] = []
    facets: list[tuple[object, ...]] = []
    causes: set[str] = set()
    for one in folded:
        channel, settled, pending = one.journey.channel, one.projection.settled, one.projection.pending
        intervals += [(one.id, channel, interval) for interval in (*settled.intervals, *pending.intervals)]
        stakes += [(one.id, channel, one.flow.name, stake) for stake in (*settled.stakes, *pending.stakes)]
        facets += [(one.flow.kind, key, one.id, "facet", 0) for key in one.journey.facets]
        causes.update(one.projection.causes)
        counts.add_marks(marks_of(one.flow, one.journey), channel)
        for fact in one.facts:
            if counts_fact(one.flow, fact):
                counts.add_fact(fact, channel)
    shelve(session, EXCEPTIONS, map(_interval, intervals))
    shelve(session, EXPOSURES, map(_stake, stakes))
    shelve(session, KEYS, facets)
    _put_counts(session, counts)
    names = {("causes", cause) for cause in causes} | {("series", str(series_id(one))) for one in counts.series}
    put(session, "verify_names", sorted(names))


def _interval(row: IntervalRow) -> tuple[object, ...]:
    journey, channel, one = row
    lasting = (one.opened_at, one.closed_at, one.since_at, one.started_at)
    return journey, one.step, one.kind, *lasting, one.cause, channel


def _stake(row: StakeRow) -> tuple[object, ...]:
    journey, channel, flow, one = row
    lasting = (one.opened_at, one.closed_at, one.since_at)
    return journey, one.impact, *lasting, flow, one.step, one.cause, channel, one.value_minor, one.currency
