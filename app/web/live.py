"""Live pages: what the worker tells the database's channel goes to every open page that listens to the topic."""

import asyncio
import re
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import FrameType
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine

from app.core.clock import utc_now
from app.core.errors import PayloadError
from app.web.listener import listen

PING_SECONDS = 15.0
GAP_SECONDS = 0.25  # so one topic is told at most four times a second
LONGEST_SECONDS = 3600.0  # the browser comes again, and is asked again who it is
TOPIC = re.compile(r"^[\w.-]{1,80}$")
MOST_TOPICS = 20
EVERYTHING = "*"

router = APIRouter(include_in_schema=False)


class Subscription:
    """One open page: the topics it listens to, and those that changed since it was last told."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.changed: set[str] = set()
        self.wake = asyncio.Event()


class Hub:
    """The open pages of this process; used on the event loop, except `publish` and `close`."""

    def __init__(self) -> None:
        self.is_listening = threading.Event()
        self.is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscriptions: set[Subscription] = set()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin on the loop that serves the pages."""
        self._loop, self.is_closed = loop, False

    def publish(self, topics: str) -> None:
        """Tell, from any thread, that something of these topics (parted by commas) changed."""
        self._call(self._tell, frozenset(topics.split(",")))

    def close(self) -> None:
        """End every stream, from any thread or signal handler; a server waits for them before it stops."""
        self.is_closed = True
        self._call(self._wake_all)

    async def stream(self, topics: frozenset[str], longest: float = LONGEST_SECONDS) -> AsyncIterator[bytes]:
        """Write server-sent events until the page goes away, the server stops, or it has been long enough."""
        subscription = Subscription(topics)
        self._subscriptions.add(subscription)
        end = asyncio.get_running_loop().time() + longest
        try:
            yield message("hello", utc_now())
            while not self.is_closed and asyncio.get_running_loop().time() < end:
                for part in await self._next(subscription):
                    yield part
                await asyncio.sleep(GAP_SECONDS)
        finally:
            self._subscriptions.discard(subscription)

    async def _next(self, subscription: Subscription) -> list[bytes]:
        with suppress(TimeoutError):
            await asyncio.wait_for(subscription.wake.wait(), PING_SECONDS)
        changed, subscription.changed = sorted(subscription.changed), set()
        subscription.wake.clear()
        if self.is_closed:
            return []
        if not changed:
            return [b": ping\n\n"]
        return [message(topic, utc_now()) for topic in changed]

    def _tell(self, topics: frozenset[str]) -> None:
        for subscription in self._subscriptions:
            if touched := subscription.topics if EVERYTHING in topics else subscription.topics & topics:
                subscription.changed |= touched
                subscription.wake.set()

    def _wake_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.wake.set()

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        # The loop may be gone already, when the server stops.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function, *arguments)


def message(topic: str, at: datetime) -> bytes:
    """Write one event: the subject that changed, and when."""
    return f'event: {topic}\ndata: {{"at":"{at.isoformat()}"}}\n\n'.encode()


@router.get("/live")
async def live_stream(request: Request, topics: Annotated[str, Query(max_length=1000)] = "") -> StreamingResponse:
    hub: Hub = request.app.state.live
    wanted = frozenset(topic for topic in topics.split(",") if topic)
    if len(wanted) > MOST_TOPICS or not all(TOPIC.match(topic) for topic in wanted):
        raise PayloadError("these are not topics", "Write them as ?topics=tower,orders")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(hub.stream(wanted), media_type="text/event-stream", headers=headers)


@contextmanager
def listening(hub: Hub, engine: Engine) -> Iterator[None]:
    """Listen to the database for as long as the process serves pages; call it on the event loop."""
    hub.open(asyncio.get_running_loop())
    stopped = threading.Event()
    thread = threading.Thread(target=listen, args=(engine, hub.publish, hub.is_listening, stopped), name="live")
    thread.start()
    try:
        with closed_by_signals(hub):
            yield
    finally:
        hub.close()
        stopped.set()
        thread.join()


@contextmanager
def closed_by_signals(hub: Hub) -> Iterator[None]:
    """End the streams as soon as the server is told to stop: it waits for open requests before anything else."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        hub.close()
        previous = before[signal.Signals(number)]
        if callable(previous):
            previous(number, frame)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
