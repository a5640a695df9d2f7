"""How loudly a group of exceptions speaks: act, watch or quiet (pure)."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["act", "watch", "quiet"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a level begins: any one of these is enough."""

    at_risk: int
    gross: int
    orders: int


# In whole units of the reporting currency. A handful of single troubles in a day stays grey; what stops a leg
# shows by its orders and their value long before their loss curve does.
ACT = Bounds(at_risk=1_000, gross=10_000, orders=100)
WATCH = Bounds(at_risk=500, gross=3_500, orders=35)


def level_of(*, at_risk: int, gross: int, orders: int) -> Level:
    """Judge a group by what it puts at risk, what it holds back and how many orders wait; amounts in whole units."""
    if _reaches(ACT, at_risk, gross, orders):
        return "act"
    return "watch" if _reaches(WATCH, at_risk, gross, orders) else "quiet"


def _reaches(bounds: Bounds, at_risk: int, gross: int, orders: int) -> bool:
    return at_risk >= bounds.at_risk or gross >= bounds.gross or orders >= bounds.orders
