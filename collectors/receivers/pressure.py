"""Back-pressure: asks senders to slow down while the workers are behind, and until they have caught up somewhat."""

import time
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from app.core import telemetry
from app.core.errors import BackPressureError, come_again
from app.events.inbox import inbox_length

FRESH_SECONDS = 0.25  # what comes in meanwhile goes over the limit
OPEN_AGAIN = 0.75  # of the limit: at the bound itself doors would open and close with every batch


@dataclass(slots=True)
class Gauge:
    """The inbox's length as last counted, a moment ago, and whether the doors are closed; one a process."""

    length: int = 0
    is_closed: bool = False
    counted_at: float = field(default=float("-inf"))

    def read(self, sessions: sessionmaker[Session]) -> int:
        """Count again when the last count is old; several threads doing so at once does no harm."""
        if time.monotonic() - self.counted_at > FRESH_SECONDS:
            with sessions() as session:
                self.length = inbox_length(session)
            self.counted_at = time.monotonic()
            telemetry.inbox_length.set(self.length)
        return self.length


def check_room(gauge: Gauge, sessions: sessionmaker[Session], limit: int) -> None:
    """Refuse with 429 once more events wait than `limit`, until there is room for a while."""
    waiting = gauge.read(sessions)
    gauge.is_closed = waiting > (limit * OPEN_AGAIN if gauge.is_closed else limit)
    if gauge.is_closed:
        message, hint = f"{waiting:,} events wait to be worked off", "Send this again after Retry-After."
        raise BackPressureError(message, hint, retry_after_seconds=come_again())
