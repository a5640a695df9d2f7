"""Which keys stand beside which: takes in the pairs that events state, and relabels what they change."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array
from app.events.keys import EventKeys, KeyRules
from app.journeys.board import Board, load_labels
from app.journeys.ownership import Label, anchor_label, inherit, leaves, rests_on, settle_within, widen

# Identity keys, each with the keys beside which events of this batch name it.
Stated = Mapping[str, Collection[str]]

_NEIGHBOURS = "SELECT key, neighbour FROM key_neighbours WHERE kind = :kind AND key = ANY(:keys ::text[])"


def relabel(session: Session, board: Board, rules: KeyRules, keys: Iterable[EventKeys]) -> set[str]:
    """Take in what new events state of keys; returns the identity keys that may have changed hands."""
    stated = _state(board, keys)
    widened = False
    for one, near in stated.items():
        label = board.labels.get(one)
        if label is None:
            _join(board, one, near)
        elif label.role == "contended":
            board.labels[one] = widen(label, _known(board, near))
            widened |= board.labels[one] is not label
    dirty = {one for one, near in stated.items() if not _agrees(board, one, near)}
    if dirty:
        _settle_around(session, board, rules, dirty, stated)
    board.pairs = _new_pairs(board, stated)
    if not dirty and not widened:
        return set()
    return {key for key, stored in board.stored_labels.items() if board.labels[key] != stored}


def _state(board: Board, keys: Iterable[EventKeys]) -> dict[str, set[str]]:
    stated: dict[str, set[str]] = {}
    for event in keys:
        for anchor in event.anchors:
            board.labels[anchor] = anchor_label(board.kind, anchor)
        for one in event.identities:
            stated.setdefault(one, set()).update(event.anchors, event.identities)
    for one, near in stated.items():
        near.discard(one)
    return stated


def _join(board: Board, key: str, near: Collection[str]) -> None:
    """Label a new key by those beside it, where all of them are known and that changes none."""
    beside = _known(board, near)
    if len(beside) == len(near) and (label := inherit(board.kind, key, beside)) is not None:
        board.labels[key] = label


def _known(board: Board, keys: Iterable[str]) -> list[Label]:
    return [label for label in map(board.labels.get, keys) if label is not None]


def _agrees(board: Board, key: str, near: Iterable[str]) -> bool:
    """Whether standing beside these keys leaves a key's label as it is."""
    label = board.labels.get(key)
    return label is not None and all(leaves(label, board.labels.get(one)) for one in near)


def _settle_around(session: Session, board: Board, rules: KeyRules, dirty: set[str], stated: Stated) -> None:
    """Label keys anew, and then those beside them for which that makes a difference, until it makes none."""
    before, region, anchors = dict(board.labels), dict[str, set[str]](), dict[str, Label]()
    while dirty:
        region |= _neighbours(session, board, dirty, stated)
        beside = {near for key in dirty for near in region[key]}
        anchors |= {key: anchor_label(board.kind, key) for key in beside if rules.is_anchor(key)}
        load_labels(session, board, beside - anchors.keys())
        before = {**board.stored_labels, **before}
        board.labels |= settle_within(board.kind, region, region, {**board.labels, **anchors})
        dirty = {
            near
            for key, nears in region.items()
            if (was := before.get(key)) != board.labels[key]
            for near in nears
            if near not in region and not rules.is_anchor(near) and _differs(board, near, was, board.labels[key])
        }


def _differs(board: Board, key: str, was: Label | None, other: Label) -> bool:
    """Whether what another key has become makes, or may make, a difference to this one."""
    label = board.labels.get(key)
    return label is None or rests_on(label, was) or not leaves(label, other)


def _neighbours(session: Session, board: Board, keys: set[str], stated: Stated) -> dict[str, set[str]]:
    """All keys that stand beside each of these."""
    load_labels(session, board, keys)
    found = {key: set(stated.get(key, ())) for key in keys}
    known = [key for key in sorted(keys) if key in board.stored_labels]
    if known:
        for key, near in session.execute(text(_NEIGHBOURS), {"kind": board.kind, "keys": array(known)}):
            found[key].add(near)
    return found


def _new_pairs(board: Board, stated: Stated) -> list[tuple[str, str]]:
    """The pairs under their identity keys; that a key of level 1 stands beside its owner is known."""
    return sorted(
        (one, other)
        for one, near in stated.items()
        for other in near
        if one not in board.stored_labels or not _is_owner(board, one, other)
    )


def _is_owner(board: Board, key: str, other: str) -> bool:
    stored, label = board.stored_labels[key], board.labels.get(other)
    if label is None or label.role != "anchor":
        return False
    return stored.role == "identity" and stored.level == 1 and stored.owners == label.owners
