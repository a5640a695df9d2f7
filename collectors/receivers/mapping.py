"""Mappings: which messages one takes, and how the fields of a native event are filled from them (pure)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from collectors.receivers.expressions import Expression
from collectors.receivers.terms import Message, Place, Term, TimeTerm, kind_of

MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Each:
    """An expression that gives a list, of which every item is taken by itself."""

    place: Place
    expression: Expression

    def items(self, message: Message) -> list[Any]:
        """List the items; what is no list is an error, for a wrong path must not pass for an empty list."""
        found = self.expression.find(message)
        if not isinstance(found, list):
            raise ValueError(f"gives {kind_of(found)}, not a list")
        if len(found) > MOST_ITEMS:
            raise ValueError(f"gives {len(found):,} items, at most {MOST_ITEMS:,} are taken")
        return found


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount and its currency: a decimal, or a whole number of minor units."""

    currency: Term
    value: Term | None = None
    minor: Term | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines, one for each item of a list; the item is `line` to the other terms."""

    each: Each
    sku: Term
    quantity: Term
    unit_price: Term | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How each field is filled; `texts` and `numbers` are those whose name and place are the native event's own."""

    step: Term
    id: Term | None = None
    source: Term | None = None
    subject: Term | None = None
    time: TimeTerm | None = None
    keys: dict[str, Term] = field(default_factory=dict)
    texts: dict[str, Term] = field(default_factory=dict)
    numbers: dict[str, Term] = field(default_factory=dict)
    amount: Amount | None = None
    promised_at: TimeTerm | None = None
    lines: Lines | None = None
    attributes: dict[str, Term] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping; `places` says where in its document each field stands."""

    name: str
    match: dict[str, str]
    shape: Shape
    each: Each | None = None
    places: dict[str, Place] = field(default_factory=dict)

    def takes(self, message: dict[str, str | None]) -> bool:
        """Say whether every pattern fits; a mapping without one is asked for by its name alone."""
        return bool(self.match) and all(_fits(glob, message.get(name) or "") for name, glob in self.match.items())

    @property
    def precision(self) -> int:
        """How much of what it takes is written out."""
        return sum(len(glob.replace("*", "")) for glob in self.match.values())

    def place_of(self, complaint: str) -> Place:
        """Find the field that a complaint about the native event, which begins with a path, goes back to."""
        path = complaint.removeprefix("unknown ").split(" ")[0].rstrip(":")
        name = "event." + re.sub(r"\[\d+\]", "", path.removeprefix("data."))
        while name not in self.places and "." in name:
            name = name.rpartition(".")[0]
        return self.places.get(name, Place(name, 1))


def choose(mappings: Iterable[Mapping], message: dict[str, str | None]) -> Mapping | None:
    """Pick the mapping for a message: the most precise that takes it, and the first by name among equals."""
    fitting = [mapping for mapping in mappings if mapping.takes(message)]
    return min(fitting, key=lambda one: (-one.precision, one.name), default=None)


def _fits(glob: str, text: str) -> bool:
    """Match a pattern in which * stands for anything, in one walk whatever the pattern is."""
    first, *rest = glob.split("*")
    if not rest:
        return text == glob
    *middle, last = rest
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
