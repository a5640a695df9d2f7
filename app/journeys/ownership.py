"""Which journey owns a key: the nearest anchor, exactly as docs/correlation.md defines it (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from app.core.ids import journey_id

Neighbours = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Label:
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


@lru_cache(maxsize=6_000)
def anchor_label(kind: str, key: str) -> Label:
    """Every anchor key owns itself."""
    return Label("anchor", 0, (journey_id(kind, key),))


def settle(kind: str, anchors: Iterable[str], identities: Iterable[str], neighbours: Neighbours) -> dict[str, Label]:
    """Label the identity keys of a closed neighbourhood, level by level outward from its anchors.

    `neighbours` maps every identity key to all its neighbours; `anchors` are those that are anchor keys.
    """
    labels = {key: anchor_label(kind, key) for key in anchors}
    unsettled = set(identities)
    frontier = set(labels)
    level = 0
    while frontier and unsettled:
        level += 1
        claims: dict[str, set[UUID]] = {}
        for key in unsettled:
            owners = {labels[near].owners[0] for near in neighbours.get(key, ()) if near in frontier}
            if owners:
                claims[key] = owners
        for key, owners in claims.items():
            role = "identity" if len(owners) == 1 else "contended"
            labels[key] = Label(role, level, tuple(sorted(owners)))
        unsettled -= claims.keys()
        frontier = {key for key in claims if labels[key].passes_on}
    return labels | _provisional(kind, unsettled, neighbours)


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
