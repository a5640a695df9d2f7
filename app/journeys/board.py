"""What one batch has in hand: keys and journeys as they are stored, and how they will be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.arrays import array
from app.core.database import raw
from app.events.fact import Fact, unpack_facts
from app.journeys.locks import MoreLocksNeededError, journey_lock, key_locks
from app.journeys.ownership import Label

# (source, id): what makes a fact the same
FactName = tuple[str, str]


class Held:
    """One journey: its packed fold as it is stored (None: there is none yet), and facts that come or go.

    `facts` are all of them, with those that come and without those that go, and are there only once somebody asked;
    `stored` are then those that were there before.
    """

    __slots__ = ("added", "facts", "settled", "state", "stored")

    def __init__(self) -> None:
        self.state: bytes | None = None
        self.settled: bytes | None = None
        self.added: list[Fact] = []
        self.facts: dict[FactName, Fact] | None = None
        self.stored: Sequence[Fact] = ()


@dataclass(slots=True)
class Board:
    """Labels and ties as they are now, beside what is stored; journeys in hand; `changed` ones need a new fold.

    `locks` are the numbers of the locks that the batch holds, None all: nothing that they do not guard is taken in. Of
    ties only those are known that were asked about, by key and journey; `pairs` are keys and those that events state
    beside them.
    """

    kind: str
    locks: set[int] | None = None
    labels: dict[str, Label] = field(default_factory=dict)
    stored_labels: dict[str, Label] = field(default_factory=dict)
    ties: dict[str, set[UUID]] = field(default_factory=dict)
    stored_ties: dict[str, set[UUID]] = field(default_factory=dict)
    asked_ties: set[tuple[str, UUID]] = field(default_factory=set)
    held: dict[UUID, Held] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def need_keys(self, keys: Iterable[str], labels: Mapping[str, Label]) -> None:
        """Make sure that these keys are guarded, as they are labelled."""
        if self.locks is not None:
            self._need(key_locks(keys, labels), self.locks)

    def need_journeys(self, journeys: Iterable[UUID]) -> None:
        """Make sure that these journeys are guarded."""
        if self.locks is not None:
            self._need(set(map(journey_lock, journeys)), self.locks)

    def _need(self, numbers: set[int], held: set[int]) -> None:
        if not numbers <= held:
            raise MoreLocksNeededError(numbers - held)

    def put(self, journey: UUID, name: FactName, fact: Fact) -> None:
        """Add a fact to a journey in hand; one that it has already changes nothing."""
        held = self.held[journey]
        if held.facts is not None:
            if name in held.facts:
                return
            held.facts[name] = fact
        if not held.added:  # else it is known to be changed
            self.changed.add(journey)
        held.added.append(fact)

    def take_out(self, journey: UUID, name: FactName) -> None:
        """Remove a fact from a journey whose facts are in hand."""
        if self.facts_of(journey).pop(name, None) is not None:
            self.changed.add(journey)

    def facts_of(self, journey: UUID) -> dict[FactName, Fact]:
        """All facts of a journey; they must be in hand."""
        facts = self.held[journey].facts
        if facts is None:
            raise LookupError(f"the facts of journey {journey} are not in hand")
        return facts


_LABELS = """
SELECT key, role, level, journey_id FROM journey_keys
WHERE kind = %s AND key = ANY(%s::text[]) AND role NOT IN ('tied', 'facet') ORDER BY key, journey_id
"""
_STATES = "SELECT id, state, settled FROM journeys WHERE id = ANY(%s::uuid[])"
_FACTS = "SELECT id, facts, event_count FROM journeys WHERE id = ANY(%s::uuid[])"


def load_labels(session: Session, board: Board, keys: Iterable[str]) -> None:
    """Bring in what is stored of identity keys that the board does not hold yet."""
    missing = set(keys) - board.asked
    if not missing:
        return
    labels = read_labels(session, board.kind, missing)
    board.need_keys(missing, labels)
    board.asked |= missing
    board.labels |= labels
    board.stored_labels |= labels


def guard_shared(board: Board, keys: Iterable[str]) -> None:
    """Make sure that nobody else ties or unties these shared keys, or lets facts wait for them."""
    board.need_keys(keys, {})


def read_labels(session: Session, kind: str, keys: set[str]) -> dict[str, Label]:
    """Read the labels of identity keys as they are stored."""
    labels: dict[str, Label] = {}
    claims: dict[str, list[UUID]] = {}
    for key, role, level, owner in raw(session).execute(_LABELS, (kind, array(sorted(keys))), binary=True):
        if role == "contended":
            claims.setdefault(key, []).append(owner)
        labels[key] = Label(role, level, (owner,))
    return labels | {key: Label("contended", labels[key].level, tuple(owners)) for key, owners in claims.items()}


def load_journeys(session: Session, board: Board, journeys: Iterable[UUID]) -> None:
    """Take journeys in hand that are not yet; one that does not exist has no fold."""
    missing = [journey for journey in journeys if journey not in board.held]
    if not missing:
        return
    board.need_journeys(missing)
    board.held |= {journey: Held() for journey in missing}
    for journey, state, settled in raw(session).execute(_STATES, (array(missing),), binary=True):
        held = board.held[journey]
        held.state, held.settled = state, settled


def load_facts(session: Session, board: Board, journeys: Iterable[UUID]) -> None:
    """Take journeys in hand with all their facts."""
    wanted = set(journeys)
    load_journeys(session, board, wanted)
    closed = [journey for journey in wanted if board.held[journey].facts is None]
    if not closed:
        return
    for journey in closed:
        board.held[journey].facts = {}
    for journey, packed, count in raw(session).execute(_FACTS, (array(closed),), binary=True):
        held = board.held[journey]
        held.stored = unpack_facts(packed, count)
        held.facts = {(fact.source, fact.id): fact for fact in held.stored}
    for journey in closed:
        held = board.held[journey]
        board.facts_of(journey).update(((fact.source, fact.id), fact) for fact in held.added)
