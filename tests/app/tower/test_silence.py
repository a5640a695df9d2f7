"""When silence is news, case by case."""

from datetime import timedelta

import pytest

from app.tower.silence import USUAL, Heard, is_silent, may_be_silent, spans_to_hear
from tests.builders import NOW

LIVELY, DUMB, UNKNOWN = Heard(40, timedelta(minutes=2), True), Heard(0, timedelta(0), True), Heard()
NO_PAST = [UNKNOWN] * 4


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("quiet", "rate", "claim"),
    [
        (minutes(6), 1.0, True),
        (minutes(4), 9.0, False),
        (minutes(30), 0.1, False),
        (minutes(30), None, False),
        (minutes(120), 0.03, True),
        (minutes(230), None, True),
        (timedelta(hours=25), None, False),
    ],
)
def test_only_what_may_be_silent_is_looked_at(quiet: timedelta, rate: float | None, claim: bool) -> None:
    assert may_be_silent(quiet, rate) is claim


@pytest.mark.parametrize(
    ("quiet", "before", "earlier", "claim"),
    [
        (minutes(20), Heard(150, minutes(8)), NO_PAST, True),
        (minutes(20), Heard(140, minutes(8)), NO_PAST, False),
        (minutes(20), Heard(150, minutes(14)), NO_PAST, False),
        (minutes(20), Heard(150, minutes(8)), [LIVELY, UNKNOWN, UNKNOWN, UNKNOWN], True),
        (minutes(20), Heard(150, minutes(8)), [DUMB, UNKNOWN, UNKNOWN, UNKNOWN], False),
        (minutes(20), Heard(150, minutes(8)), [DUMB, LIVELY, UNKNOWN, UNKNOWN], True),
        (minutes(20), Heard(150, minutes(8)), [LIVELY, LIVELY, DUMB, UNKNOWN], False),
        (minutes(20), Heard(150, minutes(8)), [DUMB, DUMB, DUMB, LIVELY], True),
        (timedelta(hours=6), Heard(30, timedelta(hours=5)), NO_PAST, False),
    ],
)
def test_silence_is_judged_by_what_was_before(quiet: timedelta, before: Heard, earlier: list[Heard], claim: bool):
    assert is_silent(quiet, before, earlier) is claim


def test_the_time_before_is_as_long_as_the_silence_at_least() -> None:
    short, long = (spans_to_hear(NOW - timedelta(hours=hours), NOW)[0] for hours in (1, 9))
    assert (short[1] - short[0], long[1] - long[0]) == (USUAL, timedelta(hours=9))
    assert spans_to_hear(NOW - timedelta(hours=1), NOW)[3][1] == NOW - timedelta(days=7)
