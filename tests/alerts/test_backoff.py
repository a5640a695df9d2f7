"""The pauses between attempts."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.backoff import FIRST, GIVE_UP, LONGEST, next_attempt
from tests.alerts.figures import NOON


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    pauses = []
    for attempts in range(1, 12):
        at = next_attempt("n", attempts, NOON, NOON)
        assert at is not None
        pauses.append((at - NOON).total_seconds())
    wanted = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert all(0.9 * most <= pause <= most for pause, most in zip(pauses, wanted, strict=True))


def test_a_day_of_trying_is_enough() -> None:
    attempts, now = 0, NOON
    while (at := next_attempt("n", attempts := attempts + 1, NOON, now)) is not None:
        now = at
    assert timedelta(hours=23, minutes=40) < now - NOON < GIVE_UP
    assert 95 < attempts < 130


@given(st.text(max_size=40), st.integers(1, 10_000))
def test_pause_is_bounded_and_the_same_when_asked_again(number: str, attempts: int) -> None:
    at = next_attempt(number, attempts, NOON, NOON)
    assert at is not None
    assert FIRST * 0.9 <= at - NOON <= LONGEST
    assert at == next_attempt(number, attempts, NOON, NOON)
