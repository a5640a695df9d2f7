"""Journey rows: writes those that were folded anew, and deletes those that have become empty."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from app.core.arrays import arrays
from app.core.behind import Write
from app.events.fact import Fact, pack_facts
from app.journeys.flow import Flow
from app.journeys.journey import Journey, pack_journey


class Written(msgspec.Struct, frozen=True, gc=False):
    """A journey to be stored: its fold, what has ended of its troubles, and its facts, in order.

    Where it `is_whole` the facts are all of them, else those to append; `is_revalued` says that value, promise or
    channel changed as well. `anchor` is given when the journey is new.
    """

    id: UUID
    journey: Journey
    settled: bytes | None
    facts: Sequence[Fact]
    is_whole: bool
    is_revalued: bool
    anchor: str | None = None
    is_provisional: bool = False


_FIXED: Mapping[str, str] = {
    "id": "uuid",
    "kind": "text",
    "flow": "text",
    "anchor": "text",
    "is_provisional": "boolean",
}
# What nearly every fact changes, and what few do.
_OFTEN: Mapping[str, str] = {
    "closed_at": "timestamptz",
    "ending": "text",
    "stage": "text",
    "last_at": "timestamptz",
    "event_count": "bigint",
    "facts": "bytea",
    "state": "bytea",
    "settled": "bytea",
}
_RARELY: Mapping[str, str] = {
    "channel": "text",
    "value_minor": "bigint",
    "currency": "text",
    "opened_at": "timestamptz",
    "promised_at": "timestamptz",
}
_ALL = {**_FIXED, **_OFTEN, **_RARELY}


def _given(columns: Mapping[str, str]) -> str:
    return ", ".join(f"%({name})s ::{kind}[]" for name, kind in columns.items())


def _update(columns: Mapping[str, str], facts: str) -> str:
    changes = ", ".join(f"{name} = {facts if name == 'facts' else f'n.{name}'}" for name in columns)
    return f"""
        UPDATE journeys AS j SET {changes}
        FROM unnest(%(id)s ::uuid[], {_given(columns)}) AS n (id, {", ".join(columns)})
        WHERE j.id = n.id
    """


_INSERT = f"INSERT INTO journeys ({', '.join(_ALL)}) SELECT * FROM unnest({_given(_ALL)})"
_GO_ON = _update(_OFTEN, "j.facts || n.facts")
_GO_ON_REVALUED = _update({**_OFTEN, **_RARELY}, "j.facts || n.facts")
_REPLACE = _update({**_OFTEN, **_RARELY}, "n.facts")


def put_journeys(write: Write, flow: Flow, written: Sequence[Written]) -> None:
    """Insert the journeys that are new, and bring the others to their latest fold."""
    if new := [one for one in written if one.anchor is not None]:
        fixed = _columns(_FIXED, [(one.id, flow.kind, flow.name, one.anchor, one.is_provisional) for one in new])
        write(_INSERT, arrays(**fixed, **_often(new), **_rarely(new)))
    known = [one for one in written if one.anchor is None]
    if going_on := [one for one in known if not one.is_whole and not one.is_revalued]:
        write(_GO_ON, arrays(id=[one.id for one in going_on], **_often(going_on)))
    for statement, is_whole in ((_GO_ON_REVALUED, False), (_REPLACE, True)):
        if revalued := [one for one in known if one.is_whole is is_whole and (is_whole or one.is_revalued)]:
            ids = [one.id for one in revalued]
            write(statement, arrays(id=ids, **_often(revalued), **_rarely(revalued)))


def drop_journeys(write: Write, gone: Sequence[UUID]) -> None:
    """Delete journeys that hold no fact any more."""
    if gone:
        write("DELETE FROM journeys WHERE id = ANY(%(ids)s ::uuid[])", arrays(ids=gone))


def _columns(names: Mapping[str, str], rows: Iterable[Sequence[object]]) -> dict[str, Sequence[object]]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _often(written: Iterable[Written]) -> dict[str, Sequence[object]]:
    return _columns(_OFTEN, map(_often_row, written))


def _often_row(one: Written) -> tuple[object, ...]:
    journey = one.journey
    facts, state = pack_facts(one.facts), pack_journey(journey)
    ended = (journey.closed_at, journey.ending)
    return (*ended, journey.stage, journey.last_at, journey.event_count, facts, state, one.settled)


def _rarely(written: Iterable[Written]) -> dict[str, Sequence[object]]:
    return _columns(_RARELY, map(_rare_row, written))


def _rare_row(one: Written) -> tuple[object, ...]:
    journey = one.journey
    _, minor, currency = journey.values[-1] if journey.values else (None, None, None)
    promised_at = journey.promises[-1][1] if journey.promises else None
    return journey.channel or None, minor, currency, journey.opened_at, promised_at
