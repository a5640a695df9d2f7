"""Judges connectors by the rhythm they taught us, and queues by whether they will ever be empty (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

FEWEST_GAPS = 4
MINUTE = 60.0
QUARTER = 900.0
LATE_FACTOR, DOWN_FACTOR = 3.0, 10.0
FEWEST_ATTEMPTS = 10
FAILING_SHARE, SHAKY_SHARE = 0.5, 0.1
SLOW_DRAIN_SECONDS = 3600.0
STALE_SECONDS = 600.0
ORDER = ("act", "watch", "unknown", "ok", "quiet")


@dataclass(frozen=True, slots=True)
class Lamp:
    """A level with its word."""

    level: str
    word: str

    @property
    def rank(self) -> int:
        """Place in a list that begins with the worst."""
        return ORDER.index(self.level)


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a connector speaks: its usual gap, and one that is long but not unheard of."""

    usual_seconds: float
    long_seconds: float

    @property
    def late_seconds(self) -> float:
        """Silence that is unusual."""
        return max(LATE_FACTOR * self.usual_seconds, 1.5 * self.long_seconds, 3 * MINUTE)

    @property
    def down_seconds(self) -> float:
        """Silence that nobody would call a pause."""
        return max(DOWN_FACTOR * self.usual_seconds, 3 * self.long_seconds, QUARTER)


def learn_cadence(minutes: Sequence[datetime]) -> Cadence | None:
    """Learn from the minutes, in order, in which something was said; None while there are too few."""
    gaps = sorted((later - earlier).total_seconds() for earlier, later in pairwise(minutes))
    if len(gaps) < FEWEST_GAPS:
        return None
    return Cadence(median(gaps), gaps[int(0.95 * (len(gaps) - 1))])


def judge_connector(silence: float, cadence: Cadence | None, attempts: int, failed: int) -> Lamp:
    """Say the worst of what silence and failures say; silence of an unknown rhythm is never called healthy."""
    lamps = [_judge_silence(silence, cadence), _judge_failures(attempts, failed)]
    return min(lamps, key=lambda lamp: lamp.rank)


def _judge_silence(silence: float, cadence: Cadence | None) -> Lamp:
    if cadence is None:
        return Lamp("unknown", "Learning")
    if silence > cadence.down_seconds:
        return Lamp("act", "Down")
    return Lamp("watch", "Late") if silence > cadence.late_seconds else Lamp("ok", "Up")


def _judge_failures(attempts: int, failed: int) -> Lamp:
    share = failed / attempts if attempts >= FEWEST_ATTEMPTS else 0.0
    if share >= FAILING_SHARE:
        return Lamp("act", "Failing")
    return Lamp("watch", "Shaky") if share >= SHAKY_SHARE else Lamp("quiet", "")


def judge_queue(
    depth: int | None, drain_seconds: float | None, *, is_endless: bool, dead_letters: int | None, consumers: int | None
) -> Lamp:
    """Say whether a queue needs somebody: it never drains, nobody serves it, it is slow, or it has dead letters."""
    if depth is None:
        return Lamp("unknown", "No recent sample")
    if depth and consumers == 0:
        return Lamp("act", "Not served")
    if is_endless:
        return Lamp("act", "Never drains")
    if dead_letters:
        return Lamp("watch", "Dead letters")
    if not depth:
        return Lamp("ok", "Empty")
    if drain_seconds is None:
        return Lamp("unknown", "Learning")
    return Lamp("watch", "Slow") if drain_seconds > SLOW_DRAIN_SECONDS else Lamp("ok", "Draining")
