"""One simulated broker queue: who waits, who is being worked on, and what its sample says (pure)."""

from collections import deque
from typing import Any

from app.simulator.estate import Queue
from app.simulator.legs import Life


class BrokerQueue:
    """First in, first out, at the pace of its consumers; what waits for a retry still counts as waiting."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.ready: deque[Life] = deque()
        self.free_at = 0.0
        self.is_waking = False
        self._entered_at: dict[int, float] = {}
        self._in_flight = 0
        self._dead_letters = 0
        self._published = 0
        self._consumed = 0

    def enter(self, life: Life, at: float, *, is_replay: bool) -> None:
        self._entered_at[id(life)] = at
        self._published += 1
        self._dead_letters -= is_replay
        self.ready.append(life)

    def take(self, at: float) -> Life:
        """Hand the next message to a consumer; the one after it has to wait for the pace."""
        self.free_at = at + self.queue.pace_seconds
        self._in_flight += 1
        return self.ready.popleft()

    def put_back(self) -> None:
        """A consumer gave its message up for now; it is ready again later."""
        self._in_flight -= 1

    def leave(self, life: Life, *, is_dead: bool) -> None:
        del self._entered_at[id(life)]
        self._in_flight -= 1
        self._consumed += 1
        self._dead_letters += is_dead

    def sample(self, at: float, *, has_consumers: bool) -> dict[str, Any]:
        """Counts for a sample, and start counting anew: `depth` is all that is in the queue, as brokers have it."""
        oldest_at = next(iter(self._entered_at.values()), at)
        counts = {
            "depth": len(self._entered_at),
            "in_flight": self._in_flight,
            "oldest_age_seconds": int(at - oldest_at),
            "published": self._published,
            "consumed": self._consumed,
            "dead_letters": self._dead_letters,
            "consumers": self.queue.consumers if has_consumers else 0,
        }
        self._published = self._consumed = 0
        return counts
