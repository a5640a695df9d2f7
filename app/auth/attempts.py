"""Failed sign-ins of the last minutes, kept in this process, and when the next try is allowed."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=15)
PER_EMAIL = 8
PER_ADDRESS = 40
MOST_KEYS = 10_000


class Attempts:
    """Counts failures by e-mail and by address; the oldest names are forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def wait(self, email: str, address: str, now: datetime) -> timedelta | None:
        """Tell how long to wait before the next try; None when it is allowed now."""
        with self._lock:
            by_email = self._wait(f"email {email.lower()}", PER_EMAIL, now)
            by_address = self._wait(f"at {address}", PER_ADDRESS, now)
        return max((wait for wait in (by_email, by_address) if wait), default=None)

    def fail(self, email: str, address: str, now: datetime) -> None:
        """Remember a failure."""
        with self._lock:
            for key, most in ((f"email {email.lower()}", PER_EMAIL), (f"at {address}", PER_ADDRESS)):
                self._failures.setdefault(key, deque(maxlen=most)).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)

    def forget(self, email: str) -> None:
        """Start anew for somebody who proved who they are."""
        with self._lock:
            self._failures.pop(f"email {email.lower()}", None)

    def _wait(self, key: str, most: int, now: datetime) -> timedelta | None:
        failures = self._failures.get(key)
        if failures is None or len(failures) < most:
            return None
        # The oldest of the last `most` failures must have left the window.
        left = failures[0] + WINDOW - now
        return left if left > timedelta(0) else None
