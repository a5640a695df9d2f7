"""Lamps: silence is judged by the rhythm that a connector taught, and the unknown is never healthy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.rules import Cadence, Lamp, judge_connector, judge_queue, learn_cadence
from tests.builders import NOW

EVERY_MINUTE = Cadence(60, 60)
EVERY_HOUR = Cadence(3600, 3600)


def test_cadence_is_the_median_gap_and_the_longest_but_one_in_twenty() -> None:
    minutes = [NOW + timedelta(minutes=at) for at in (0, 1, 2, 3, 4, 14)]
    assert learn_cadence(minutes) == Cadence(60, 60)
    assert learn_cadence([NOW + timedelta(minutes=5 * step) for step in range(10)]) == Cadence(300, 300)


def test_few_minutes_teach_nothing() -> None:
    assert learn_cadence([]) is None
    assert learn_cadence([NOW + timedelta(minutes=step) for step in range(4)]) is None


@pytest.mark.parametrize(
    ("silence", "cadence", "attempts", "failed", "lamp"),
    [
        (59, EVERY_MINUTE, 0, 0, Lamp("ok", "Up")),
        (181, EVERY_MINUTE, 0, 0, Lamp("watch", "Late")),
        (901, EVERY_MINUTE, 0, 0, Lamp("act", "Down")),
        (7200, EVERY_HOUR, 0, 0, Lamp("ok", "Up")),
        (3.1 * 3600, EVERY_HOUR, 0, 0, Lamp("watch", "Late")),
        (10.1 * 3600, EVERY_HOUR, 0, 0, Lamp("act", "Down")),
        (1800, Cadence(60, 3600), 0, 0, Lamp("ok", "Up")),
        (30, None, 100, 0, Lamp("unknown", "Learning")),
        (30, None, 100, 60, Lamp("act", "Failing")),
        (30, EVERY_MINUTE, 100, 50, Lamp("act", "Failing")),
        (30, EVERY_MINUTE, 100, 10, Lamp("watch", "Shaky")),
        (30, EVERY_MINUTE, 9, 9, Lamp("ok", "Up")),
        (901, EVERY_MINUTE, 100, 10, Lamp("act", "Down")),
    ],
)
def test_connector(silence: float, cadence: Cadence | None, attempts: int, failed: int, lamp: Lamp) -> None:
    assert judge_connector(silence, cadence, attempts, failed) == lamp


@given(gaps=st.lists(st.integers(1, 10_000), min_size=4, max_size=60), silence=st.floats(0, 1e7))
def test_longer_silence_is_never_better(gaps: list[int], silence: float) -> None:
    minutes = [NOW]
    for gap in gaps:
        minutes.append(minutes[-1] + timedelta(minutes=gap))
    cadence = learn_cadence(minutes)
    assert judge_connector(silence * 2, cadence, 0, 0).rank <= judge_connector(silence, cadence, 0, 0).rank


@pytest.mark.parametrize(
    ("depth", "drain", "is_endless", "dead_letters", "consumers", "lamp"),
    [
        (None, None, False, None, None, Lamp("unknown", "No recent sample")),
        (None, None, False, 4, 0, Lamp("unknown", "No recent sample")),
        (5, None, False, 0, 0, Lamp("act", "Not served")),
        (0, 0.0, False, 0, 0, Lamp("ok", "Empty")),
        (5, None, True, 0, 2, Lamp("act", "Never drains")),
        (5, 60.0, False, 3, 2, Lamp("watch", "Dead letters")),
        (5, 60.0, False, None, None, Lamp("ok", "Draining")),
        (5, 3700.0, False, 0, 2, Lamp("watch", "Slow")),
        (5, None, False, 0, 2, Lamp("unknown", "Learning")),
    ],
)
def test_queue(
    depth: int | None,
    drain: float | None,
    is_endless: bool,
    dead_letters: int | None,
    consumers: int | None,
    lamp: Lamp,
) -> None:
    assert judge_queue(depth, drain, is_endless=is_endless, dead_letters=dead_letters, consumers=consumers) == lamp
