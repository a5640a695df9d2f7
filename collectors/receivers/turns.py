"""Large bodies are held one at a time: what a process needs for them is bounded, however many come at once."""

import asyncio
from threading import Lock

from app.core.errors import UnavailableError

# Smaller ones go side by side; ten of these are what one of the largest comes to.
LARGE_BYTES = 4 * 1024 * 1024
LONGEST_SECONDS = 10.0
ASK_SECONDS = 0.05


class Turn:
    """One request's turn to hold a large body; it is taken when the body, or what it unpacks to, turns out large."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._is_taken = False

    def take(self) -> None:
        """Wait for it in a thread; UnavailableError when it takes too long."""
        if not self._is_taken:
            self._taken(self._lock.acquire(timeout=LONGEST_SECONDS / 2))

    async def take_unread(self) -> None:
        """Wait for it on the event loop, while the rest of the body stays with its sender."""
        if self._is_taken:
            return
        end = asyncio.get_running_loop().time() + LONGEST_SECONDS
        while not (is_ours := self._lock.acquire(blocking=False)) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(ASK_SECONDS)
        self._taken(is_ours)

    def give_back(self) -> None:
        """Let the next one have it."""
        if self._is_taken:
            self._is_taken = False
            self._lock.release()

    def _taken(self, is_taken: bool) -> None:
        if not is_taken:
            raise UnavailableError("another large body is being read", "Send it again, or send smaller batches.")
        self._is_taken = True
