"""What `pharos export` must print of a set of events: the oracle's journeys, folded by the pure fold."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.events.event import Event
from app.export import export_line
from app.journeys.concern import takes_event
from app.journeys.flow import Flow
from app.journeys.journey import Fact, fact_of, pack_facts
from app.projection import pack, project
from tests.oracle.correlation import Told, correlate


def expected_export(flows: Sequence[Flow], events: Iterable[Event]) -> bytes:
    """The export of events, repeats among them, whatever their order."""
    once = {(event.source, event.id): event for event in events}
    rows = [row for flow in flows for row in _rows(flow, facts_for(flow, once.values()))]
    rows.sort(key=lambda row: (row["kind"], row["keys"][0], row["anchor"]))
    return b"".join(export_line(row) + b"\n" for row in rows)


def facts_for(flow: Flow, events: Iterable[Event]) -> list[Fact]:
    """What the journeys of a flow are told."""
    return [fact_of(event) for event in events if takes_event(flow, event)]


def _rows(flow: Flow, facts: Sequence[Fact]) -> list[dict[str, Any]]:
    journeys, _ = correlate(flow.keys, facts)
    return [_row(flow, name, told) for name, told in journeys.items()]


def _row(flow: Flow, name: str, told: Told) -> dict[str, Any]:
    fresh = project(flow, told.facts)
    values = fresh.journey.values
    return {
        "kind": flow.kind,
        "anchor": name,
        "keys": sorted(told.keys),
        "tied": sorted(told.tied),
        "contended": sorted(told.contended),
        "channel": fresh.journey.channel or None,
        "value_minor": values[-1][1] if values else None,
        "currency": values[-1][2] if values else None,
        "facts": pack_facts(told.facts),
        "folded": pack(fresh.projection),
    }
