"""What is usually held back at this hour, and how much of what is held back now goes beyond it (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from app.exceptions.levels import Level, level_of

CHANCE = 2.0  # standard deviations of a count

Place = tuple[str, str]  # channel, step


@dataclass(frozen=True, slots=True)
class Stock:
    """Orders that wait for help, and their worth in whole units."""

    orders: int = 0
    gross: int = 0


NONE = Stock()


@dataclass(frozen=True, slots=True)
class Usual:
    """The least that was held back at this hour of the days to compare with; nothing where those are not known."""

    total: Stock = NONE
    late: int = 0
    places: Mapping[Place, Stock] | None = None
    causes: Mapping[str, Stock] | None = None

    def at(self, place: Place) -> Stock:
        """Of one channel on its way to one stage."""
        return (self.places or {}).get(place, NONE)

    def of(self, cause: str) -> Stock:
        """Of one cause."""
        return (self.causes or {}).get(cause, NONE)


def beyond(found: int, usual: int) -> int:
    """How many go beyond what is usual and what chance adds to it."""
    return max(0, found - round(usual + CHANCE * sqrt(usual)))


def share_beyond(found: Stock, usual: Stock) -> float:
    """What part of a stock goes beyond the usual one, by orders or by worth, whichever is more."""
    if not usual.orders:
        return 1.0
    slack = 1 + CHANCE / sqrt(usual.orders)
    return max([0.0, *(1 - slack * before / now for now, before in _pairs(found, usual) if now)])


def level_beyond(at_risk: int, found: Stock, usual: Stock) -> Level:
    """Judge what goes beyond the usual; money at risk counts in proportion."""
    share = share_beyond(found, usual)
    return level_of(at_risk=int(at_risk * share), gross=int(found.gross * share), orders=int(found.orders * share))


def _pairs(found: Stock, usual: Stock) -> tuple[tuple[int, int], tuple[int, int]]:
    return (found.orders, usual.orders), (found.gross, usual.gross)
