"""Writes the troubles of a journey that have no end yet, present or to come: one row a journey, rewritten whole."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array, arrays
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
_GIVEN = [*(f":{name} ::{kind}[]" for name, kind in _PLAIN.items()), *(f":{name} ::text[]" for name in _LISTS)]
# PostgreSQL has no ragged arrays of arrays, so that each row's lists travel as text.
_PUT = f"""
INSERT INTO pending_troubles ({", ".join(_NAMES)})
SELECT {", ".join([*_PLAIN, *(f"{name} ::{kind}[]" for name, kind in _LISTS.items())])}
FROM unnest({", ".join(_GIVEN)}) AS n ({", ".join(_NAMES)})
ON CONFLICT (journey_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _NAMES[1:])}
"""


def put_pending(session: Session, rows: Sequence[PendingRow]) -> None:
    """Insert or replace what is pending in journeys; each row has at least one interval or stake."""
    if rows:
        session.execute(text(_PUT), arrays(**dict(zip(_NAMES, zip(*map(_row, rows), strict=True), strict=True))))


def drop_pending(session: Session, journeys: Iterable[UUID]) -> None:
    """Delete the rows of journeys in which nothing is pending any more."""
    if gone := sorted(journeys):
        session.execute(
            text("DELETE FROM pending_troubles WHERE journey_id = ANY(:ids ::uuid[])"), {"ids": array(gone)}
        )


def _row(row: PendingRow) -> tuple[object, ...]:
    journey, channel, flow, intervals, stakes = row
    words: list[str] = []
    times: list[str] = []
    for one in intervals:
        words += (one.step, one.kind, one.cause)
        times += (*_opened_and_since(one), str(one.started_at))
    stake_words: list[str] = []
    stake_times: list[str] = []
    for stake in stakes:
        stake_words += (stake.impact, stake.step, stake.cause)
        stake_times += _opened_and_since(stake)
    due = min([one.opened_at for one in intervals] + [one.opened_at for one in stakes])
    value = (stakes[0].value_minor, stakes[0].currency) if stakes else (None, None)
    return (journey, due, channel, flow, *value, *map(_listed, (words, times, stake_words, stake_times)))


def _opened_and_since(one: Interval | Stake) -> tuple[str, str]:
    opened = str(one.opened_at)
    return opened, opened if one.since_at == one.opened_at else str(one.since_at)


def _listed(parts: list[str]) -> str:
    """Write an array; words are of letters, digits, dots and dashes, and neither they nor times need quotes."""
    return "{" + ",".join(parts) + "}"
