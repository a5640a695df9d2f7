"""Clocks of senders are measured on a sample of what they sent, and shown as of a time."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.events.clocks import find_skews, measure_clocks
from app.events.event import Event
from app.events.store import append_new
from app.metrics.catalogue import ask
from tests.builders import NOW, an_event

KEEP = timedelta(days=90)


def sent(connector: str, seconds: list[float], *, is_timed: bool = True) -> list[Event]:
    """Events received one after the other, each so many seconds after the time that it states."""
    came = [NOW - timedelta(minutes=place + 1) for place in range(len(seconds))]
    return [
        an_event(at=at - timedelta(seconds=delay), received_at=at, connector=connector, is_timed=is_timed)
        for at, delay in zip(came, seconds, strict=True)
    ]


@pytest.mark.parametrize(
    ("delays", "ahead"), [([3, 0.5, 900], -0.5), ([-120, -118, 5], 120), ([400, 301, 300], -300), ([1, 1], None)]
)
def test_the_quickest_events_tell_the_clock(delays: list[float], ahead: float | None) -> None:
    assert find_skews(sent("c", delays)) == ({"c": (ahead, len(delays))} if ahead is not None else {})
    assert find_skews(sent("c", delays, is_timed=False)) == {}


def test_measurements_are_asked_as_of_a_time(session: Session) -> None:
    append_new(session, [*sent("wrong", [-7_200] * 4), *sent("right", [1] * 4)])
    measure_clocks(session, NOW, KEEP)
    answer = ask(session, "connector.clock_skew", NOW, by=("connector",))
    assert [(group.by["connector"], group.value) for group in answer.groups] == [("wrong", 7_200), ("right", -1)]
    assert (answer.value, answer.groups[0].extra["events"]) == (7_200, 4)
    assert ask(session, "connector.clock_skew", NOW, where={"connector": "right"}).value == -1
    assert ask(session, "connector.clock_skew", NOW - timedelta(seconds=1)).value is None
    measure_clocks(session, NOW + KEEP + timedelta(days=1), KEEP)
    assert ask(session, "connector.clock_skew", NOW).value is None
