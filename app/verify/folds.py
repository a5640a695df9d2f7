"""Folds every journey again, compares it with its row, and writes down the rows that its fold puts elsewhere."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.exceptions.commands import IntervalRow, StakeRow
from app.journeys.flow import Flow
from app.journeys.journey import Fact, in_order, unpack_facts
from app.projection import Projected, project, slots, unpack
from app.series.series import Dimensions, Slot, series_id
from app.verify.report import Difference, Report
from app.verify.shelf import EXCEPTIONS, EXPOSURES, KEYS, put, shelve, stream

CHUNK = 500

_JOURNEYS = """
SELECT coalesce(p.journey_id, j.id) AS id, p.kind AS expected_kind, p.facts AS expected_facts, j.*
  FROM (SELECT journey_id, kind, array_agg(fact) AS facts FROM verify_placed GROUP BY journey_id, kind) AS p
  FULL JOIN journeys j ON j.id = p.journey_id
"""


def fold_journeys(session: Session, flows: Mapping[str, Flow], report: Report) -> Iterator[int]:
    """Fold and compare journey by journey; yields how many each step has done."""
    for rows in stream(session, _JOURNEYS, CHUNK):
        folded = []
        for row in rows:
            if row.expected_kind is None:
                report.add(Difference("journeys", row.anchor, None, f"{row.event_count} facts"))
                continue
            flow = flows[row.expected_kind]
            facts = sorted((unpack_facts(one)[0] for one in row.expected_facts), key=in_order)
            fresh = project(flow, facts)
            folded.append((row[0], flow, fresh))
            _compare(report, flow, row, facts, fresh)
        report.journeys += len(folded)
        _shelve(session, folded)
        yield len(rows)


def count_alone(session: Session, places: Iterable[tuple[Dimensions, int, int]]) -> None:
    """Write down counts of events that no journey counts."""
    put_counts(session, Counter((series_id(dimensions), minute, bucket) for dimensions, minute, bucket in places))


def put_counts(session: Session, counts: Counter[Slot]) -> None:
    """Write down what is to be summed into the rollups."""
    put(session, "verify_counts", [(*slot, count) for slot, count in counts.items() if count])


def _compare(report: Report, flow: Flow, row: Any, facts: Sequence[Fact], fresh: Projected) -> None:
    name, is_provisional = _name(flow, row[0], facts)
    if row.anchor is None:
        report.add(Difference("journeys", name, f"{len(facts)} facts", None))
        return
    stored = sorted(unpack_facts(row.facts), key=in_order)
    if stored != facts:
        report.add(Difference("journeys", f"{name}: facts", _names(facts, stored), _names(stored, facts)))
    folded = unpack(row.folded)
    if folded != fresh.projection:
        for field in fresh.projection.__struct_fields__:
            wanted, found = getattr(fresh.projection, field), getattr(folded, field)
            if wanted != found:
                report.add(Difference("journeys", f"{name}: folded {field}", wanted, found))
    for column, value in _columns(flow, name, is_provisional, fresh).items():
        if getattr(row, column) != value:
            report.add(Difference("journeys", f"{name}: {column}", str(value), str(getattr(row, column))))


def _names(facts: Sequence[Fact], others: Sequence[Fact]) -> list[str]:
    """The facts that are not among the others."""
    return [fact.name for fact in facts if fact not in others]


def _name(flow: Flow, journey: UUID, facts: Sequence[Fact]) -> tuple[str, bool]:
    named = (key for keys in map(flow.keys.sort, facts) for key in (*keys.anchors, *keys.identities))
    key = next((key for key in named if journey_id(flow.kind, key) == journey), f"journey {journey}")
    return key, not flow.keys.is_anchor(key)


def _columns(flow: Flow, name: str, is_provisional: bool, fresh: Projected) -> dict[str, object]:
    journey = fresh.journey
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


def _shelve(session: Session, folded: Sequence[tuple[UUID, Flow, Projected]]) -> None:
    told = [(journey, flow, fresh.projection) for journey, flow, fresh in folded]
    intervals = [(journey, one.channel, interval) for journey, _, one in told for interval in one.intervals]
    stakes = [(journey, one.channel, flow.name, stake) for journey, flow, one in told for stake in one.stakes]
    shelve(session, EXCEPTIONS, map(_interval, intervals))
    shelve(session, EXPOSURES, map(_stake, stakes))
    shelve(session, KEYS, [(flow.kind, key, journey, "facet", 0) for journey, flow, one in told for key in one.facets])
    counts: Counter[Slot] = Counter()
    for _, _, projection in told:
        counts.update(slots(projection))
    put_counts(session, counts)
    causes = {("causes", cause) for _, _, fresh in folded for cause in fresh.causes}
    series = {("series", str(series_id(one))) for _, _, fresh in folded for one in fresh.series}
    put(session, "verify_names", sorted(causes | series))


def _interval(row: IntervalRow) -> tuple[object, ...]:
    journey, channel, one = row
    lasting = (one.opened_at, one.closed_at, one.since_at, one.started_at)
    return journey, one.step, one.kind, *lasting, one.cause, channel


def _stake(row: StakeRow) -> tuple[object, ...]:
    journey, channel, flow, one = row
    lasting = (one.opened_at, one.closed_at, one.since_at)
    return journey, one.impact, *lasting, flow, one.step, one.cause, channel, one.value_minor, one.currency
