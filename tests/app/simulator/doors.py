"""A receiver made of nothing: takes batches over httpx's mock transport and remembers them."""

import gzip
import json
from collections.abc import Iterable, Iterator

import httpx


class Door:
    """Answers as told, then with 202; keeps the events that it took."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers: Iterator[httpx.Response] = iter(answers)
        self.requests: list[httpx.Request] = []
        self.batches: list[list[dict]] = []

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._take)

    @property
    def events(self) -> list[dict]:
        return [event for batch in self.batches for event in batch]

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if (answer := next(self.answers, None)) is not None:
            return answer
        batch = json.loads(gzip.decompress(request.content))
        self.batches.append(batch)
        return taken(batch)


def taken(batch: Iterable[dict], quarantined: Iterable[int] = ()) -> httpx.Response:
    reasons = [{"index": index, "reason": "unknown step"} for index in quarantined]
    return httpx.Response(202, json={"received": len(list(batch)) - len(reasons), "quarantined": reasons})
