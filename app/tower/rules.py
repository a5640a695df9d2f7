"""When a figure or a stretch of the way is well, worth watching, to act on, or unknown: the tower's bounds (pure)."""

from dataclasses import dataclass
from typing import Literal

from app.exceptions.levels import Bounds
from app.tower.usual import NONE, Stock, level_beyond

State = Literal["act", "watch", "unknown", "ok"]

# No event of any order for so long: the figures still hold, but for a moment that has passed.
STALE_SECONDS = 15 * 60

# Whole units of the reporting currency, and orders. All that is open at once may be worth more than one cause.
TOTAL_ACT, TOTAL_WATCH = Bounds(1_000, 10_000, 100), Bounds(500, 5_000, 50)
OLD_SECONDS = 3 * 86_400
SLOW_DRAIN_SECONDS, DEEP = 15 * 60, 20
FAILING_ACT, FAILING_WATCH = 0.25, 0.05
FEWEST_ATTEMPTS = 20

# Of a stretch: how many of an average hour's orders this hour holds back, and what share of its last attempts failed.
HELD_ACT, HELD_WATCH, FEWEST_HELD = 0.40, 0.25, 5
REFUSED_ACT, REFUSED_WATCH, FEWEST_ATTEMPTED = 0.50, 0.20, 8
# One order that is refused is tried three times over; a share is that of the stretch when several orders meet it.
FEWEST_REFUSED, FEWEST_STRUCK = 10, 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """One channel on its way to one stage; `gross` in whole units, `hourly` orders placed in an average hour.

    `young` orders have been held since an hour ago at most; those of them that failed or were rejected are `struck`.
    """

    in_flight: int | None = None
    failed: int = 0
    rejected: int = 0
    overdue: int = 0
    young: int = 0
    struck: int = 0
    gross: int = 0
    usual: Stock = NONE
    hourly: float = 0.0
    attempts: int = 0
    refused: int = 0
    quiet_seconds: float | None = None
    is_silent: bool = False
    is_cash: bool = False
    is_queued: bool = False
    is_source_silent: bool = False

    @property
    def held(self) -> int:
        """Orders with an open exception: at one step an order has one cause, so they may be added."""
        return self.failed + self.rejected + self.overdue


def stretch_state(one: Stretch) -> State:
    """Judge a stretch: what fails asks to act, what only waits is watched until it is large, silence is unknown."""
    worst = _held_state(one) if one.held else "ok"
    if one.is_cash and worst == "act":
        worst = "watch"  # the money comes later, but the order is not lost
    if worst != "ok":
        return worst
    # A stretch that nothing has entered has nothing to let out, unless it is the source itself that says nothing.
    is_stopped = bool(one.in_flight) and one.is_silent
    return "unknown" if is_stopped or one.is_source_silent else "ok"


def _held_state(one: Stretch) -> State:
    by_size = level_beyond(0, Stock(one.held, one.gross), one.usual)
    if not one.failed + one.rejected:
        return _waiting_state(one, by_size)
    share = one.refused / one.attempts if one.attempts >= FEWEST_ATTEMPTED else 0.0
    refused = share if one.refused >= FEWEST_REFUSED and one.struck >= FEWEST_STRUCK else 0.0
    # Where attempts now succeed, what is still held is judged by its size alone.
    succeeds = one.attempts >= FEWEST_ATTEMPTED and share < REFUSED_WATCH
    held = 0.0 if succeeds else _held_share(one)
    if by_size == "act" or held >= HELD_ACT or refused >= REFUSED_ACT:
        return "act"
    return "watch" if by_size == "watch" or held >= HELD_WATCH or refused >= REFUSED_WATCH else "ok"


def _waiting_state(one: Stretch, by_size: str) -> State:
    """What waits in a queue waits for something further on, and that is what to act on."""
    if by_size == "act" and not one.is_queued:
        return "act"
    return "watch" if by_size != "quiet" or _held_share(one) >= HELD_WATCH else "ok"


def _held_share(one: Stretch) -> float:
    """Of an average hour's orders those that this hour holds back; what has gathered before is judged by its size."""
    return one.young / one.hourly if one.hourly and one.young >= FEWEST_HELD else 0.0


def stretch_word(one: Stretch) -> str:
    """Say what most of the held orders met with."""
    if not one.held:
        return ""
    if one.rejected > max(one.failed, one.overdue):
        return "rejected"
    if one.failed >= one.overdue:
        return "failed"
    return "queued" if one.is_queued else "late"


def risk_state(at_risk: int, gross: int) -> State:
    """Judge all revenue at risk: amounts in whole units."""
    return _bounded(TOTAL_ACT, TOTAL_WATCH, Bounds(at_risk, gross, 0))


def late_state(orders: int) -> State:
    """Judge orders that are late."""
    return _bounded(TOTAL_ACT, TOTAL_WATCH, Bounds(0, 0, orders))


def due_state(orders: int) -> State:
    """Judge orders that will be late: there is still time, so nobody has to act yet."""
    return "watch" if orders >= TOTAL_WATCH.orders else "ok"


def age_state(seconds: float) -> State:
    """Judge the age of the oldest exception."""
    return "watch" if seconds > OLD_SECONDS else "ok"


def backlog_state(depth: int, drain_seconds: float | None, is_never: bool) -> State:
    """Judge a queue: one that never drains asks to act as soon as it is more than a handful."""
    if depth < DEEP:
        return "ok"
    if is_never:
        return "act"
    if drain_seconds is None:
        return "unknown"
    return "watch" if drain_seconds > SLOW_DRAIN_SECONDS else "ok"


def failing_state(share: float | None, attempts: int) -> State:
    """Judge the share of attempts that fail, once there are enough of them."""
    if share is None or attempts < FEWEST_ATTEMPTS or share < FAILING_WATCH:
        return "ok"
    return "act" if share >= FAILING_ACT else "watch"


def is_stale(age_seconds: float | None) -> bool:
    """Say whether what is known is old."""
    return age_seconds is not None and age_seconds > STALE_SECONDS


def _bounded(act: Bounds, watch: Bounds, found: Bounds) -> State:
    for state, bounds in (("act", act), ("watch", watch)):
        if found.at_risk >= bounds.at_risk or found.gross >= bounds.gross or found.orders >= bounds.orders:
            return "act" if state == "act" else "watch"
    return "ok"
