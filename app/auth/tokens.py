"""Tokens that were found a moment ago: who sends a hundred requests a second is looked up once a second."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.auth.queries import KnownToken
from app.auth.secret import secret_hash

FRESH = timedelta(seconds=1)  # a revoked token opens doors for so long


@dataclass(slots=True)
class TokenMemory:
    """What one process knows of tokens, by their hashes; unknown ones are looked up every time."""

    found: dict[bytes, tuple[KnownToken, datetime]] = field(default_factory=dict)

    def recall(self, secret: str, now: datetime) -> KnownToken | None:
        """Give a token that was looked up less than a second ago; a clock that was set back makes it forgotten."""
        known, found_at = self.found.get(secret_hash(secret), (None, now))
        return known if timedelta(0) <= now - found_at < FRESH else None

    def keep(self, secret: str, known: KnownToken | None, now: datetime) -> None:
        """Remember what was found, or forget what is there no more."""
        if known:
            self.found[secret_hash(secret)] = known, now
        else:
            self.found.pop(secret_hash(secret), None)
