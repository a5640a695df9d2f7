"""Keys: the class of each namespace for one kind of journey, and how values are cleaned (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

import msgspec

CLASSES = ("anchor", "identity", "shared", "facet")


Pairs = tuple[tuple[str, str], ...]


class Keyed(Protocol):
    """An event, or what a journey keeps of it."""

    @property
    def keys(self) -> Pairs:
        """Pairs of namespace and value, as they were sent."""


class EventKeys(msgspec.Struct, frozen=True, gc=False):
    """The cleaned keys ("namespace:value") of one event, by class, without repeats, in sorted order."""

    anchors: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyRules:
    """What each namespace means for one kind of journey; undeclared namespaces and junk values do not count."""

    classes: Mapping[str, str]
    junk: frozenset[str] = field(default=frozenset())

    def sort(self, event: Keyed) -> EventKeys:
        """Clean the keys of an event and part them by class."""
        return self._sorted(event.keys)

    def facets(self, event: Keyed) -> tuple[str, ...]:
        """The keys that it can be searched by and no more; most events carry none."""
        return self.sort(event).facets if any(name in self.facet_names for name, _ in event.keys) else ()

    @cached_property
    def facet_names(self) -> frozenset[str]:
        """The namespaces whose keys lead to no journey, and are only searched by."""
        return frozenset(name for name, kind in self.classes.items() if kind == "facet")

    @cached_property
    def _sorted(self) -> Callable[[Pairs], EventKeys]:
        # A batch asks for a fact's keys more than once, and a journey that is folded anew for those of all its facts.
        return lru_cache(maxsize=10_000)(self._sort)

    def _sort(self, pairs: Pairs) -> EventKeys:
        found: dict[str, list[str]] = {}
        for namespace, value in pairs:
            kind = self.classes.get(namespace)
            if kind is None:
                continue
            clean = value.strip()
            if clean and clean.lower() not in self.junk:
                found.setdefault(kind, []).append(f"{namespace}:{clean}")
        return EventKeys(*map(_in_order, map(found.get, CLASSES)))

    def is_anchor(self, key: str) -> bool:
        """Say whether a key names the object itself."""
        return self.classes.get(key.partition(":")[0]) == "anchor"


def _in_order(keys: list[str] | None) -> tuple[str, ...]:
    if keys is None:
        return ()
    return tuple(keys) if len(keys) == 1 else tuple(sorted(set(keys)))
