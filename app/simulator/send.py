"""Plays stories into the front door: the past as fast as it is taken, then live at a chosen speed."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

import httpx

from app.core.clock import utc_now
from app.simulator.engine import TimedMessage, simulate
from app.simulator.estate import build_estate
from app.simulator.faults import Story, choose_story
from app.simulator.intake import Intake, Sent
from app.simulator.messages import CloudEvent

logger = logging.getLogger(__name__)

BATCH = 500
FAULT_BEGAN = timedelta(minutes=35)  # before a live run starts, so that its first page has something to show
FAULT_AFTER = timedelta(minutes=10)  # the start of a played story
REPLAYED = timedelta(hours=1)  # what a run at more than real speed shows again before it reaches the present
_SHORTEST_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0
_FOR_GOOD = timedelta(days=3650)


def play(
    base_url: str,
    token: str,
    story: str,
    start: datetime,
    until: datetime,
    seed: int,
    *,
    fault_after: timedelta = FAULT_AFTER,
    transport: httpx.BaseTransport | None = None,
) -> Sent:
    """Send all of [start, until) at once; the story's fault begins `fault_after` the start."""
    intake = Intake(base_url, token, threading.Event(), _PATIENCE_SECONDS, transport)
    try:
        told = _tell(choose_story(story, start + fault_after), start, until, seed)
        deliver(told, intake, threading.Event(), lambda _: 0.0)
    finally:
        intake.close()
    return intake.sent


def run_simulator(
    base_url: str,
    token: str,
    *,
    story: str,
    speed: float,
    backfill_hours: float,
    seed: int,
    stop: threading.Event,
    since: datetime | None = None,
    transport: httpx.BaseTransport | None = None,
) -> None:
    """Fill in the past, then go on live until told to stop; faults come back every two hours.

    `since` is when the first fault began: a run that is started again tells the same past only when it is given.
    """
    now = utc_now()
    start = now - timedelta(hours=backfill_hours)
    live_from = max(start, now - REPLAYED) if speed > 1 else now
    intake = Intake(base_url, token, stop, transport=transport)
    told = _tell(choose_story(story, since or now - FAULT_BEGAN, repeats=True), start, now + _FOR_GOOD, seed)
    try:
        deliver(told, intake, stop, lambda at: (due_at(at, now, live_from, speed) - utc_now()).total_seconds())
    finally:
        intake.close()
        logger.info("the simulator has stopped", extra={"events": intake.sent.events})


def run_until_signalled(
    base_url: str, token: str, *, story: str, speed: float, backfill_hours: float, seed: int, since: datetime | None
) -> None:
    """Run the simulator as a process of its own, which SIGTERM or SIGINT ends."""
    # An event that is set inside a signal handler can wait for itself; an exception cannot.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    never = threading.Event()
    with suppress(KeyboardInterrupt):
        run_simulator(
            base_url,
            token,
            story=story,
            speed=speed,
            backfill_hours=backfill_hours,
            seed=seed,
            stop=never,
            since=since,
        )


def deliver(
    messages: Iterator[TimedMessage],
    intake: Intake,
    stop: threading.Event,
    seconds_until: Callable[[datetime], float],
) -> None:
    """Post messages in batches, each when it is due; what is overdue goes out as fast as it is taken."""
    batch: list[CloudEvent] = []
    is_live = False
    for message in messages:
        pause = seconds_until(message.arrives_at)
        if pause > 0 or len(batch) == BATCH:
            if batch:
                intake.post(batch)
                batch = []
            if pause > 0 and not is_live:
                is_live = True
                logger.info("the past is filled in", extra={"events": intake.sent.events})
            if stop.wait(max(pause, _SHORTEST_PAUSE_SECONDS) if pause > 0 else 0):
                return
        batch.append(message.event)
    if batch:
        intake.post(batch)


def due_at(arrives_at: datetime, now: datetime, live_from: datetime, speed: float) -> datetime:
    """When to send: the simulated clock runs at `speed` from `live_from` on, and never ahead of the real one."""
    return max(arrives_at, now + (arrives_at - live_from) / speed)


def _tell(story: Story, start: datetime, until: datetime, seed: int) -> Iterator[TimedMessage]:
    return simulate(build_estate(Random(seed)), story, start, until, seed)
