"""Writes the troubles of a journey that have no end yet, present or to come: one row a journey, rewritten whole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from app.core.arrays import arrays
from app.core.behind import Write
from app.exceptions.risk import Stake
from app.exceptions.rules import Interval

# journey, channel, flow, and what is pending in it
PendingRow = tuple[UUID, str, str, Sequence[Interval], Sequence[Stake]]

_PLAIN: Mapping[str, str] = {
    "journey_id": "uuid",
    "due_at": "timestamptz",
    "channel": "text",
    "flow": "text",
    "value_minor": "bigint",
    "currency": "text",
}
_LISTS: Mapping[str, str] = {
    "words": "text",
    "times": "timestamptz",
    "stake_words": "text",
    "stake_times": "timestamptz",
}
_NAMES = [*_PLAIN, *_LISTS]
_GIVEN = [*(f"%({name})s ::{kind}[]" for name, kind in _PLAIN.items()), *(f"%({name})s ::text[]" for name in _LISTS)]
# PostgreSQL has no ragged arrays of arrays, so that each row's lists travel as text.
_PUT = f"""
INSERT INTO pending_troubles ({", ".join(_NAMES)})
SELECT {", ".join([*_PLAIN, *(f"{name} ::{kind}[]" for name, kind in _LISTS.items())])}
FROM unnest({", ".join(_GIVEN)}) AS n ({", ".join(_NAMES)})
ON CONFLICT (journey_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _NAMES[1:])}
"""


def put_pending(write: Write, rows: Sequence[PendingRow]) -> None:
    """Insert or replace what is pending in journeys; each row has at least one interval or stake."""
    if rows:
        plain = zip(_PLAIN, zip(*map(_plain_row, rows), strict=True), strict=True)
        write(_PUT, arrays(**dict(plain), **_list_columns(rows)))


def drop_pending(write: Write, journeys: Iterable[UUID]) -> None:
    """Delete the rows of journeys in which nothing is pending any more."""
    if gone := sorted(journeys):
        write("DELETE FROM pending_troubles WHERE journey_id = ANY(%(ids)s ::uuid[])", arrays(ids=gone))


def _plain_row(row: PendingRow) -> tuple[object, ...]:
    journey, channel, flow, intervals, stakes = row
    due = min([one.opened_at for one in intervals] + [one.opened_at for one in stakes])
    value = (stakes[0].value_minor, stakes[0].currency) if stakes else (None, None)
    return (journey, due, channel, flow, *value)


def _list_columns(rows: Sequence[PendingRow]) -> dict[str, list[str]]:
    intervals, stakes = [row[3] for row in rows], [row[4] for row in rows]
    return {
        "words": _lists([[it for one in some for it in (one.step, one.kind, one.cause)] for some in intervals]),
        "times": _lists(
            [[t for one in some for t in (one.opened_at, one.since_at, one.started_at)] for some in intervals]
        ),
        "stake_words": _lists([[it for one in some for it in (one.impact, one.step, one.cause)] for some in stakes]),
        "stake_times": _lists([[t for one in some for t in (one.opened_at, one.since_at)] for some in stakes]),
    }


def _lists(rows: list[list[Any]]) -> list[str]:
    """Write each row's list as an array without quotes: times need none, nor words of letters, digits, dots, dashes."""
    # All rows are written as one JSON list of lists, and then taken apart.
    joined = msgspec.json.encode(rows)[2:-2].decode().replace('"', "")
    return ["{" + one + "}" for one in joined.split("],[")]
