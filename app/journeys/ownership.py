"""Which journey owns a key: the nearest anchor, exactly as docs/correlation.md defines it (pure)."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

import msgspec

from app.core.ids import journey_id

Neighbours = Mapping[str, Iterable[str]]


class Label(msgspec.Struct, frozen=True, gc=False):
    """What is known of a key: its role and the journeys it leads to.

    Roles: anchor and identity (one owner), contended (two or more claimants), provisional (a journey without anchor).
    """

    role: str
    level: int
    owners: tuple[UUID, ...]

    @property
    def passes_on(self) -> bool:
        """Whether neighbours inherit from it: only a single owner is passed on."""
        return self.role in ("anchor", "identity")

    def leads_to(self, owner: UUID) -> bool:
        """Whether it is one of the owners, who are in order and may be very many."""
        place = bisect_left(self.owners, owner)
        return place < len(self.owners) and self.owners[place] == owner


@lru_cache(maxsize=6_000)
def anchor_label(kind: str, key: str) -> Label:
    """Every anchor key owns itself."""
    return Label("anchor", 0, (journey_id(kind, key),))


def settle(kind: str, anchors: Iterable[str], identities: Iterable[str], neighbours: Neighbours) -> dict[str, Label]:
    """Label the identity keys of a closed neighbourhood, level by level outward from its anchors.

    `neighbours` maps every identity key to all its neighbours; `anchors` are those that are anchor keys.
    """
    labels = {key: anchor_label(kind, key) for key in anchors}
    return labels | settle_within(kind, identities, neighbours, labels)


def settle_within(
    kind: str, identities: Iterable[str], neighbours: Neighbours, beyond: Mapping[str, Label]
) -> dict[str, Label]:
    """Label some identity keys while those beyond them stay as they are; `beyond` has at least their neighbours."""
    unsettled = set(identities)
    passing: dict[int, set[str]] = {}
    for key in {near for one in unsettled for near in neighbours.get(one, ())} - unsettled:
        if (label := beyond.get(key)) is not None and label.passes_on:
            passing.setdefault(label.level, set()).add(key)
    labels: dict[str, Label] = {}
    level = 0
    while unsettled and passing:
        frontier = passing.pop(level, set())
        level += 1
        claims: dict[str, set[UUID]] = {}
        for key in unsettled if frontier else ():
            owners = {_owner(near, labels, beyond) for near in neighbours.get(key, ()) if near in frontier}
            if owners:
                claims[key] = owners
        for key, owners in claims.items():
            role = "identity" if len(owners) == 1 else "contended"
            labels[key] = Label(role, level, tuple(sorted(owners)))
            if labels[key].passes_on:
                passing.setdefault(level, set()).add(key)
        unsettled -= claims.keys()
    return labels | _provisional(kind, unsettled, neighbours)


def _owner(key: str, labels: Mapping[str, Label], beyond: Mapping[str, Label]) -> UUID:
    return (labels.get(key) or beyond[key]).owners[0]


def inherit(kind: str, key: str, near: Iterable[Label]) -> Label | None:
    """What a new key is labelled beside settled ones, as long as it changes none of them; None: that takes more."""
    beside = list(near)
    if passing := [label for label in beside if label.passes_on]:
        level = min(label.level for label in passing)
        owners = {label.owners[0] for label in passing if label.level == level}
        return Label("identity" if len(owners) == 1 else "contended", level + 1, tuple(sorted(owners)))
    if all(label.role == "contended" for label in beside):
        return Label("provisional", 0, (journey_id(kind, key),))
    return None


def widen(label: Label, near: Iterable[Label]) -> Label:
    """What more claimants make of a contended key: they change nothing for the keys beside it."""
    more = {one.owners[0] for one in near if one.passes_on and one.level == label.level - 1}
    if more <= set(label.owners):
        return label
    return Label(label.role, label.level, tuple(sorted(more.union(label.owners))))


def leaves(label: Label, other: Label | None) -> bool:
    """Whether standing beside another key leaves a label as it is."""
    if other is None:
        return False
    if label.role == "provisional":
        return other.role == "contended" or other == label
    # Only what lies nearer to an anchor has a say, and that by its single owner.
    if not other.passes_on or other.level >= label.level:
        return True
    return other.level == label.level - 1 and label.leads_to(other.owners[0])


def rests_on(label: Label, other: Label | None) -> bool:
    """Whether a label may be as it is because of the key beside it."""
    if other is None:
        return False
    if label.role == "provisional":
        return other == label
    return other.passes_on and other.level == label.level - 1


def _provisional(kind: str, unsettled: set[str], neighbours: Neighbours) -> dict[str, Label]:
    """Connected groups of keys that no level reached, each named by its smallest key."""
    labels: dict[str, Label] = {}
    left = set(unsettled)
    for start in sorted(unsettled):
        if start not in left:
            continue
        owner = journey_id(kind, start)
        group = [start]
        left.discard(start)
        for key in group:
            labels[key] = Label("provisional", 0, (owner,))
            reached = [near for near in neighbours.get(key, ()) if near in left]
            left.difference_update(reached)
            group.extend(reached)
    return labels
