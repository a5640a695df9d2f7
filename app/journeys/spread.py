"""Brings a fact to the many journeys of a shared key, or out of them, a piece in each transaction."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.journeys.board import Board, load_facts
from app.journeys.flow import Flow
from app.journeys.locks import holding_locks, journey_lock, key_locks
from app.journeys.place import Correlated, belongs
from app.journeys.review import Review
from app.journeys.ties import load_ties, next_tied
from app.journeys.waiting import Spreading, drop_waiting, find_spreading, note_reached, see_again

# Journeys in a piece.
PIECE = 1_000


def spread(session: Session, flow: Flow, most: int = PIECE) -> Correlated | None:
    """Do the next piece of what is to be spread; None when there is nothing."""
    found = find_spreading(session, flow.kind)
    if found is None:
        return None

    def foresee() -> set[int]:
        tied = next_tied(session, flow.kind, found.key, found.reached, most)
        return key_locks([found.key], {}) | set(map(journey_lock, tied))

    def work(locks: set[int] | None) -> Correlated:
        return _spread(session, flow, found, locks, most)

    return holding_locks(session, flow.kind, foresee, work)


def _spread(session: Session, flow: Flow, found: Spreading, locks: set[int] | None, most: int) -> Correlated:
    board, review = Board(flow.kind, locks), Review(flow.keys)
    review.add([found.fact])
    review.load(session, board)
    one = see_again(session, flow.kind, found)
    if one is None:  # another worker was quicker
        return Correlated(board)
    journeys = next_tied(session, flow.kind, one.key, one.reached, most)
    _visit(session, board, review, one, journeys)
    if len(journeys) < most:
        drop_waiting(session, flow.kind, [(one.key, one.fact)])
    else:
        note_reached(session, flow.kind, one, journeys[-1])
    return Correlated(board)


def _visit(session: Session, board: Board, review: Review, one: Spreading, journeys: list[UUID]) -> None:
    """Put the fact into journeys that it touches, and take it out of the others."""
    name = (one.fact.source, one.fact.id)
    review.touch(board)
    load_facts(session, board, journeys)
    load_ties(session, board, [(key, journey) for key in review.keys[name].shared for journey in journeys])
    for journey in journeys:
        if belongs(board, review, name, journey):
            board.put(journey, name, one.fact)
        else:
            board.take_out(journey, name)
