"""How fast a queue is served and filled, and when it will be empty (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

NEVER, TOO_FEW, NO_DEPTH = "never", "not enough samples", "depth unknown"
STALE_AFTER = timedelta(minutes=10)
FEWEST_FOR_RANGE = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """What a broker said of a queue: `published` and `consumed` since the sample before; None is unknown."""

    queue: str
    broker: str
    at: datetime
    depth: int | None
    in_flight: int | None
    oldest_seconds: float | None
    published: int | None
    consumed: int | None
    dead_letters: int | None
    consumers: int | None


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a minute: coming in, and going out while there was work; slow and fast halves of the latter."""

    arrival: float | None
    service: float | None
    slow: float | None
    fast: float | None


@dataclass(frozen=True, slots=True)
class Drain:
    """Seconds until the queue is empty; None with the reason."""

    seconds: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


def measure_rates(samples: Sequence[Sample], since: datetime) -> Rates:
    """Measure rates over samples in time order that are younger than `since`; the one before it only dates them."""
    spans = [
        ((later.at - earlier.at) / timedelta(minutes=1), later)
        for earlier, later in pairwise(samples)
        if later.at > since
    ]
    filled = [(minutes, sample.published) for minutes, sample in spans if sample.published is not None]
    busy = [
        (minutes, sample.consumed)
        for minutes, sample in spans
        if sample.depth is not None and sample.depth > 0 and sample.consumed is not None
    ]
    busy.sort(key=lambda span: span[1] / span[0])
    half = len(busy) // 2
    has_range = len(busy) >= FEWEST_FOR_RANGE
    return Rates(
        arrival=_per_minute(filled),
        service=_per_minute(busy),
        slow=_per_minute(busy[:half]) if has_range else None,
        fast=_per_minute(busy[-half:]) if has_range else None,
    )


def drain_time(depth: int | None, rates: Rates) -> Drain:
    """Divide depth by the net rate; a queue that is not served faster than it fills never drains."""
    if depth is None:
        return Drain(None, reason=NO_DEPTH)
    if depth == 0:
        return Drain(0.0, 0.0, 0.0)
    if rates.service is None or rates.arrival is None:
        return Drain(None, reason=TOO_FEW)
    seconds = _seconds(depth, rates.service, rates.arrival)
    low, high = _seconds(depth, rates.fast, rates.arrival), _seconds(depth, rates.slow, rates.arrival)
    return Drain(seconds, low, high, None if seconds is not None else NEVER)


def _seconds(depth: int, service: float | None, arrival: float) -> float | None:
    return depth / (service - arrival) * 60 if service is not None and service > arrival else None


def _per_minute(spans: Sequence[tuple[float, int]]) -> float | None:
    minutes = sum(length for length, _ in spans)
    return sum(count for _, count in spans) / minutes if minutes > 0 else None
