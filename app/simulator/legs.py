"""How one queued message is worked off: attempts, back-off, and the dead-letter queue with its replay (pure)."""

from collections.abc import Generator
from dataclasses import dataclass
from math import log
from random import Random

from app.simulator.faults import ERP_BUSY, ERP_DOWN, Story
from app.simulator.messages import Message, tell
from app.simulator.orders import Order

MINUTE = 60
UNKNOWN_SKU = "UNKNOWN_SKU"
_BACKOFF_SECONDS = (30, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE)
_TRIES_BEFORE_PARKING = 2


@dataclass(frozen=True, slots=True)
class Enter:
    """Join a queue, and go on when a consumer has taken the message."""

    queue: str
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Back into the queue, not to be taken again before some seconds have passed."""

    queue: str
    after_seconds: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Done with the queue, or parked in its dead-letter queue."""

    queue: str
    is_dead: bool = False


# What a life story may ask of the engine; a number is a wait in seconds. Each answer is the time.
Act = float | Message | Enter | Retry | Leave
Life = Generator[Act, float, None]


@dataclass(frozen=True, slots=True)
class Leg:
    """A step that another system does for a message of a queue."""

    step: str
    system: str
    connector: str
    queue: str
    seconds: float
    busy_share: float


@dataclass(frozen=True, slots=True)
class Done:
    """When a leg was done, at which attempt, and how long that attempt took."""

    at: float
    attempt: int
    duration_ms: int


def work_off(order: Order, leg: Leg, keys: dict[str, str], story: Story, rng: Random) -> Generator[Act, float, Done]:
    """Try until it is done; what cannot be done is parked, and replayed once it has been mended."""
    now = yield Enter(leg.queue)
    attempt = 1
    while True:
        took = rng.lognormvariate(log(leg.seconds), 0.4)
        error = _error(order, leg, story, now, attempt, rng)
        now = yield took
        if error is None:
            yield Leave(leg.queue)
            return Done(now, attempt, int(took * 1000))
        facts = {"keys": dict(keys), "channel": order.channel.code, "error": error, "attempt": attempt}
        outcome = "retrying" if error is ERP_BUSY else "failed"
        duration_ms = int(took * 1000)
        yield tell(order, leg.step, now, leg.system, leg.connector, outcome=outcome, duration_ms=duration_ms, **facts)
        if error["code"] == UNKNOWN_SKU and attempt >= _TRIES_BEFORE_PARKING:
            now = yield from _park(order, leg, facts, story, rng)
        else:
            now = yield Retry(leg.queue, _backoff(attempt, rng))
        attempt += 1


def mending_seconds(rng: Random) -> float:
    """How long people take to mend one order: hours, sometimes until tomorrow."""
    return min(rng.lognormvariate(log(8 * 60 * MINUTE), 0.8), 30 * 60 * MINUTE)


def _error(order: Order, leg: Leg, story: Story, now: float, attempt: int, rng: Random) -> dict[str, str] | None:
    if story.is_down(leg.system, now):
        return ERP_DOWN
    if leg.step == "erp.order.posted" and attempt <= _TRIES_BEFORE_PARKING:
        poison = story.unknown_sku(order.skus, now)
        sku = poison.target if poison else order.skus[0] if order.fate == "unknown-sku" else ""
        if sku:
            return {"code": UNKNOWN_SKU, "message": f"Unknown SKU {sku}"}
    return ERP_BUSY if attempt == 1 and rng.random() < leg.busy_share else None


def _backoff(attempt: int, rng: Random) -> float:
    return _BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS)) - 1] * rng.uniform(0.9, 1.1)


def _park(order: Order, leg: Leg, facts: dict[str, object], story: Story, rng: Random) -> Generator[Act, float, float]:
    now = yield Leave(leg.queue, is_dead=True)
    yield tell(order, leg.step, now, "middleware", leg.connector, outcome="dead_lettered", **facts)
    poison = story.unknown_sku(order.skus, now)
    wait = poison.ends_at - now + rng.uniform(2, 20) * MINUTE if poison else mending_seconds(rng)
    now = yield wait
    replayed = {"queue": leg.queue, "reason": "the item now exists"}
    yield tell(order, "message.replayed", now, "middleware", leg.connector, attributes=replayed)
    return (yield Enter(leg.queue, is_replay=True))
