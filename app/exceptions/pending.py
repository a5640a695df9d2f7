"""Writes the troubles of a journey that have no end yet, present or to come: one row a journey, rewritten whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.core.arrays import arrays, literal
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
        write(_PUT, arrays(**dict(zip(_NAMES, zip(*map(_row, rows), strict=True), strict=True))))


def drop_pending(write: Write, journeys: Iterable[UUID]) -> None:
    """Delete the rows of journeys in which nothing is pending any more."""
    if gone := sorted(journeys):
        write("DELETE FROM pending_troubles WHERE journey_id = ANY(%(ids)s ::uuid[])", arrays(ids=gone))


def _row(row: PendingRow) -> tuple[object, ...]:
    journey, channel, flow, intervals, stakes = row
    words = [word for one in intervals for word in (one.step, one.kind, one.cause)]
    times = [time for one in intervals for time in (one.opened_at, one.since_at, one.started_at)]
    stake_words = [word for one in stakes for word in (one.impact, one.step, one.cause)]
    stake_times = [time for one in stakes for time in (one.opened_at, one.since_at)]
    due = min([*times[::3], *stake_times[::2]])
    value = (stakes[0].value_minor, stakes[0].currency) if stakes else (None, None)
    lists = (_words(words), _times(times), _words(stake_words), _times(stake_times))
    return (journey, due, channel, flow, *value, *lists)


def _words(words: list[str]) -> str:
    """Write an array of words of letters, digits, dots and dashes, which need no quotes."""
    return "{" + ",".join(words) + "}"


def _times(times: list[datetime]) -> str:
    """Times need no quotes either, and a text with quotes takes longer to write in the array of arrays."""
    return literal(times).replace('"', "")
