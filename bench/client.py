"""A small HTTP client that costs little: one kept connection, whole answers, and how long each took."""

import gzip
from dataclasses import dataclass
from http.client import HTTPConnection
from time import perf_counter, sleep

BATCH_TYPE = "application/cloudevents-batch+json"
_LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and the seconds from the request's first byte to the answer's last."""

    status: int
    body: bytes
    seconds: float
    location: str
    retry_after: float
    length: int

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Client:
    """Somebody at the tower's door: a program with a token, or a person with a session's cookie."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = headers

    def get(self, path: str) -> Answer:
        """Fetch as a browser does: compressed."""
        return self.ask("GET", path, None, {"Accept-Encoding": "gzip"})

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """Send one request."""
        started = perf_counter()
        self.connection.request(method, path, body, {**self.headers, **headers})
        response = self.connection.getresponse()
        received = response.read()
        seconds = perf_counter() - started
        plain = gzip.decompress(received) if response.getheader("Content-Encoding") == "gzip" else received
        location, pause = response.getheader("Location", ""), float(response.getheader("Retry-After") or 0)
        return Answer(response.status, plain, seconds, location, pause, len(received))

    def post_events(self, body: bytes) -> int:
        """Send a batch, again after a pause as long as the tower asks for one; returns how often it did."""
        for refused in range(10_000):
            answer = self.ask("POST", "/v1/events", body, {"Content-Type": BATCH_TYPE})
            if answer.status == 202:
                return refused
            if answer.status != 429:
                raise RuntimeError(f"the tower answered {answer.status}: {answer.text[:300]}")
            sleep(min(answer.retry_after, _LONGEST_PAUSE_SECONDS))
        raise RuntimeError("the tower asked for a pause too often")

    def close(self) -> None:
        self.connection.close()
