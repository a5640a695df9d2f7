"""Facts whose place is to be decided in one batch, with their keys and the journeys that they touch themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.fact import Fact
from app.events.keys import EventKeys, KeyRules
from app.journeys.board import Board, FactName, guard_shared, load_labels
from app.journeys.touches import touches_itself


@dataclass(slots=True)
class Review:
    """New facts, and old ones that are looked at again: `standing` lie in journeys, `waited` touched none so far.

    For `loose` ones among the old, what their shared keys lead to has to be looked up anew.
    """

    rules: KeyRules
    facts: dict[FactName, Fact] = field(default_factory=dict)
    keys: dict[FactName, EventKeys] = field(default_factory=dict)
    touched: dict[FactName, set[UUID]] = field(default_factory=dict)
    standing: set[FactName] = field(default_factory=set)
    waited: set[FactName] = field(default_factory=set)
    loose: set[FactName] = field(default_factory=set)
    loaded: int = 0

    def add(self, facts: Iterable[Fact]) -> list[FactName]:
        """Take facts in, and return the names of those that were not under review already."""
        return [name for fact in facts if (name := self.take(fact, self.rules.sort(fact))) is not None]

    def take(self, fact: Fact, keys: EventKeys) -> FactName | None:
        """Take one fact in, and return its name unless it was under review already."""
        name = (fact.source, fact.id)
        if name in self.facts:
            return None
        self.facts[name] = fact
        self.keys[name] = keys
        return name

    def add_standing(self, facts: Mapping[FactName, Fact], carrying: set[str]) -> None:
        """Look again at those facts of a journey that carry one of the keys, repeats of which may be under review."""
        for name, fact in facts.items():
            keys = self.rules.sort(fact)
            if not carrying.isdisjoint(keys.identities) or not carrying.isdisjoint(keys.shared):
                self.take(fact, keys)
                self.standing.add(name)

    def load(self, session: Session, board: Board) -> None:
        """Bring in what must be known of the facts' keys before any of them is placed."""
        fresh = list(islice(self.keys.values(), self.loaded, None))
        load_labels(session, board, {key for keys in fresh for key in keys.identities})
        guard_shared(board, {key for keys in fresh for key in keys.shared})
        self.loaded += len(fresh)

    def touch(self, board: Board) -> None:
        """By rules 1 and 2, for the facts that were not asked about yet: those taken in last."""
        for name, keys in islice(self.keys.items(), len(self.touched), None):
            self.touched[name] = touches_itself(board.kind, keys, board.labels)

    def is_new(self, name: FactName) -> bool:
        """Whether a fact has come with this batch, and no journey has it already."""
        return name not in self.standing and name not in self.waited

    def turned(self, board: Board) -> set[FactName]:
        """Standing facts that touched journeys themselves and do so no more, or the other way round."""
        return {
            name
            for name in self.standing
            if bool(touches_itself(board.kind, self.keys[name], board.stored_labels)) != bool(self.touched[name])
        }
