"""The sender is polite: it waits when told to, tries again what was not taken, and gives up on a refusal."""

import threading
import time

import httpx
import pytest

from app.core.errors import UnavailableError
from app.simulator.intake import Intake
from tests.app.simulator.doors import Door, taken

EVENTS = [{"id": "1"}, {"id": "2"}]


class ImpatientStop(threading.Event):
    """Notes how long it was asked to wait, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        return self.is_set()


def an_intake(door: Door, stop: threading.Event | None = None, patience_seconds: float = 60) -> Intake:
    return Intake("http://tower.test", "secret", stop or ImpatientStop(), patience_seconds, door.transport)


def test_a_batch_is_posted_with_its_token_compressed_and_counted() -> None:
    door = Door()
    intake = an_intake(door)
    intake.post(EVENTS)
    request = door.requests[0]
    assert str(request.url) == "http://tower.test/v1/events"
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.headers["Content-Type"] == "application/cloudevents-batch+json"
    assert request.headers["Content-Encoding"] == "gzip"
    assert door.batches == [EVENTS]
    assert (intake.sent.events, intake.sent.batches, intake.sent.retries) == (2, 1, 0)


@pytest.mark.parametrize("status", [429, 503])
def test_back_pressure_is_waited_out_as_long_as_the_receiver_asks(status) -> None:
    door, stop = Door(httpx.Response(status, headers={"Retry-After": "7"})), ImpatientStop()
    intake = an_intake(door, stop)
    intake.post(EVENTS)
    assert stop.waits == [7]
    assert door.batches == [EVENTS]
    assert (intake.sent.events, intake.sent.retries) == (2, 1)


def test_without_a_number_it_waits_longer_each_time() -> None:
    stop = ImpatientStop()
    an_intake(Door(*[httpx.Response(500) for _ in range(4)]), stop).post(EVENTS)
    assert stop.waits == [0.5, 1, 2, 4]


def test_an_unreachable_receiver_is_tried_until_patience_ends() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    stop = ImpatientStop()
    intake = Intake("http://tower.test", "secret", stop, 10, httpx.MockTransport(nobody))
    with pytest.raises(UnavailableError, match="took no events for 8 s"):
        intake.post(EVENTS)
    assert sum(stop.waits) == 7.5


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_a_refusal_is_final(status) -> None:
    door = Door(httpx.Response(status, text="no"))
    with pytest.raises(UnavailableError, match=f"answered {status}: no") as caught:
        an_intake(door).post(EVENTS)
    assert caught.value.permanent
    assert len(door.requests) == 1


def test_quarantined_events_are_counted() -> None:
    intake = an_intake(Door(taken(EVENTS, quarantined=[1])))
    intake.post(EVENTS)
    assert intake.sent.quarantined == 1


def test_stopping_ends_a_wait_at_once() -> None:
    stop = threading.Event()
    intake = an_intake(Door(httpx.Response(503, headers={"Retry-After": "30"})), stop)
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    intake.post(EVENTS)
    assert time.monotonic() - began < 5
    assert intake.sent.events == 0
