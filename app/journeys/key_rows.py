"""Writes what keys lead to: only the rows that differ from what is stored.

PostgreSQL looks for a conflict before it inserts a row, which costs as much as the row. Of a journey that this batch
begins nothing is stored, and its locks keep others from it: its rows are inserted without a look.
"""

from collections.abc import Iterable
from uuid import UUID

from app.core.arrays import arrays
from app.core.behind import Write
from app.journeys.board import Board

# (key, journey) and (role, level)
KeyRow = tuple[str, UUID]
Told = tuple[str, int]

_DROP_KEYS = """
DELETE FROM journey_keys k USING unnest(%(keys)s ::text[], %(journeys)s ::uuid[]) AS gone (key, journey_id)
WHERE k.kind = %(kind)s AND k.key = gone.key AND k.journey_id = gone.journey_id
"""
_ADD_KEYS = """
INSERT INTO journey_keys (key, kind, journey_id, role, level)
SELECT key, %(kind)s, journey_id, role, level
FROM unnest(%(keys)s ::text[], %(journeys)s ::uuid[], %(roles)s ::text[], %(levels)s ::bigint[])
    AS new (key, journey_id, role, level)
"""
_PUT_KEYS = f"""{_ADD_KEYS}
ON CONFLICT (key, kind, journey_id) DO UPDATE SET role = EXCLUDED.role, level = EXCLUDED.level
"""
_ADD_PAIRS = """
INSERT INTO key_neighbours (key, kind, neighbour)
SELECT key, %(kind)s, neighbour FROM unnest(%(keys)s ::text[], %(neighbours)s ::text[]) AS new (key, neighbour)
"""
_PUT_PAIRS = f"{_ADD_PAIRS} ON CONFLICT DO NOTHING"


def save_keys(write: Write, board: Board) -> None:
    """Write the labels and ties that differ from what is stored, and the pairs that may be new."""
    gone: list[KeyRow] = []
    put: list[tuple[KeyRow, Told]] = []
    for key, label in board.labels.items():
        stored = board.stored_labels.get(key)
        if label == stored or (label.role == "anchor" and board.held[label.owners[0]].state is not None):
            continue  # an anchor's own row is as old as its journey
        told = (label.role, label.level)
        if stored is None:
            put += [((key, owner), told) for owner in label.owners]
            continue
        # Of a key that many claim only the rows of those that come, or go, are written.
        same = set(stored.owners) if told == (stored.role, stored.level) else set[UUID]()
        gone += [(key, owner) for owner in set(stored.owners).difference(label.owners)]
        put += [((key, owner), told) for owner in label.owners if owner not in same]
    for key, owners in board.ties.items():
        before = board.stored_ties.get(key, set())
        gone += [(key, owner) for owner in before - owners]
        put += [((key, owner), ("tied", 0)) for owner in owners - before]
    write_keys(write, board, gone, put)
    _write_pairs(write, board)


def write_keys(write: Write, board: Board, gone: Iterable[KeyRow], put: Iterable[tuple[KeyRow, Told]]) -> None:
    """Delete, insert and upsert key rows, in key order."""
    if dropped := sorted(gone):
        columns = arrays(keys=[row[0] for row in dropped], journeys=[row[1] for row in dropped])
        write(_DROP_KEYS, {"kind": board.kind, **columns})
    fresh: list[tuple[KeyRow, Told]] = []
    known: list[tuple[KeyRow, Told]] = []
    for row in sorted(put):
        (fresh if _begins(board, *row[0]) else known).append(row)
    for statement, rows in ((_ADD_KEYS, fresh), (_PUT_KEYS, known)):
        if rows:
            columns = arrays(
                keys=[row[0] for row, _ in rows],
                journeys=[row[1] for row, _ in rows],
                roles=[told[0] for _, told in rows],
                levels=[told[1] for _, told in rows],
            )
            write(statement, {"kind": board.kind, **columns})


def _write_pairs(write: Write, board: Board) -> None:
    fresh: list[tuple[str, str]] = []
    known: list[tuple[str, str]] = []
    for pair in board.pairs:
        (fresh if _begins(board, pair[0], board.labels[pair[0]].owners[0]) else known).append(pair)
    for statement, pairs in ((_ADD_PAIRS, fresh), (_PUT_PAIRS, known)):
        if pairs:
            columns = arrays(keys=[one for one, _ in pairs], neighbours=[other for _, other in pairs])
            write(statement, {"kind": board.kind, **columns})


def _begins(board: Board, key: str, journey: UUID) -> bool:
    """Whether the journey begins with this batch, and nothing is stored of a key that it owns or has claimed."""
    held = board.held.get(journey)
    return held is not None and held.state is None and key not in board.stored_labels
