"""Which keys belong to whom and which journeys each fact touches, from all facts at once: docs/correlation.md.

Memory holds names, not events: the keys of each kind with their neighbours and the ties of shared keys, about three
kilobytes an order of five names. Facts lie in temporary tables, which need about as much room as the events.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.ids import event_uid
from app.events.fact import Fact, pack_facts
from app.journeys.flow import Flow
from app.journeys.ownership import Label, settle
from app.journeys.touches import touches_by_others, touches_itself
from app.journeys.waiting import ELSEWHERE, UNMATCHED
from app.verify.shelf import KEYS, NEIGHBOURS, WAITING, put, shelve

FEW = 8


@dataclass(slots=True)
class Estate:
    """The names of one kind of journey: who stands beside whom, who owns what, what is tied to whom."""

    flow: Flow
    anchors: set[str] = field(default_factory=set)
    neighbours: dict[str, tuple[str, ...] | set[str]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    ties: dict[str, set[UUID]] = field(default_factory=dict)

    def learn(self, facts: Iterable[Fact]) -> None:
        """First pass: take in the names that facts state."""
        for fact in facts:
            keys = self.flow.keys.sort(fact)
            self.anchors.update(map(intern, keys.anchors))
            for key in keys.identities:
                self.neighbours.setdefault(intern(key), ())
                for other in (*keys.anchors, *keys.identities):
                    self._join(key, other)

    def _join(self, one: str, other: str) -> None:
        """Let an identity key know a neighbour; most have few, and a small tuple is a quarter of a set."""
        near = self.neighbours[one]
        if other == one or other in near:
            return
        if isinstance(near, set):
            near.add(intern(other))
        else:
            self.neighbours[one] = (*near, intern(other)) if len(near) < FEW else {*near, intern(other)}

    def settle(self) -> None:
        """Between the passes: who owns which key."""
        self.labels = settle(self.flow.kind, self.anchors, self.neighbours.keys(), self.neighbours)

    def place(self, session: Session, facts: Sequence[Fact]) -> None:
        """Second pass: facts that touch journeys by their own names, which ties their shared keys."""
        placed, loose = [], []
        for fact in facts:
            keys = self.flow.keys.sort(fact)
            touched = touches_itself(self.flow.kind, keys, self.labels)
            placed += [(self.flow.kind, journey, pack_facts([fact])) for journey in touched]
            if touched:
                for key in keys.shared:
                    self.ties.setdefault(key, set()).update(touched)
            else:
                loose.append((self.flow.kind, event_uid(fact.source, fact.id), pack_facts([fact])))
        put(session, "verify_placed", placed)
        put(session, "verify_loose", loose)

    def place_loose(self, session: Session, facts: Sequence[Fact]) -> list[Fact]:
        """Third pass: facts that touch journeys through what they share, if any; returns those that wait."""
        placed, waiting, kept = [], [], []
        for fact in facts:
            keys = self.flow.keys.sort(fact)
            touched = touches_by_others(keys, self.labels, self.ties)
            placed += [(self.flow.kind, journey, pack_facts([fact])) for journey in touched]
            if touched:
                kept += self._rows(fact, [key for key in keys.shared if key not in self.ties], ELSEWHERE)
            else:
                waiting.append(fact)
                kept += self._rows(fact, keys.shared or ("",), UNMATCHED)
        put(session, "verify_placed", placed)
        shelve(session, WAITING, kept)
        return waiting

    def _rows(self, fact: Fact, keys: Iterable[str], state: str) -> list[tuple[object, ...]]:
        uid = event_uid(fact.source, fact.id)
        return [(self.flow.kind, key, uid, fact.occurred_at, state) for key in keys]

    def shelve_names(self, session: Session) -> None:
        """Write down what the tables of keys should hold."""
        kind = self.flow.kind
        owned = ((kind, key, owner, one.role, one.level) for key, one in self.labels.items() for owner in one.owners)
        shelve(session, KEYS, owned)
        shelve(session, KEYS, ((kind, key, owner, "tied", 0) for key, tied in self.ties.items() for owner in tied))
        pairs = ((kind, one, other) for one, near in self.neighbours.items() for other in near)
        shelve(session, NEIGHBOURS, pairs)
