"""When to try again, and when to give up (pure)."""

from datetime import datetime, timedelta
from random import Random

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
GIVE_UP = timedelta(hours=24)


def next_attempt(number: str, attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """Double the pause each time, up to a quarter of an hour; None once a day has gone by.

    The last tenth of a pause is by chance, so that messages that failed together do not come back together;
    the chance is the message's own, so that the same attempt gives the same time.
    """
    pause = min(LONGEST, FIRST * 2 ** min(attempts - 1, 20))
    at = now + pause * (1 - Random(f"{number}/{attempts}").random() / 10)
    return at if at - created_at < GIVE_UP else None
