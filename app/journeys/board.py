"""What one batch has in hand of keys and facts: loads it, and writes back the differences."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array, arrays
from app.journeys.journey import Fact, unpack_facts
from app.journeys.ownership import Label

# (source, id): what makes a fact the same
FactName = tuple[str, str]


@dataclass(slots=True)
class Board:
    """Labels and ties as they are now, beside what is stored; facts by journey; `changed` need a new fold."""

    kind: str
    labels: dict[str, Label] = field(default_factory=dict)
    stored_labels: dict[str, Label] = field(default_factory=dict)
    ties: dict[str, set[UUID]] = field(default_factory=dict)
    stored_ties: dict[str, set[UUID]] = field(default_factory=dict)
    facts: dict[UUID, dict[FactName, Fact]] = field(default_factory=dict)
    folded: dict[UUID, bytes] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)


_KEYS = """
SELECT key, role, level, journey_id FROM journey_keys
WHERE kind = :kind AND key = ANY(:keys ::text[]) AND role <> 'facet' ORDER BY key, journey_id
"""
_JOURNEYS = "SELECT id, facts, folded FROM journeys WHERE id = ANY(:ids ::uuid[])"


def load_keys(session: Session, board: Board, keys: Iterable[str]) -> None:
    """Bring in what is stored of keys that the board does not hold yet."""
    missing = sorted(set(keys) - board.asked)
    if not missing:
        return
    board.asked.update(missing)
    labels: dict[str, Label] = {}
    for key, role, level, owner in session.execute(text(_KEYS), {"kind": board.kind, "keys": array(missing)}):
        if role == "tied":
            board.ties.setdefault(key, set()).add(owner)
        else:
            known = labels.get(key)
            labels[key] = Label(role, level, (*known.owners, owner) if known else (owner,))
    board.labels |= labels
    board.stored_labels |= labels
    board.stored_ties |= {key: set(board.ties[key]) for key in missing if key in board.ties}


def load_facts(session: Session, board: Board, journeys: Iterable[UUID]) -> None:
    """Bring in the facts of journeys that the board does not hold yet; one that does not exist has none."""
    missing = sorted(set(journeys) - board.facts.keys())
    if not missing:
        return
    board.facts |= {journey: {} for journey in missing}
    for journey, facts, folded in session.execute(text(_JOURNEYS), {"ids": array(missing)}):
        board.facts[journey] = {(fact.source, fact.id): fact for fact in unpack_facts(facts)}
        board.folded[journey] = folded


_DROP_KEYS = """
DELETE FROM journey_keys k USING unnest(:keys ::text[], :journeys ::uuid[]) AS gone (key, journey_id)
WHERE k.kind = :kind AND k.key = gone.key AND k.journey_id = gone.journey_id
"""
_PUT_KEYS = """
INSERT INTO journey_keys (key, kind, journey_id, role, level)
SELECT key, :kind, journey_id, role, level
FROM unnest(:keys ::text[], :journeys ::uuid[], :roles ::text[], :levels ::bigint[])
    AS new (key, journey_id, role, level)
ORDER BY key, journey_id
ON CONFLICT (key, kind, journey_id) DO UPDATE SET role = EXCLUDED.role, level = EXCLUDED.level
"""

KeyRow = tuple[str, UUID]


def save_keys(session: Session, board: Board) -> None:
    """Write the labels and ties that differ from what is stored."""
    before, after = _rows(board.stored_labels, board.stored_ties), _rows(board.labels, board.ties)
    gone = sorted(before.keys() - after.keys())
    put = sorted(row for row, told in after.items() if before.get(row) != told)
    write_keys(session, board.kind, gone, [(row, after[row]) for row in put])


def write_keys(session: Session, kind: str, gone: list[KeyRow], put: list[tuple[KeyRow, tuple[str, int]]]) -> None:
    """Delete and upsert key rows, in key order."""
    if gone:
        columns = arrays(keys=[row[0] for row in gone], journeys=[row[1] for row in gone])
        session.execute(text(_DROP_KEYS), {"kind": kind, **columns})
    if put:
        columns = arrays(
            keys=[row[0] for row, _ in put],
            journeys=[row[1] for row, _ in put],
            roles=[told[0] for _, told in put],
            levels=[told[1] for _, told in put],
        )
        session.execute(text(_PUT_KEYS), {"kind": kind, **columns})


def _rows(labels: dict[str, Label], ties: dict[str, set[UUID]]) -> dict[KeyRow, tuple[str, int]]:
    rows = {(key, owner): (label.role, label.level) for key, label in labels.items() for owner in label.owners}
    return rows | {(key, owner): ("tied", 0) for key, owners in ties.items() for owner in owners}
