"""What the doors for senders share: the raw body, who sends, and how full the inbox is."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Annotated

from fastapi import Depends, Request

from app.auth.dependencies import Sender, require_scope
from app.core.errors import UnavailableError
from collectors.receivers.pressure import Gauge
from collectors.receivers.turns import LARGE_BYTES, Turn

SLOWEST_SECONDS = 60

IngestDep = Annotated[Sender, Depends(require_scope("ingest"))]


async def read_body(request: Request) -> AsyncIterator[bytes]:
    """Read the raw body; the application's limit ends it when it is too long."""
    turn = request.state.turn = Turn(request.app.state.large_bodies)
    # A buffer gives its bytes away without a copy; joining what arrived would need the room twice.
    body = BytesIO()
    try:
        async with asyncio.timeout(SLOWEST_SECONDS):
            async for part in request.stream():
                if body.tell() + len(part) > LARGE_BYTES:
                    await turn.take_unread()
                body.write(part)
        yield body.getvalue()
    except TimeoutError:
        raise UnavailableError("the body came too slowly", "Send smaller batches.") from None
    finally:
        turn.give_back()


BodyDep = Annotated[bytes, Depends(read_body, scope="function")]


def inbox_gauge(request: Request) -> Gauge:
    """Find the gauge of this process; the first request makes it."""
    state = request.app.state
    if not hasattr(state, "inbox_gauge"):
        state.inbox_gauge = Gauge()
    gauge: Gauge = state.inbox_gauge
    return gauge
