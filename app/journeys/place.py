"""Puts facts under review into the journeys that they touch, and takes them out of all others."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.fact import Fact
from app.journeys.board import Board, FactName, load_facts, load_journeys
from app.journeys.ownership import Label
from app.journeys.review import Review
from app.journeys.ties import load_all_ties, load_ties
from app.journeys.waiting import ELSEWHERE, SPREADING, UNMATCHED, Kept, drop_waiting, keep_waiting


@dataclass(frozen=True, slots=True)
class Correlated:
    """The board after a batch, and how facts came out of and went into the waiting room."""

    board: Board
    began_waiting: tuple[Fact, ...] = ()
    stopped_waiting: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Which facts under review are placed as if they were new, and which keys lead to too many journeys for that."""

    turned: set[FactName]
    afresh: set[FactName]
    wide: set[str]


def place(session: Session, board: Board, review: Review, room: int) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Place every fact under review; returns those that began to wait for a journey, and those that stopped."""
    review.touch(board)
    plan = _plan(session, board, review, room)
    targets = {name: touched or _led_to(board, review, plan, name) for name, touched in review.touched.items()}
    load_journeys(session, board, set().union(*targets.values()))
    if review.standing:
        _take_out(session, board, review, plan, targets)
    for name, journeys in targets.items():
        for journey in journeys:
            board.put(journey, name, review.facts[name])
    return _wait(session, board, review, plan, targets)


def _plan(session: Session, board: Board, review: Review, room: int) -> Plan:
    turned = review.turned(board)
    lonely = {name for name, touched in review.touched.items() if not touched}
    afresh = turned | {
        name for name in lonely if name in review.loose or name in review.waited or name not in review.standing
    }
    keys = {key for name in afresh for key in review.keys[name].shared}
    wide = load_all_ties(session, board, keys, room) if keys else set[str]()
    claimed = {key for name in afresh for key in review.keys[name].identities}
    wide |= {key for key in claimed if len(claimants(board.labels.get(key))) > room}
    return Plan(turned, afresh, wide)


def _led_to(board: Board, review: Review, plan: Plan, name: FactName) -> set[UUID]:
    """By rule 3, the journeys that a fact has to be brought to: all that are in hand, or those that are new to it."""
    keys, found = review.keys[name], set[UUID]()
    is_afresh = name in plan.afresh
    for key in keys.shared:
        ties = board.ties.get(key, set())
        found |= ties if is_afresh else ties - board.stored_ties.get(key, set())
    for key in keys.identities:
        claim = claimants(board.labels.get(key))
        is_whole = is_afresh and key not in plan.wide
        found |= claim if is_whole else claim - claimants(board.stored_labels.get(key))
    return found


def claimants(label: Label | None) -> set[UUID]:
    """Who claims a contended key."""
    return set(label.owners) if label is not None and label.role == "contended" else set()


def _take_out(session: Session, board: Board, review: Review, plan: Plan, targets: dict[FactName, set[UUID]]) -> None:
    """Facts that lie in journeys already are known where they lie before they are put or taken away."""
    beside = (_beside(board, review, plan, name) for name in plan.turned)
    load_facts(session, board, set().union(*beside, *(targets[name] for name in review.standing)))
    lying = [
        (name, journey)
        for journey, held in board.held.items()
        if held.facts
        for name in review.standing & held.facts.keys()
    ]
    load_ties(session, board, [(key, journey) for name, journey in lying for key in review.keys[name].shared])
    for name, journey in lying:
        if not belongs(board, review, name, journey):
            board.take_out(journey, name)


def _beside(board: Board, review: Review, plan: Plan, name: FactName) -> set[UUID]:
    """Every journey that a fact may lie in because of what it shares, as far as its keys are not wide."""
    keys = review.keys[name]
    ties = (board.stored_ties.get(key, set()) for key in keys.shared)
    claims = (claimants(board.stored_labels.get(key)) for key in keys.identities if key not in plan.wide)
    return set().union(*ties, *claims)


def belongs(board: Board, review: Review, name: FactName, journey: UUID) -> bool:
    """Whether a fact touches a journey whose ties to its keys are known, by rules 1 to 3."""
    if touched := review.touched[name]:
        return journey in touched
    keys = review.keys[name]
    return any(journey in board.ties.get(key, ()) for key in keys.shared) or any(
        label.role == "contended" and label.leads_to(journey)
        for label in map(board.labels.get, keys.identities)
        if label is not None
    )


def _wait(
    session: Session, board: Board, review: Review, plan: Plan, targets: dict[FactName, set[UUID]]
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    kept: list[Kept] = []
    gone: list[tuple[str, Fact]] = []
    for name in plan.afresh:
        fact, keys = review.facts[name], _leading(board, review, name)
        is_placed = bool(targets[name]) or not plan.wide.isdisjoint(keys)
        for key in keys or (() if is_placed else ("",)):
            state = _state(board, review, plan, name, key, is_placed)
            if state is not None:
                kept.append(Kept(key, fact, state))
            elif not review.is_new(name) and key not in plan.wide:
                gone.append((key, fact))
    drop_waiting(session, board.kind, gone)
    keep_waiting(session, board.kind, kept)
    idle = {(one.fact.source, one.fact.id) for one in kept if one.state == UNMATCHED}
    return _facts(review, idle - review.waited), _facts(review, review.waited - idle)


def _leading(board: Board, review: Review, name: FactName) -> tuple[str, ...]:
    """The keys that may lead a fact to journeys which it does not name: shared ones, and those that several claim."""
    keys = review.keys[name]
    labels = {key: (board.labels.get(key), board.stored_labels.get(key)) for key in keys.identities}
    return *keys.shared, *(key for key, both in labels.items() if any(map(claimants, both)))


def _state(board: Board, review: Review, plan: Plan, name: FactName, key: str, is_placed: bool) -> str | None:
    """How a fact is kept under a key of it from now on; None: not at all, or as it was where the key is wide."""
    if key in plan.wide:
        return SPREADING if review.is_new(name) or name in plan.turned else None
    if review.touched[name] or board.ties.get(key) or key in review.keys[name].identities:
        return None
    return ELSEWHERE if is_placed else UNMATCHED


def _facts(review: Review, names: Iterable[FactName]) -> tuple[Fact, ...]:
    return tuple(review.facts[name] for name in names)
