"""The simulator's side of the front door: posts batches of CloudEvents and waits when it is told to."""

import gzip
import logging
import threading
from dataclasses import dataclass

import httpx
import msgspec

from app.core.errors import UnavailableError
from app.simulator.messages import CloudEvent

logger = logging.getLogger(__name__)

_HEADERS = {"Content-Type": "application/cloudevents-batch+json", "Content-Encoding": "gzip"}
_LONGEST_WAIT_SECONDS = 30.0


@dataclass(slots=True)
class Sent:
    """What has been sent so far, and what the receiver said about it."""

    events: int = 0
    batches: int = 0
    quarantined: int = 0
    retries: int = 0


class Intake:
    """One connection to the receiver, its patience, and the count of what went through it."""

    def __init__(
        self,
        base_url: str,
        token: str,
        stop: threading.Event,
        patience_seconds: float = float("inf"),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        # The receiver is this very tower: no proxy stands between.
        self._client = httpx.Client(base_url=base_url, timeout=30.0, trust_env=False, transport=transport)
        self._client.headers["Authorization"] = f"Bearer {token}"
        self._stop = stop
        self._patience_seconds = patience_seconds
        self.sent = Sent()

    def close(self) -> None:
        self._client.close()

    def post(self, events: list[CloudEvent]) -> None:
        """Deliver a batch, however long the receiver asks to wait; the same batch twice does no harm."""
        body = gzip.compress(msgspec.json.encode(events), compresslevel=1)
        waited, delay = 0.0, 0.5
        while not self._stop.is_set():
            answer = self._try(body)
            if answer is not None and answer.is_success:
                return self._count(len(events), answer)
            pause = _pause(answer, delay)
            if waited + pause > self._patience_seconds:
                raise UnavailableError(f"{self._client.base_url} took no events for {waited:.0f} s")
            self.sent.retries += 1
            self._stop.wait(pause)
            waited, delay = waited + pause, min(delay * 2, _LONGEST_WAIT_SECONDS)
        return None

    def _try(self, body: bytes) -> httpx.Response | None:
        """Ask once; nothing means that nobody answered."""
        try:
            answer = self._client.post("/v1/events", content=body, headers=_HEADERS)
        except httpx.TransportError as error:
            logger.warning("the receiver cannot be reached", extra={"error": str(error)})
            return None
        if answer.is_client_error and answer.status_code not in {408, 429}:
            raise UnavailableError(f"the receiver answered {answer.status_code}: {answer.text[:200]}", permanent=True)
        return answer

    def _count(self, events: int, answer: httpx.Response) -> None:
        self.sent.events += events
        self.sent.batches += 1
        if quarantined := answer.json()["quarantined"]:
            self.sent.quarantined += len(quarantined)
            logger.warning("simulated events were quarantined", extra={"first": quarantined[0]})


def _pause(answer: httpx.Response | None, delay: float) -> float:
    """As long as the receiver asks; without a number, twice as long each time."""
    asked = answer.headers.get("Retry-After", "") if answer is not None else ""
    return min(float(asked), _LONGEST_WAIT_SECONDS) if asked.isdigit() else delay
