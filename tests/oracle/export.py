"""What `pharos export` must print of a set of events: the oracle's journeys, folded by the pure fold."""

from collections.abc import Iterable, Sequence

from app.events.event import Event
from app.events.fact import Fact, fact_of
from app.exceptions.rules import find_exceptions
from app.export import Stretch, export_line
from app.journeys.concern import takes_fact
from app.journeys.flow import Flow
from app.journeys.fold import fold
from tests.oracle.correlation import Told, correlate


def expected_export(flows: Sequence[Flow], events: Iterable[Event]) -> bytes:
    """The export of events, repeats among them, whatever their order."""
    once = {(event.source, event.id): event for event in events}
    rows = [row for flow in flows for row in _rows(flow, facts_for(flow, once.values()))]
    rows.sort(key=lambda row: row[0])
    return b"".join(line + b"\n" for _, line in rows)


def facts_for(flow: Flow, events: Iterable[Event]) -> list[Fact]:
    """What the journeys of a flow are told."""
    return [fact for fact in map(fact_of, events) if takes_fact(flow, fact)]


def _rows(flow: Flow, facts: Sequence[Fact]) -> list[tuple[tuple[str, ...], bytes]]:
    journeys, _ = correlate(flow.keys, facts)
    return [_row(flow, name, told) for name, told in journeys.items()]


def _row(flow: Flow, name: str, told: Told) -> tuple[tuple[str, ...], bytes]:
    """The line of one journey, and the place that it is sorted by."""
    journey = fold(flow, told.facts)
    intervals, _ = find_exceptions(flow, journey)
    stretches = [Stretch(one.step, one.kind, one.opened_at, one.closed_at) for one in intervals]
    keys = sorted(told.keys)
    row = {
        "kind": flow.kind,
        "anchor": name,
        "keys": keys,
        "tied": sorted(told.tied),
        "contended": sorted(told.contended),
        "channel": journey.channel or None,
        "value_minor": journey.values[-1][1] if journey.values else None,
        "currency": journey.values[-1][2] if journey.values else None,
    }
    return (flow.kind, keys[0], name), export_line(row, told.facts, journey, stretches)
