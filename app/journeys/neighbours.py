"""Which keys stand beside which: stores the pairs that events state, and relabels what they change."""

from collections.abc import Iterable
from itertools import permutations
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array, arrays
from app.events.keys import EventKeys, KeyRules
from app.journeys.board import Board, load_keys
from app.journeys.ownership import Label, anchor_label, settle

Pair = tuple[str, str]

_NEIGHBOURS = "SELECT key, neighbour FROM key_neighbours WHERE kind = :kind AND key = ANY(:keys ::text[])"
_ADD_PAIRS = """
INSERT INTO key_neighbours (key, kind, neighbour)
SELECT key, :kind, neighbour FROM unnest(:keys ::text[], :neighbours ::text[]) AS new (key, neighbour)
ORDER BY key, neighbour ON CONFLICT DO NOTHING
"""


def pairs_of(keys: EventKeys) -> Iterable[Pair]:
    """Every two anchor or identity keys of one event, in both directions; anchors among themselves tell nothing."""
    named = (*keys.anchors, *keys.identities)
    for one, other in permutations(named, 2):
        if one in keys.identities or other in keys.identities:
            yield one, other


def relabel(session: Session, board: Board, rules: KeyRules, keys: Iterable[EventKeys]) -> set[str]:
    """Take in the pairs that new events state; returns the identity keys whose label changed."""
    events = list(keys)
    pairs = {pair for event in events for pair in pairs_of(event)}
    named = {key for event in events for key in (*event.anchors, *event.identities)}
    board.labels.update({key: anchor_label(board.kind, key) for event in events for key in event.anchors})
    dirty = {key for key in named if key not in board.labels}
    dirty |= {one for one, other in pairs if not rules.is_anchor(one) and not _agree(board, one, other)}
    moved = _settle_around(session, board, rules, dirty, pairs) if dirty else set()
    _add_pairs(session, board.kind, pairs)
    return moved


def _agree(board: Board, one: str, other: str) -> bool:
    """Whether a new pair can change nothing: both have the one same owner and lie at most a level apart."""
    first, second = board.labels.get(one), board.labels.get(other)
    if first is None or second is None or not (first.passes_on and second.passes_on):
        return False
    return first.owners == second.owners and abs(first.level - second.level) <= 1


def _settle_around(session: Session, board: Board, rules: KeyRules, dirty: set[str], pairs: set[Pair]) -> set[str]:
    neighbours = _neighbourhood(session, board.kind, rules, dirty, pairs)
    load_keys(session, board, neighbours)
    anchors = {near for beside in neighbours.values() for near in beside if rules.is_anchor(near)}
    labels = settle(board.kind, anchors, neighbours.keys(), neighbours)
    moved = {key for key in neighbours if labels[key] != board.labels.get(key)}
    board.labels.update({key: labels[key] for key in neighbours})
    return moved


def _neighbourhood(
    session: Session, kind: str, rules: KeyRules, start: set[str], pairs: set[Pair]
) -> dict[str, set[str]]:
    """All identity keys that are connected to `start` through identity keys, each with all its neighbours."""
    stated: dict[str, set[str]] = {}
    for one, other in pairs:
        stated.setdefault(one, set()).add(other)
    found: dict[str, set[str]] = {}
    frontier = {key for key in start if not rules.is_anchor(key)}
    while frontier:
        found |= {key: set(stated.get(key, ())) for key in frontier}
        for key, near in session.execute(text(_NEIGHBOURS), {"kind": kind, "keys": array(sorted(frontier))}):
            found[key].add(near)
        reached = {near for key in frontier for near in found[key] if not rules.is_anchor(near)}
        frontier = reached - found.keys()
    return found


def _add_pairs(session: Session, kind: str, pairs: set[Pair]) -> None:
    if pairs:
        ordered = sorted(pairs)
        columns = arrays(keys=[one for one, _ in ordered], neighbours=[other for _, other in ordered])
        session.execute(text(_ADD_PAIRS), {"kind": kind, **columns})


def owner_labels(labels: Iterable[Label]) -> set[UUID]:
    """Every journey that some of the labels lead to."""
    return {owner for label in labels for owner in label.owners}
