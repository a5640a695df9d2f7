"""Journey rows: writes those that were folded anew, and deletes those that have become empty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.events.fact import Fact, pack_facts
from app.journeys.flow import Flow
from app.journeys.journey import Journey, pack_journey


@dataclass(frozen=True, slots=True)
class Written:
    """A journey to be stored: its fold, what has ended of its troubles, and its facts, in order.

    Facts are all of them where `is_whole`, else those to append; `anchor` is given when the journey is new.
    """

    id: UUID
    journey: Journey
    settled: bytes | None
    facts: Sequence[Fact]
    is_whole: bool
    anchor: str | None = None
    is_provisional: bool = False


_CHANGING: Mapping[str, str] = {
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
    "state": "bytea",
    "settled": "bytea",
}
_FIXED: Mapping[str, str] = {
    "id": "uuid",
    "kind": "text",
    "flow": "text",
    "anchor": "text",
    "is_provisional": "boolean",
}
_NAMES = ", ".join([*_FIXED, *_CHANGING])
_GIVEN = ", ".join(f":{name} ::{kind}[]" for name, kind in {**_FIXED, **_CHANGING}.items())
_INSERT = f"INSERT INTO journeys ({_NAMES}) SELECT * FROM unnest({_GIVEN})"
_UPDATE = f"""
UPDATE journeys AS j SET {", ".join(f"{name} = n.{name}" for name in _CHANGING if name != "facts")},
    facts = CASE WHEN n.is_whole THEN n.facts ELSE j.facts || n.facts END
FROM unnest(:id ::uuid[], :is_whole ::boolean[], {", ".join(f":{name} ::{kind}[]" for name, kind in _CHANGING.items())})
    AS n (id, is_whole, {", ".join(_CHANGING)})
WHERE j.id = n.id
"""


def put_journeys(session: Session, flow: Flow, written: Sequence[Written]) -> None:
    """Insert the journeys that are new, and bring the others to their latest fold."""
    new = [one for one in written if one.anchor is not None]
    known = [one for one in written if one.anchor is None]
    if new:
        fixed = [(one.id, flow.kind, flow.name, one.anchor, one.is_provisional) for one in new]
        session.execute(text(_INSERT), arrays(**_columns(_FIXED, fixed), **_columns(_CHANGING, map(_row, new))))
    if known:
        columns: dict[str, Sequence[object]] = {
            "id": [one.id for one in known],
            "is_whole": [one.is_whole for one in known],
        }
        session.execute(text(_UPDATE), arrays(**columns, **_columns(_CHANGING, map(_row, known))))


def drop_journeys(session: Session, gone: Sequence[UUID]) -> None:
    """Delete journeys that hold no fact any more."""
    if gone:
        session.execute(text("DELETE FROM journeys WHERE id = ANY(:ids)"), {"ids": list(gone)})


def _columns(names: Mapping[str, str], rows: Iterable[Sequence[object]]) -> dict[str, Sequence[object]]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _row(one: Written) -> tuple[object, ...]:
    journey = one.journey
    _, minor, currency = journey.values[-1] if journey.values else (None, None, None)
    return (
        journey.channel or None,
        minor,
        currency,
        journey.opened_at,
        journey.promises[-1][1] if journey.promises else None,
        journey.closed_at,
        journey.ending,
        journey.stage,
        journey.last_at,
        journey.event_count,
        pack_facts(one.facts),
        pack_journey(journey),
        one.settled,
    )
