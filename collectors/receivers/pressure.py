"""Back-pressure: asks senders to slow down while the workers are behind."""

import time
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from app.core import telemetry
from app.core.errors import BackPressureError
from app.events.inbox import inbox_length

FRESH_SECONDS = 1.0


@dataclass(slots=True)
class Gauge:
    """The inbox's length as last counted; one a process, and a second old at most."""

    length: int = 0
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
    """Refuse with 429 while more events wait than `limit`."""
    waiting = gauge.read(sessions)
    if waiting > limit:
        raise BackPressureError(f"{waiting:,} events wait to be worked off", "Send this again after Retry-After.")
