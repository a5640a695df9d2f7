"""Which keys stand beside which: stores the pairs that events state, and relabels what they change."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array, arrays
from app.events.keys import EventKeys, KeyRules
from app.journeys.board import Board, load_labels
from app.journeys.ownership import Label, anchor_label, settle

# Identity keys, each with the keys beside which events of this batch name it.
Stated = Mapping[str, Iterable[str]]

_NEIGHBOURS = "SELECT key, neighbour FROM key_neighbours WHERE kind = :kind AND key = ANY(:keys ::text[])"
_ADD_PAIRS = """
INSERT INTO key_neighbours (key, kind, neighbour)
SELECT key, :kind, neighbour FROM unnest(:keys ::text[], :neighbours ::text[]) AS new (key, neighbour)
ON CONFLICT DO NOTHING
"""


def relabel(session: Session, board: Board, rules: KeyRules, keys: Iterable[EventKeys]) -> set[str]:
    """Take in what new events state of keys; returns the identity keys that may have changed hands."""
    stated: dict[str, set[str]] = {}
    for event in keys:
        for anchor in event.anchors:
            board.labels[anchor] = anchor_label(board.kind, anchor)
        for one in event.identities:
            stated.setdefault(one, set()).update(event.anchors, event.identities)
    for one, near in stated.items():
        near.discard(one)
        if one not in board.labels:
            _join_as_leaf(board, one, near)
    dirty = {one for one, near in stated.items() if not _agrees(board, one, near)}
    moved = _settle_around(session, board, rules, dirty, stated) if dirty else set()
    _add_pairs(session, board, stated)
    return moved


def _join_as_leaf(board: Board, key: str, near: Iterable[str]) -> None:
    """A new key beside settled ones of one owner, levels alike, takes that owner and changes nothing else."""
    labels = [board.labels.get(one) for one in near]
    settled = [label for label in labels if label is not None and label.passes_on]
    if not settled or len(settled) < len(labels) or any(label.owners != settled[0].owners for label in settled):
        return
    lowest = min(label.level for label in settled)
    if max(label.level for label in settled) <= lowest + 2:
        board.labels[key] = Label("identity", lowest + 1, settled[0].owners)


def _agrees(board: Board, key: str, near: Iterable[str]) -> bool:
    """Whether standing beside these keys leaves a key's label as it is."""
    label = board.labels.get(key)
    return label is not None and all(_leaves(label, board.labels.get(one)) for one in near)


def _leaves(label: Label, other: Label | None) -> bool:
    if other is None:
        return False
    if label.role == "provisional":
        return other.role == "contended" or other == label
    # Only what lies nearer to an anchor has a say, and that by its single owner.
    if not other.passes_on or other.level >= label.level:
        return True
    return other.level == label.level - 1 and other.owners[0] in label.owners


def _settle_around(session: Session, board: Board, rules: KeyRules, dirty: set[str], stated: Stated) -> set[str]:
    neighbours = _neighbourhood(session, board, rules, dirty, stated)
    load_labels(session, board, neighbours)
    anchors = {near for beside in neighbours.values() for near in beside if rules.is_anchor(near)}
    labels = settle(board.kind, anchors, neighbours.keys(), neighbours)
    moved = {key for key in neighbours if labels[key] != board.labels.get(key)}
    board.labels.update({key: labels[key] for key in neighbours})
    return moved


def _neighbourhood(
    session: Session, board: Board, rules: KeyRules, start: set[str], stated: Stated
) -> dict[str, set[str]]:
    """All identity keys that are connected to `start` through identity keys, each with all its neighbours."""
    found: dict[str, set[str]] = {}
    frontier = start
    while frontier:
        found |= {key: set(stated.get(key, ())) for key in frontier}
        load_labels(session, board, frontier)
        known = [key for key in sorted(frontier) if key in board.stored_labels]
        if known:
            for key, near in session.execute(text(_NEIGHBOURS), {"kind": board.kind, "keys": array(known)}):
                found[key].add(near)
        reached = {near for key in frontier for near in found[key] if not rules.is_anchor(near)}
        frontier = reached - found.keys()
    return found


def _add_pairs(session: Session, board: Board, stated: Stated) -> None:
    """Store the pairs, under their identity keys; that a key of level 1 stands beside its owner is known."""
    pairs = sorted((one, other) for one, near in stated.items() for other in near if not _is_owner(board, one, other))
    if pairs:
        columns = arrays(keys=[one for one, _ in pairs], neighbours=[other for _, other in pairs])
        session.execute(text(_ADD_PAIRS), {"kind": board.kind, **columns})


def _is_owner(board: Board, key: str, other: str) -> bool:
    stored, label = board.stored_labels.get(key), board.labels.get(other)
    if stored is None or label is None or label.role != "anchor":
        return False
    return stored.role == "identity" and stored.level == 1 and stored.owners == label.owners


def owner_labels(labels: Iterable[Label]) -> set[UUID]:
    """Every journey that some of the labels lead to."""
    return {owner for label in labels for owner in label.owners}
