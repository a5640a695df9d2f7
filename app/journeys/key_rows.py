"""Writes what keys lead to: only the rows that differ from what is stored."""

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
_PUT_KEYS = """
INSERT INTO journey_keys (key, kind, journey_id, role, level)
SELECT key, %(kind)s, journey_id, role, level
FROM unnest(%(keys)s ::text[], %(journeys)s ::uuid[], %(roles)s ::text[], %(levels)s ::bigint[])
    AS new (key, journey_id, role, level)
ON CONFLICT (key, kind, journey_id) DO UPDATE SET role = EXCLUDED.role, level = EXCLUDED.level
"""
_ADD_PAIRS = """
INSERT INTO key_neighbours (key, kind, neighbour)
SELECT key, %(kind)s, neighbour FROM unnest(%(keys)s ::text[], %(neighbours)s ::text[]) AS new (key, neighbour)
ON CONFLICT DO NOTHING
"""


def save_keys(write: Write, board: Board) -> None:
    """Write the labels and ties that differ from what is stored, and the pairs that may be new."""
    gone: list[KeyRow] = []
    put: list[tuple[KeyRow, Told]] = []
    for key, label in board.labels.items():
        stored = board.stored_labels.get(key)
        if label == stored or (label.role == "anchor" and board.held[label.owners[0]].state is not None):
            continue  # an anchor's own row is as old as its journey
        told = (label.role, label.level)
        # Of a key that many claim only the rows of those that come, or go, are written.
        same = set(stored.owners) if stored and told == (stored.role, stored.level) else set[UUID]()
        gone += [(key, owner) for owner in set(stored.owners).difference(label.owners)] if stored else []
        put += [((key, owner), told) for owner in label.owners if owner not in same]
    for key, owners in board.ties.items():
        before = board.stored_ties.get(key, set())
        gone += [(key, owner) for owner in before - owners]
        put += [((key, owner), ("tied", 0)) for owner in owners - before]
    write_keys(write, board.kind, gone, put)
    if board.pairs:
        columns = arrays(keys=[one for one, _ in board.pairs], neighbours=[other for _, other in board.pairs])
        write(_ADD_PAIRS, {"kind": board.kind, **columns})


def write_keys(write: Write, kind: str, gone: Iterable[KeyRow], put: Iterable[tuple[KeyRow, Told]]) -> None:
    """Delete and upsert key rows, in key order."""
    if dropped := sorted(gone):
        columns = arrays(keys=[row[0] for row in dropped], journeys=[row[1] for row in dropped])
        write(_DROP_KEYS, {"kind": kind, **columns})
    if rows := sorted(put):
        columns = arrays(
            keys=[row[0] for row, _ in rows],
            journeys=[row[1] for row, _ in rows],
            roles=[told[0] for _, told in rows],
            levels=[told[1] for _, told in rows],
        )
        write(_PUT_KEYS, {"kind": kind, **columns})
