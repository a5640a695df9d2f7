"""The oracle: docs/correlation.md word for word over a whole set of facts, slow and plain; no code of the engine's.

Journeys are called by the key that names them: their anchor, or the smallest key of a provisional group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.events.fact import Fact
from app.events.keys import EventKeys, KeyRules


@dataclass
class Told:
    """What the definition says of one journey."""

    keys: set[str] = field(default_factory=set)
    tied: set[str] = field(default_factory=set)
    contended: set[str] = field(default_factory=set)
    facts: list[Fact] = field(default_factory=list)


@dataclass
class Ownership:
    """Who owns which key: one owner, two or more claimants, or the provisional group that it is in."""

    owners: dict[str, set[str]]
    groups: dict[str, str]

    def single(self, key: str) -> str | None:
        """The owner of an anchor key or of an owned identity key."""
        found = self.owners.get(key, set())
        return next(iter(found)) if len(found) == 1 else None


def correlate(rules: KeyRules, facts: Sequence[Fact]) -> tuple[dict[str, Told], list[Fact]]:
    """Every journey by name, and the facts that are unmatched."""
    events = [(fact, rules.sort(fact)) for fact in facts]
    owned = find_owners([keys for _, keys in events])
    ties = find_ties(owned, [keys for _, keys in events])
    journeys: dict[str, Told] = {}
    unmatched = []
    for fact, keys in events:
        touched = touches_by_names(owned, keys) or touches_by_others(owned, ties, keys)
        for name in touched:
            journeys.setdefault(name, Told()).facts.append(fact)
        if not touched:
            unmatched.append(fact)
    _hand_out_keys(journeys, owned, ties)
    return journeys, unmatched


def find_owners(events: Sequence[EventKeys]) -> Ownership:
    """Level 0, then level by level outward; what no level reaches is provisional."""
    anchors = {key for keys in events for key in keys.anchors}
    identities = {key for keys in events for key in keys.identities}
    owners = {key: {key} for key in anchors}
    settled_last = anchors
    while settled_last:
        passing = {key for key in settled_last if len(owners[key]) == 1}
        settled_now = {}
        for key in identities - owners.keys():
            near = neighbours(events, key) & passing
            if near:
                settled_now[key] = set().union(*(owners[one] for one in near))
        owners |= settled_now
        settled_last = set(settled_now)
    return Ownership(owners, find_groups(events, identities - owners.keys()))


def neighbours(events: Sequence[EventKeys], key: str) -> set[str]:
    """The anchor and identity keys that some event carries together with this one."""
    together = [{*keys.anchors, *keys.identities} for keys in events]
    return set().union(*(named for named in together if key in named)) - {key}


def find_groups(events: Sequence[EventKeys], unreached: set[str]) -> dict[str, str]:
    """Connected groups of the keys that no level reaches, each key with the smallest of its group."""
    names = {}
    for key in unreached:
        group, grown = {key}, True
        while grown:
            wider = group | {near for one in group for near in neighbours(events, one) & unreached}
            grown, group = wider != group, wider
        names[key] = min(group)
    return names


def touches_by_names(owned: Ownership, keys: EventKeys) -> set[str]:
    """Rules 1 and 2."""
    owners = {owner for key in (*keys.anchors, *keys.identities) if (owner := owned.single(key))}
    return owners or {owned.groups[key] for key in keys.identities if key in owned.groups}


def touches_by_others(owned: Ownership, ties: dict[str, set[str]], keys: EventKeys) -> set[str]:
    """Rule 3."""
    tied = set().union(*(ties.get(key, set()) for key in keys.shared))
    claimed = set().union(*(owned.owners.get(key, set()) for key in keys.identities))
    return tied | claimed


def find_ties(owned: Ownership, events: Sequence[EventKeys]) -> dict[str, set[str]]:
    """A shared key is tied to each journey that some event carrying it touches by rule 1 or 2."""
    shared = {key for keys in events for key in keys.shared}
    return {key: set().union(*(touches_by_names(owned, one) for one in events if key in one.shared)) for key in shared}


def _hand_out_keys(journeys: dict[str, Told], owned: Ownership, ties: dict[str, set[str]]) -> None:
    for key, owners in owned.owners.items():
        for owner in owners:
            (journeys[owner].keys if len(owners) == 1 else journeys[owner].contended).add(key)
    for key, name in owned.groups.items():
        journeys[name].keys.add(key)
    for key, names in ties.items():
        for name in names:
            journeys[name].tied.add(key)
