"""What the doors for senders share: the raw body, who sends, and how full the inbox is."""

from typing import Annotated

from fastapi import Depends, Request

from app.auth.dependencies import Sender, require_scope
from collectors.receivers.pressure import Gauge

IngestDep = Annotated[Sender, Depends(require_scope("ingest"))]


async def read_body(request: Request) -> bytes:
    """Read the raw body; the application's limit ends it when it is too long."""
    return await request.body()


BodyDep = Annotated[bytes, Depends(read_body)]


def inbox_gauge(request: Request) -> Gauge:
    """Find the gauge of this process; the first request makes it."""
    state = request.app.state
    if not hasattr(state, "inbox_gauge"):
        state.inbox_gauge = Gauge()
    gauge: Gauge = state.inbox_gauge
    return gauge
