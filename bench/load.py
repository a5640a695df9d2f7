"""The load: batches of 500 events in which the events of each order lie 20 batches apart from end to end (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from bench.lives import LONGEST, STAGES, Facts, Order, tell

BATCH = 500
# Batches between two events of an order. It is odd, so that every batch has exactly 500 events.
GAP = 3
SPREAD = GAP * (STAGES - 1)


@dataclass(frozen=True, slots=True)
class Load:
    """So many events that end at a moment; `tick_seconds` is the time that one batch stands for.

    The default pace is 62 or 63 new orders every 400 seconds, 13,000 a day: more events are more days.
    """

    prefix: str
    events: int
    ends_at: float
    tick_seconds: float = LONGEST / SPREAD

    @property
    def ticks(self) -> int:
        """How many batches there are; the first are smaller, for there is nothing yet to go on with."""
        left, tick = self.events, 0
        while left > 0:
            left -= sum(len(numbers_of(cohort)) for cohort in _cohorts(tick))
            tick += 1
        return tick

    def batches(self) -> Iterator[list[Facts]]:
        """Write the events of every tick."""
        left, starts_at = self.events, self.ends_at - self.ticks * self.tick_seconds
        for tick in count():
            if left <= 0:
                return
            batch = [
                tell(order, stage, self.tick_seconds * SPREAD / LONGEST)
                for stage, cohort in enumerate(_cohorts(tick))
                for order in self.orders(cohort, starts_at)
            ]
            batch.sort(key=lambda event: (event["time"], event["id"]))
            yield batch[:left]
            left -= len(batch)

    def orders(self, cohort: int, starts_at: float) -> Iterator[Order]:
        """Orders placed in one tick, evenly."""
        numbers = numbers_of(cohort)
        for place, number in enumerate(numbers):
            share = cohort + place / len(numbers)
            yield Order(self.prefix, number, starts_at + share * self.tick_seconds, cohort)


def numbers_of(cohort: int) -> range:
    """Numbers of the orders that one tick brings: an eighth of a batch."""
    return range(cohort * BATCH // STAGES, (cohort + 1) * BATCH // STAGES)


def _cohorts(tick: int) -> list[int]:
    """Whose turn it is in a tick: the newest cohort's first event, then an older one's second, and so on."""
    return [cohort for stage in range(STAGES) if (cohort := tick - stage * GAP) >= 0]
