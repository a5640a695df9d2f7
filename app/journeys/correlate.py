"""Attaches facts to journeys, moves them when keys change hands, and says which journeys need a new fold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.events.fact import Fact
from app.events.keys import EventKeys
from app.journeys.board import Board, FactName, load_facts, load_journeys, load_keys, read_keys
from app.journeys.flow import Flow
from app.journeys.locks import MoreLocksNeededError, journey_lock, key_locks, take_locks
from app.journeys.neighbours import owner_labels, relabel
from app.journeys.review import Review
from app.journeys.touches import touches_by_others, touches_itself
from app.journeys.waiting import drop_waiting, keep_waiting, waiting_for


@dataclass(frozen=True, slots=True)
class Correlated:
    """The board after a batch, and how facts came out of and went into the waiting room."""

    board: Board
    began_waiting: tuple[Fact, ...]
    stopped_waiting: tuple[Fact, ...]


def correlate(session: Session, flow: Flow, facts: Sequence[Fact]) -> Correlated:
    """Work a batch of new facts into the journeys of one flow, holding the locks of all that it decides on."""
    keys = list(map(flow.keys.sort, facts))
    locks = _foreseen(session, flow, keys)
    while True:
        try:
            with session.begin_nested():
                take_locks(session, flow.kind, locks)
                return _correlate(session, flow, zip(facts, keys, strict=True), locks)
        except MoreLocksNeededError as missing:
            locks |= missing.numbers


def _foreseen(session: Session, flow: Flow, named: Sequence[EventKeys]) -> set[int]:
    """The locks that are needed by what is stored now, as long as nobody changes it meanwhile."""
    anchors = {key for keys in named for key in keys.anchors}
    linking = {key for keys in named for key in keys.identities + keys.shared}
    labels, ties = read_keys(session, flow.kind, linking)
    # An event that names only a shared key is about every journey which that is tied to.
    lonely = {key for keys in named if not keys.anchors and not keys.identities for key in keys.shared}
    tied = {journey for key in lonely for journey in ties.get(key, ())}
    journeys = {journey_id(flow.kind, key) for key in anchors} | tied
    return key_locks(linking, labels) | set(map(journey_lock, journeys))


def _correlate(session: Session, flow: Flow, facts: Iterable[tuple[Fact, EventKeys]], locks: set[int]) -> Correlated:
    board, review = Board(flow.kind, locks), Review(flow.keys)
    for fact, keys in facts:
        review.take(fact, keys)
    # What a fact touches can be told only when all its keys are known.
    load_keys(session, board, review.linking())
    moved = relabel(session, board, flow.keys, list(review.keys.values()))
    _review_moved(session, board, review, moved)
    _untie(session, board, review)
    _tie(session, board, review)
    came, went = _place(session, board, review)
    return Correlated(board, came, went)


def _review_moved(session: Session, board: Board, review: Review, moved: set[str]) -> None:
    """Facts that carry a key which changed hands are looked at again; they lie with its former owners."""
    former = owner_labels(board.stored_labels[key] for key in moved if key in board.stored_labels)
    if former:
        load_facts(session, board, former)
        for owner in former:
            review.add_standing(board.facts_of(owner), moved)
        load_keys(session, board, review.linking())
    review.touch(board)


def _untie(session: Session, board: Board, review: Review) -> None:
    """Take back ties that only facts under review had justified, and that these do not justify any more."""
    for journey in [journey for journey, held in board.held.items() if held.facts] if review.standing else ():
        facts = board.facts_of(journey)
        leaving = [name for name in review.standing if name in facts and journey not in review.touched[name]]
        lost = {key for name in leaving for key in review.keys[name].shared if journey in board.ties.get(key, ())}
        for key in lost:
            staying = (fact for name, fact in facts.items() if name not in review.touched)
            if not any(_justifies(board, review, fact, key, journey) for fact in staying):
                board.ties[key].discard(journey)
                review.add_standing(facts, {key})
    if review.standing:
        load_keys(session, board, review.linking())


def _justifies(board: Board, review: Review, fact: Fact, key: str, journey: UUID) -> bool:
    keys = review.rules.sort(fact)
    return key in keys.shared and journey in touches_itself(board.kind, keys, board.labels)


def _tie(session: Session, board: Board, review: Review) -> None:
    """Tie shared keys to the journeys that facts carrying them touch themselves; facts behind new ties join in."""
    grown: set[str] = set()
    for name, journeys in review.touched.items():
        for key in review.keys[name].shared if journeys else ():
            ties = board.ties.setdefault(key, set())
            if not journeys <= ties:
                grown.add(key)
                ties |= journeys
    if not grown:
        return
    for fact in waiting_for(session, board.kind, grown):
        review.waited.update(review.add([fact]))
    # What names only the parcel lies in every journey that the parcel was tied to: one of them shows it.
    elsewhere = {min(board.stored_ties[key]) for key in grown if board.stored_ties.get(key)}
    load_facts(session, board, elsewhere)
    for journey in elsewhere:
        review.add_standing(board.facts_of(journey), grown)
    load_keys(session, board, review.linking())


def _place(session: Session, board: Board, review: Review) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Put every fact under review into the journeys it touches, and take it out of all others."""
    review.touch(board)
    placed = {
        name: touched or touches_by_others(review.keys[name], board.labels, board.ties)
        for name, touched in review.touched.items()
    }
    load_journeys(session, board, set().union(*placed.values()))
    if review.standing:
        _move(session, board, review, placed)
    for name, journeys in placed.items():
        for journey in journeys:
            board.put(journey, name, review.facts[name])
    return _wait(session, board, review, placed)


def _move(session: Session, board: Board, review: Review, placed: dict[FactName, set[UUID]]) -> None:
    """Facts that lie in journeys already are known where they lie before they are put or taken away."""
    tied = {journey for name in review.standing for key in review.keys[name].shared for journey in _ties(board, key)}
    load_facts(session, board, tied.union(*(placed[name] for name in review.standing)))
    for journey, held in board.held.items():
        for name in review.standing if held.facts else ():
            if journey not in placed[name]:
                board.take_out(journey, name)


def _ties(board: Board, key: str) -> Iterable[UUID]:
    return board.ties.get(key, set()) | board.stored_ties.get(key, frozenset())


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
