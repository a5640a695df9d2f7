"""Attaches facts to journeys, moves them when keys change hands, and says which journeys need a new fold."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.ids import journey_id
from app.events.fact import Fact
from app.events.keys import EventKeys
from app.journeys.board import Board, load_facts, read_labels
from app.journeys.flow import Flow
from app.journeys.locks import holding_locks, journey_lock, key_locks
from app.journeys.neighbours import relabel
from app.journeys.place import Correlated, place
from app.journeys.review import Review
from app.journeys.ties import count_ties, first_tied, load_ties, narrow_keys, read_ties
from app.journeys.touches import touches_itself
from app.journeys.waiting import ELSEWHERE, UNMATCHED, waiting_for

# Journeys that facts are brought to at once because of what their keys are tied to; what leads to more is spread.
ROOM = 4_000


def correlate(session: Session, flow: Flow, facts: Sequence[Fact], room: int = ROOM) -> Correlated:
    """Work a batch of new facts into the journeys of one flow, holding the locks of all that it decides on."""
    keys = list(map(flow.keys.sort, facts))

    def work(locks: set[int] | None) -> Correlated:
        return _correlate(session, flow, zip(facts, keys, strict=True), locks, room)

    return holding_locks(session, flow.kind, lambda: _foreseen(session, flow, keys, room), work)


def _foreseen(session: Session, flow: Flow, named: Sequence[EventKeys], room: int) -> set[int]:
    """The locks that are needed by what is stored now, as long as nobody changes it meanwhile."""
    anchors = {key for keys in named for key in keys.anchors}
    identities = {key for keys in named for key in keys.identities}
    shared = {key for keys in named for key in keys.shared}
    # An event that names only a shared key is about every journey which that is tied to.
    lonely = {key for keys in named if not keys.anchors and not keys.identities for key in keys.shared}
    narrow = narrow_keys(count_ties(session, flow.kind, lonely, room), room)
    journeys = {journey_id(flow.kind, key) for key in anchors}
    journeys.update(journey for _, journey in read_ties(session, flow.kind, narrow))
    guards = key_locks(identities, read_labels(session, flow.kind, identities)) | key_locks(shared, {})
    return guards | set(map(journey_lock, journeys))


def _correlate(
    session: Session, flow: Flow, facts: Iterable[tuple[Fact, EventKeys]], locks: set[int] | None, room: int
) -> Correlated:
    board, review = Board(flow.kind, locks), Review(flow.keys)
    for fact, keys in facts:
        review.take(fact, keys)
    # What a fact touches can be told only when all its keys are known.
    review.load(session, board)
    moved = relabel(session, board, flow.keys, list(review.keys.values()))
    _review_moved(session, board, review, moved)
    lost = _untie(session, board, review)
    grown = _tie(session, board, review)
    _review_tied(session, board, review, grown, lost, {key for key in moved if _is_claimed(board, key)})
    came, went = place(session, board, review, room)
    return Correlated(board, came, went)


def _review_moved(session: Session, board: Board, review: Review, moved: set[str]) -> None:
    """Facts that carry a key which changed hands are looked at again; they lie with its former owners."""
    former = {owner for key in moved for owner in _former_owners(board, key)}
    if former:
        load_facts(session, board, former)
        for owner in former:
            review.add_standing(board.facts_of(owner), moved)
        review.load(session, board)
    review.touch(board)


def _former_owners(board: Board, key: str) -> tuple[UUID, ...]:
    """Those who own it no more; where only more claim it, one shows all that lies with them because of it."""
    stored, label = board.stored_labels[key], board.labels[key]
    if _is_claimed(board, key) and label.role == "contended" and set(stored.owners) <= set(label.owners):
        return stored.owners[:1]
    return stored.owners


def _is_claimed(board: Board, key: str) -> bool:
    return board.stored_labels[key].role == "contended"


def _untie(session: Session, board: Board, review: Review) -> set[str]:
    """Take back ties that only facts under review had justified, and that these do not justify any more."""
    lost: set[str] = set()
    decided = review.standing & review.touched.keys()
    for journey in [journey for journey, held in board.held.items() if held.facts] if review.standing else ():
        facts = board.facts_of(journey)
        leaving = [name for name in decided if name in facts and journey not in review.touched[name]]
        suspects = {key for name in leaving for key in review.keys[name].shared}
        load_ties(session, board, [(key, journey) for key in suspects])
        for key in sorted(suspects):
            staying = (fact for name, fact in facts.items() if name not in review.touched)
            tied = journey in board.ties.get(key, ())
            if tied and not any(_justifies(board, review, fact, key, journey) for fact in staying):
                board.ties[key].discard(journey)
                review.add_standing(facts, {key})
                lost.add(key)
    review.load(session, board)
    return lost


def _justifies(board: Board, review: Review, fact: Fact, key: str, journey: UUID) -> bool:
    keys = review.rules.sort(fact)
    return key in keys.shared and journey in touches_itself(board.kind, keys, board.labels)


def _tie(session: Session, board: Board, review: Review) -> set[str]:
    """Tie shared keys to the journeys that facts carrying them touch themselves; returns the keys with new ties."""
    ties = {
        (key, journey)
        for name, journeys in review.touched.items()
        for key in review.keys[name].shared
        for journey in journeys
    }
    load_ties(session, board, ties)
    new = [(key, journey) for key, journey in ties if journey not in board.ties.get(key, ())]
    for key, journey in new:
        board.ties.setdefault(key, set()).add(journey)
    return {key for key, _ in new}


def _review_tied(
    session: Session, board: Board, review: Review, grown: set[str], lost: set[str], claimed: set[str]
) -> None:
    """Facts behind new ties and new claims join in, and those behind lost ties are looked at again."""
    for fact, state in waiting_for(session, board.kind, grown | lost | claimed):
        added = review.add([fact])
        (review.waited if state == UNMATCHED else review.standing).update(added)
        review.loose.update(added if state == ELSEWHERE else ())
    # What names only the parcel lies in every journey that the parcel was tied to: one of them shows it.
    elsewhere = first_tied(session, board.kind, grown) if grown else set()
    load_facts(session, board, elsewhere)
    for journey in elsewhere:
        review.add_standing(board.facts_of(journey), grown)
    if lost:
        review.loose.update(name for name in review.standing if not lost.isdisjoint(review.keys[name].shared))
    review.load(session, board)


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
