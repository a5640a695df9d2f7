"""Playing stories into the door: the past at once, the present as it happens, and a clean stop."""

import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.simulator import send
from app.simulator.intake import Intake
from tests.app.simulator.doors import Door
from tests.app.simulator.runs import START, event_key, played, time_of

URL, TOKEN = "http://tower.test", "secret"


def play(door: Door, story: str = "calm-day", hours: float = 1, seed: int = 7) -> send.Sent:
    until = START + timedelta(hours=hours)
    fault_after = timedelta(minutes=30)
    return send.play(URL, TOKEN, story, START, until, seed, fault_after=fault_after, transport=door.transport)


def test_playing_sends_everything_once_in_batches() -> None:
    door = Door()
    sent = play(door)
    assert door.events == [message.event for message in played(hours=1)]
    assert sent.events == len(door.events)
    assert sent.batches == len(door.batches)
    assert {len(batch) for batch in door.batches[:-1]} == {send.BATCH}


def test_playing_twice_sends_the_same_ids() -> None:
    first, second = Door(), Door()
    play(first, "erp-outage")
    play(second, "erp-outage")
    assert first.events == second.events


def test_the_fault_of_a_played_story_begins_when_asked() -> None:
    door = Door()
    play(door, "erp-outage")
    refused = [event for event in door.events if event["data"].get("error", {}).get("code") == "503"]
    assert START + timedelta(minutes=30) <= time_of(refused[0]) < START + timedelta(minutes=32)


def test_live_messages_wait_for_their_time_and_what_is_overdue_goes_at_once() -> None:
    door, stop = Door(), NotedWaits()
    intake = Intake(URL, TOKEN, stop, transport=door.transport)
    now = START + timedelta(minutes=20)
    send.deliver(iter(played(hours=0.5)), intake, stop, lambda at: (at - max(now, stop.now)).total_seconds())
    overdue = [message for message in played(hours=0.5) if message.arrives_at <= now]
    assert [event for batch in door.batches for event in batch] == [message.event for message in played(hours=0.5)]
    assert sum(map(len, door.batches[: -(-len(overdue) // send.BATCH)])) == len(overdue)
    assert len(stop.waits) > 30


@pytest.mark.parametrize(
    ("speed", "minutes_ago", "due_in_minutes"),
    [(1, 0, 0), (1, -5, 5), (1, 30, -30), (4, 60, 0), (4, 40, 5), (4, 20, 10), (4, -30, 30), (0.5, -5, 10)],
)
def test_the_simulated_clock_keeps_its_speed_and_never_passes_the_real_one(speed, minutes_ago, due_in_minutes) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    live_from = now - send.REPLAYED if speed > 1 else now
    due = send.due_at(now - timedelta(minutes=minutes_ago), now, live_from, speed)
    if due_in_minutes < 0:
        assert due < now
    else:
        assert due == now + timedelta(minutes=due_in_minutes)


def test_running_fills_in_the_past_up_to_now_and_stops_when_told() -> None:
    door, stop = Door(), threading.Event()
    settings = {"story": "demo", "speed": 1.0, "backfill_hours": 1.0, "seed": 7, "stop": stop}
    runner = threading.Thread(
        target=send.run_simulator, args=(URL, TOKEN), kwargs={**settings, "transport": door.transport}
    )
    began = datetime.now(UTC)
    runner.start()
    threading.Event().wait(3)
    stop.set()
    runner.join(timeout=5)
    assert not runner.is_alive()
    ages = [began - time_of(event) for event in door.events]
    assert timedelta(minutes=58) < max(ages) <= timedelta(minutes=61)
    assert min(ages) < timedelta(minutes=1)
    refused = [event for event in door.events if event["data"].get("error", {}).get("code") == "503"]
    assert timedelta(minutes=25) < began - min(map(time_of, refused)) <= timedelta(minutes=35)


def test_an_unknown_story_is_refused_before_anything_is_sent() -> None:
    door = Door()
    with pytest.raises(ValueError, match="no story is called"):
        play(door, "flood")
    assert door.requests == []


def test_no_id_is_shared_by_two_stories_of_different_hours() -> None:
    first = {event_key(message) for message in played("demo", hours=1)}
    second = {event_key(message) for message in played("demo", hours=1, start=START + timedelta(hours=1))}
    assert not first & second


@pytest.fixture
def _handlers_restored() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_handlers_restored")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(number, monkeypatch) -> None:
    reached = []

    def interrupted(*_: object, **__: object) -> None:
        reached.append("start")
        signal.raise_signal(number)
        reached.append("after the signal")

    monkeypatch.setattr(send, "run_simulator", interrupted)
    send.run_until_signalled(URL, TOKEN, story="demo", speed=1, backfill_hours=1, seed=7, since=None)
    assert reached == ["start"]


class NotedWaits(threading.Event):
    """Lets the clock run on by as long as it was asked to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.now = START + timedelta(minutes=20)

    def wait(self, timeout: float | None = None) -> bool:
        if timeout:
            self.waits.append(timeout)
            self.now += timedelta(seconds=timeout)
        return False
