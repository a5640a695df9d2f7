"""Durations as they are told: the middle and the slow end."""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: the middle and the slow end."""

    p50: float
    p95: float


def times_of(seconds: list[float]) -> Times:
    """Median and 95th percentile of durations, in milliseconds."""
    ordered = sorted(seconds)
    return Times(*(round(1000 * ordered[ceil(len(ordered) * share) - 1], 1) for share in (0.5, 0.95)))
