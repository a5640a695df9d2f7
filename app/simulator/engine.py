"""The discrete-event engine: plays the life stories of all orders and hands out messages as they arrive (pure)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random

from app.simulator.broker import BrokerQueue
from app.simulator.estate import Estate
from app.simulator.faults import Story
from app.simulator.legs import Act, Enter, Leave, Life, Retry
from app.simulator.messages import CloudEvent, Message, beat, sample
from app.simulator.orders import MINUTE, Order, draw_orders
from app.simulator.stories import live

# Scans come from hand-held devices, which some carriers empty late.
_LATE_SCANS = {"retail.fulfilment.shipped": (0.05, 90 * MINUTE), "retail.fulfilment.delivered": (0.1, 360 * MINUTE)}
_LATE = (0.012, 4 * MINUTE)


@dataclass(frozen=True, slots=True)
class TimedMessage:
    """A CloudEvent and when it arrives at the door, in simulated time."""

    arrives_at: datetime
    event: CloudEvent


def simulate(estate: Estate, story: Story, start: datetime, until: datetime, seed: int) -> Iterator[TimedMessage]:
    """Play [start, until) from empty queues; only what is on its way is held in memory."""
    return Engine(estate, story, start.timestamp(), seed).run(until.timestamp())


class Engine:
    """The simulated clock, what is due at which time, and the queues."""

    def __init__(self, estate: Estate, story: Story, start: float, seed: int) -> None:
        self.estate = estate
        self.story = story
        self.seed = seed
        self.start = start
        self.now = start
        self.queues = {queue.name: BrokerQueue(queue) for queue in estate.queues}
        self.rng = Random(f"{seed}/arrivals")
        self._due: list[tuple[float, int, Callable[[], None] | CloudEvent]] = []
        self._turn = count()

    def run(self, until: float) -> Iterator[TimedMessage]:
        self._plan(self.start, partial(self._begin_minute, int(self.start // MINUTE)))
        while self._due and self._due[0][0] < until:
            self.now, _, action = heappop(self._due)
            if isinstance(action, dict):
                yield TimedMessage(datetime.fromtimestamp(self.now, UTC), action)
            else:
                action()

    def _begin_minute(self, minute: int) -> None:
        """Report on queues and connectors, and let the minute's orders be placed."""
        at = minute * MINUTE
        if at >= self.start:
            self._report(at)
        for channel in self.estate.channels:
            factor = self.story.order_factor(channel.code, at)
            for order in draw_orders(self.estate, channel, minute, self.seed, factor):
                if order.placed_at >= self.start:
                    self._plan(order.placed_at, partial(self._bear, order))
        self._plan(at + MINUTE, partial(self._begin_minute, minute + 1))

    def _report(self, at: float) -> None:
        for queue in self.queues.values():
            has_consumers = not self.story.quiet_seconds(queue.queue.connector, at)
            self._send(sample(queue.queue, at, queue.sample(at, has_consumers=has_consumers)))
        for connector in self.estate.connectors:
            if not self.story.quiet_seconds(connector, at):
                self._send(beat(connector, at))

    def _bear(self, order: Order) -> None:
        chance = Random(f"{self.seed}/{order.channel.code}/{order.number}")
        life = live(order, self.story, chance, str(self.seed))
        self._obey(life, next(life))

    def _go_on(self, life: Life) -> None:
        try:
            act = life.send(self.now)
        except StopIteration:
            return
        self._obey(life, act)

    def _obey(self, life: Life, act: Act) -> None:
        """Do what a story asks; whatever takes no time is answered at once."""
        while True:
            if isinstance(act, Message):
                self._send(act)
            elif isinstance(act, Leave):
                self.queues[act.queue].leave(life, is_dead=act.is_dead)
            else:
                return self._wait(life, act)
            try:
                act = life.send(self.now)
            except StopIteration:
                return None

    def _wait(self, life: Life, act: float | Enter | Retry) -> None:
        if isinstance(act, Enter):
            queue = self.queues[act.queue]
            queue.enter(life, self.now, is_replay=act.is_replay)
            self._wake(queue)
        elif isinstance(act, Retry):
            queue = self.queues[act.queue]
            queue.put_back()
            self._plan(self.now + act.after_seconds, partial(self._return, queue, life))
        else:
            self._plan(self.now + act, partial(self._go_on, life))

    def _return(self, queue: BrokerQueue, life: Life) -> None:
        queue.ready.append(life)
        self._wake(queue)

    def _wake(self, queue: BrokerQueue) -> None:
        """Plan when the next message is taken: at the queue's pace, and not while its connector is quiet."""
        if queue.is_waking or not queue.ready:
            return
        at = max(self.now, queue.free_at)
        queue.is_waking = True
        self._plan(at + self.story.quiet_seconds(queue.queue.connector, at), partial(self._take, queue))

    def _take(self, queue: BrokerQueue) -> None:
        queue.is_waking = False
        life = queue.take(self.now)
        self._wake(queue)
        self._go_on(life)

    def _send(self, message: Message) -> None:
        """Let a message arrive, a little later than it was sent, and sometimes twice."""
        # What a quiet connector should have carried waits until it is back.
        sent_at = max(message.occurred_at, self.now) + self.story.quiet_seconds(message.connector, self.now)
        share, longest = _LATE_SCANS.get(message.event["type"], _LATE)
        for _ in range(self.story.copies(self.rng, self.now)):
            lag = self.rng.uniform(MINUTE, longest) if self.rng.random() < share else self.rng.expovariate(2.0)
            self._plan(sent_at + lag, message.event)

    def _plan(self, at: float, action: Callable[[], None] | CloudEvent) -> None:
        heappush(self._due, (at, next(self._turn), action))
