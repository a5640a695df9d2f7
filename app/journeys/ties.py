"""Ties: the journeys that a shared key leads to. It may have any number of them: only those asked about are read."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.arrays import array
from app.core.database import raw
from app.journeys.board import Board

# The limits keep each row to its look-up in the primary key, where a join would read the whole table.
_OF_PAIRS = """
SELECT asked.key, asked.journey_id FROM unnest(%s::text[], %s::uuid[]) AS asked (key, journey_id) CROSS JOIN LATERAL (
    SELECT FROM journey_keys k
    WHERE k.key = asked.key AND k.kind = %s AND k.journey_id = asked.journey_id AND k.role = 'tied' LIMIT 1
) AS tied
"""
_COUNTS = """
SELECT asked.key, tied.count FROM unnest(%s::text[]) AS asked (key) CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM journey_keys k WHERE k.key = asked.key AND k.kind = %s AND k.role = 'tied' LIMIT %s
    ) AS counted
) AS tied
WHERE tied.count > 0
"""
_ALL = "SELECT key, journey_id FROM journey_keys WHERE kind = %s AND key = ANY(%s::text[]) AND role = 'tied'"
_FIRST = """
SELECT first.journey_id FROM unnest(%s::text[]) AS asked (key) CROSS JOIN LATERAL (
    SELECT k.journey_id FROM journey_keys k WHERE k.key = asked.key AND k.kind = %s AND k.role = 'tied'
    ORDER BY k.journey_id LIMIT 1
) AS first
"""
_NEXT = """
SELECT journey_id FROM journey_keys
WHERE key = %s AND kind = %s AND role IN ('tied', 'contended') AND journey_id > %s ORDER BY journey_id LIMIT %s
"""


def load_ties(session: Session, board: Board, pairs: Iterable[tuple[str, UUID]]) -> None:
    """Bring in which of these keys are tied to which of these journeys, as far as the board does not know."""
    missing = sorted(set(pairs) - board.asked_ties)
    if missing:
        keys, journeys = zip(*missing, strict=True)
        board.asked_ties.update(missing)
        _take_in(board, raw(session).execute(_OF_PAIRS, (array(keys), array(journeys), board.kind), binary=True))


def load_all_ties(session: Session, board: Board, keys: Iterable[str], room: int) -> set[str]:
    """Bring in all ties of as many keys as there is room for; returns the others, which are tied to some at least."""
    # Ties that end with this batch are still stored.
    ended = {key: len(stored - board.ties[key]) for key, stored in board.stored_ties.items()}
    counts = count_ties(session, board.kind, keys, room + sum(ended.values()))
    left = {key: count - ended.get(key, 0) for key, count in counts.items()}
    narrow = narrow_keys(left, room)
    fresh = [pair for pair in read_ties(session, board.kind, narrow) if pair not in board.asked_ties]
    board.asked_ties.update(fresh)
    _take_in(board, fresh)
    return left.keys() - narrow


def _take_in(board: Board, rows: Iterable[tuple[str, UUID]]) -> None:
    for key, journey in rows:
        board.stored_ties.setdefault(key, set()).add(journey)
        board.ties.setdefault(key, set()).add(journey)


def count_ties(session: Session, kind: str, keys: Iterable[str], room: int) -> dict[str, int]:
    """How many journeys keys are tied to, where there are any; counting ends where there is no more room."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    return dict(raw(session).execute(_COUNTS, (array(wanted), kind, room + 1), binary=True).fetchall())


def narrow_keys(counts: Mapping[str, int], room: int) -> set[str]:
    """The keys whose ties fit into the room together, those with few of them first."""
    narrow = set()
    for key in sorted(counts, key=lambda key: (counts[key], key)):
        room -= counts[key]
        if room < 0:
            break
        narrow.add(key)
    return narrow


def read_ties(session: Session, kind: str, keys: Iterable[str]) -> list[tuple[str, UUID]]:
    """Read all ties of keys."""
    wanted = sorted(keys)
    return list(raw(session).execute(_ALL, (kind, array(wanted)), binary=True)) if wanted else []


def first_tied(session: Session, kind: str, keys: Iterable[str]) -> set[UUID]:
    """One journey for each key that is tied to any."""
    rows = raw(session).execute(_FIRST, (array(sorted(keys)), kind), binary=True)
    return {journey for (journey,) in rows}


def next_tied(session: Session, kind: str, key: str, after: UUID, most: int) -> list[UUID]:
    """The journeys that a key is tied to, or claimed by, in the order of their ids, a piece at a time."""
    return [journey for (journey,) in raw(session).execute(_NEXT, (key, kind, after, most), binary=True)]
