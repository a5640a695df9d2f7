"""What every route may ask for: a session, the time, and the time that the page is asked about."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.orm import Session

from app.core.clock import parse_duration, utc_now
from app.core.database import remember_answers, transaction
from app.core.errors import PayloadError, UnavailableError

DEFAULT_WINDOW = "-4h"
LONGEST_WAIT_SECONDS = 5
EARLIEST_YEAR, LATEST_YEAR = 1970, 9000


@dataclass(frozen=True, slots=True)
class AskedAt:
    """The question's time: `at` is now unless the address says otherwise; `window` reaches back from it."""

    at: datetime
    is_past: bool
    window: timedelta
    now: datetime


async def slot(request: Request) -> AsyncIterator[None]:
    """Wait for a database connection without holding a thread.

    A request keeps its connection from one thread to the next. Were there more such requests than connections,
    threads would wait for connections whose owners wait for threads.
    """
    slots: asyncio.Semaphore = request.app.state.slots
    try:
        await asyncio.wait_for(slots.acquire(), LONGEST_WAIT_SECONDS)
    except TimeoutError:
        raise UnavailableError("Too many requests at once", "Try again in a few seconds") from None
    try:
        yield
    finally:
        slots.release()


def session(request: Request, _slot: Annotated[None, Depends(slot, scope="function")]) -> Iterator[Session]:
    """Open the request's transaction; it is committed before the response is sent."""
    with transaction(request.app.state.sessions) as opened:
        if request.method == "GET":
            remember_answers(opened)
        yield opened


SessionDep = Annotated[Session, Depends(session, scope="function")]


async def moment() -> datetime:
    """Read the clock; nothing of it waits, so that it needs no thread of its own."""
    return utc_now()


NowDep = Annotated[datetime, Depends(moment)]


def asked_at(
    now: NowDep,
    at: Annotated[str | None, Query(description="The moment asked about, RFC 3339; now when left out.")] = None,
    window: Annotated[str, Query(alias="from", description="How far back, such as -4h.")] = DEFAULT_WINDOW,
) -> AskedAt:
    """Read `?at=` and `?from=`."""
    moment = parse_at(at) if at else now
    if moment > now + timedelta(minutes=1):
        raise PayloadError(f"at={at} lies in the future", "Ask about a moment that has passed")
    return AskedAt(at=min(moment, now), is_past=bool(at), window=parse_window(window), now=now)


AskedAtDep = Annotated[AskedAt, Depends(asked_at)]


def parse_at(text: str) -> datetime:
    """Read a moment; one without a zone is UTC, as the form of the time control sends it."""
    # An offset's plus sign that was not percent-encoded arrives as a space.
    mended = re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip())
    try:
        moment = datetime.fromisoformat(mended)
    except ValueError:
        raise PayloadError(f"at={text!r:.80} is not a time", "Write it as 2026-11-20T10:00Z") from None
    # Near the ends of the calendar neither a zone nor a window can be reckoned with.
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise PayloadError(f"at={text!r:.80} is out of range", f"Ask about {EARLIEST_YEAR} to {LATEST_YEAR}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def parse_window(text: str) -> timedelta:
    """Read `-4h`; the sign may be left out."""
    try:
        window = parse_duration(text.strip().removeprefix("-"))
    except (ValueError, OverflowError):
        raise PayloadError(f"from={text!r} is not a window", "Write it as -4h, -30m or -7d") from None
    if not timedelta(minutes=1) <= window <= timedelta(days=366):
        raise PayloadError(f"from={text!r} is out of range", "Choose between one minute and a year")
    return window
