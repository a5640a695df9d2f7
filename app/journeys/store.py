"""Journey rows: writes those that were folded anew, and deletes those that have become empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.journeys.flow import Flow
from app.journeys.journey import Fact, Journey, in_order, pack_facts


@dataclass(frozen=True, slots=True)
class Written:
    """A journey to be stored: its fold, its facts, its name and its packed projection."""

    id: UUID
    journey: Journey
    facts: Sequence[Fact]
    anchor: str
    is_provisional: bool
    folded: bytes


COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "kind": "text",
    "flow": "text",
    "anchor": "text",
    "is_provisional": "boolean",
    "channel": "text",
    "value_minor": "bigint",
    "currency": "text",
    "opened_at": "timestamptz",
    "promised_at": "timestamptz",
    "closed_at": "timestamptz",
    "ending": "text",
    "stage": "text",
    "last_at": "timestamptz",
    "event_count": "bigint",
    "facts": "bytea",
    "folded": "bytea",
}

_NAMES = ", ".join(COLUMNS)
_PUT = f"""
INSERT INTO journeys ({_NAMES})
SELECT * FROM unnest({", ".join(f":{name} ::{kind}[]" for name, kind in COLUMNS.items())})
ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name != "id")}
"""


def put_journeys(session: Session, flow: Flow, written: Sequence[Written]) -> None:
    """Insert or replace journeys."""
    if written:
        rows = [_row(flow, one) for one in sorted(written, key=lambda one: one.id.int)]
        columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
        session.execute(text(_PUT), arrays(**columns))


def drop_journeys(session: Session, gone: Sequence[UUID]) -> None:
    """Delete journeys that hold no fact any more."""
    if gone:
        session.execute(text("DELETE FROM journeys WHERE id = ANY(:ids)"), {"ids": list(gone)})


def _row(flow: Flow, one: Written) -> tuple[object, ...]:
    journey = one.journey
    _, minor, currency = journey.values[-1] if journey.values else (None, None, None)
    promised_at = journey.promises[-1][1] if journey.promises else None
    facts = pack_facts(sorted(one.facts, key=in_order))
    return (
        one.id,
        journey.kind,
        flow.name,
        one.anchor,
        one.is_provisional,
        journey.channel or None,
        minor,
        currency,
        journey.opened_at,
        promised_at,
        journey.closed_at,
        journey.ending,
        journey.stage,
        journey.last_at,
        journey.event_count,
        facts,
        one.folded,
    )
