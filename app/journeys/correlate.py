"""Attaches events to journeys, moves facts when keys change hands, and says which journeys need a new fold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.event import Event
from app.events.keys import EventKeys
from app.journeys.board import Board, FactName, load_facts, load_keys, save_keys
from app.journeys.flow import Flow
from app.journeys.journey import Fact, fact_of
from app.journeys.neighbours import owner_labels, relabel
from app.journeys.touches import touches_by_others, touches_itself
from app.journeys.waiting import drop_waiting, keep_waiting, waiting_for


@dataclass(slots=True)
class Review:
    """Facts whose place is to be decided, with their keys; `waited` are those that touched nothing until now."""

    facts: dict[FactName, Fact] = field(default_factory=dict)
    keys: dict[FactName, EventKeys] = field(default_factory=dict)
    waited: set[FactName] = field(default_factory=set)

    def add(self, flow: Flow, facts: Iterable[Fact]) -> None:
        """Take facts in; one that is under review already stays as it is."""
        for fact in facts:
            name = (fact.source, fact.id)
            if name not in self.facts:
                self.facts[name] = fact
                self.keys[name] = flow.keys.sort(fact)


@dataclass(frozen=True, slots=True)
class Correlated:
    """The board after a batch, and how facts came out of and went into the waiting room."""

    board: Board
    began_waiting: tuple[Fact, ...]
    stopped_waiting: tuple[Fact, ...]


def correlate(session: Session, flow: Flow, events: Sequence[Event]) -> Correlated:
    """Work a batch of new events into the journeys of one flow."""
    board = Board(flow.kind)
    review = Review()
    review.add(flow, (fact_of(event) for event in events))
    _load_keys_of(session, board, review)
    moved = relabel(session, board, flow.keys, review.keys.values())
    _review_moved(session, flow, board, review, moved)
    _tie(session, flow, board, review)
    came, went = _place(session, flow, board, review)
    save_keys(session, board)
    return Correlated(board, came, went)


def _load_keys_of(session: Session, board: Board, review: Review) -> None:
    """What a fact touches can be told only when all its keys are known."""
    load_keys(session, board, {key for keys in review.keys.values() for key in (*keys.identities, *keys.shared)})


def _review_moved(session: Session, flow: Flow, board: Board, review: Review, moved: set[str]) -> None:
    """Facts that carry a key which changed hands are looked at again; they lie with its former owners."""
    former = [board.stored_labels[key] for key in moved if key in board.stored_labels]
    owners = owner_labels(former)
    load_facts(session, board, owners)
    for owner in owners:
        carrying = [fact for fact in board.facts[owner].values() if not moved.isdisjoint(_identities(flow, fact))]
        review.add(flow, carrying)
    _load_keys_of(session, board, review)


def _identities(flow: Flow, fact: Fact) -> tuple[str, ...]:
    return flow.keys.sort(fact).identities


def _tie(session: Session, flow: Flow, board: Board, review: Review) -> None:
    """Tie shared keys to the journeys that facts carrying them touch themselves; facts behind new ties join in."""
    touched = {name: touches_itself(board.kind, keys, board.labels) for name, keys in review.keys.items()}
    load_facts(session, board, {journey for journeys in touched.values() for journey in journeys})
    _untie(flow, board, review, touched)
    _load_keys_of(session, board, review)
    grown: set[str] = set()
    for name, journeys in touched.items():
        for key in review.keys[name].shared:
            ties = board.ties.setdefault(key, set())
            if not journeys <= ties:
                grown.add(key)
                ties |= journeys
    _follow(session, flow, board, review, grown)


def _untie(flow: Flow, board: Board, review: Review, touched: dict[FactName, set[UUID]]) -> None:
    """Take back ties that only facts under review had justified, and that these do not justify any more."""
    for journey, facts in board.facts.items():
        leaving = [name for name in facts if name in touched and journey not in touched[name]]
        lost = {key for name in leaving for key in review.keys[name].shared if journey in board.ties.get(key, ())}
        for key in lost:
            staying = (fact for name, fact in facts.items() if name not in touched)
            if not any(_justifies(flow, board, fact, key, journey) for fact in staying):
                board.ties[key].discard(journey)
                review.add(flow, [fact for fact in facts.values() if key in flow.keys.sort(fact).shared])


def _justifies(flow: Flow, board: Board, fact: Fact, key: str, journey: UUID) -> bool:
    keys = flow.keys.sort(fact)
    return key in keys.shared and journey in touches_itself(board.kind, keys, board.labels)


def _follow(session: Session, flow: Flow, board: Board, review: Review, grown: set[str]) -> None:
    """Bring in the facts that name only a shared key which now leads somewhere new."""
    for fact in waiting_for(session, board.kind, grown):
        review.add(flow, [fact])
        review.waited.add((fact.source, fact.id))
    elsewhere = {min(board.stored_ties[key]) for key in grown if board.stored_ties.get(key)}
    load_facts(session, board, elsewhere)
    for journey in elsewhere:
        facts = [fact for fact in board.facts[journey].values() if not grown.isdisjoint(flow.keys.sort(fact).shared)]
        review.add(flow, facts)
    _load_keys_of(session, board, review)


def _place(session: Session, flow: Flow, board: Board, review: Review) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Put every fact under review into the journeys it touches, and take it out of all others."""
    placed: dict[FactName, set[UUID]] = {}
    for name, keys in review.keys.items():
        touched = touches_itself(board.kind, keys, board.labels)
        placed[name] = touched or touches_by_others(keys, board.labels, board.ties)
    holders = {journey for keys in review.keys.values() for key in keys.shared for journey in board.ties.get(key, ())}
    load_facts(session, board, holders.union(*placed.values()))
    for journey, facts in board.facts.items():
        for name in [name for name in facts if name in placed and journey not in placed[name]]:
            del facts[name]
            board.changed.add(journey)
    for name, journeys in placed.items():
        for journey in journeys:
            if name not in board.facts[journey]:
                board.facts[journey][name] = review.facts[name]
                board.changed.add(journey)
    return _wait(session, board, review, placed)


def _wait(
    session: Session, board: Board, review: Review, placed: dict[FactName, set[UUID]]
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    attached = [name for name in review.waited if placed[name]]
    idle = [name for name, journeys in placed.items() if not journeys and name not in review.waited]
    drop_waiting(session, board.kind, attached)
    keep_waiting(session, board.kind, [(review.facts[name], review.keys[name]) for name in idle])
    return tuple(review.facts[name] for name in idle), tuple(review.facts[name] for name in attached)


def leave_redirects(session: Session, board: Board, gone: Iterable[UUID]) -> None:
    """Let provisional journeys that have become empty lead to where their keys are now."""
    moves: dict[UUID, UUID] = {}
    for key, label in board.stored_labels.items():
        if label.role == "provisional" and label.owners[0] in gone and board.labels[key].owners != label.owners:
            moves.setdefault(label.owners[0], board.labels[key].owners[0])
    if moves:
        session.execute(
            text(
                "INSERT INTO journey_redirects (id, journey_id) SELECT * FROM unnest(:ids ::uuid[], :to ::uuid[])"
                " ON CONFLICT (id) DO UPDATE SET journey_id = EXCLUDED.journey_id"
            ),
            {"ids": list(moves), "to": list(moves.values())},
        )
