"""The tower's bounds, case by case."""

import pytest

from app.tower import rules
from app.tower.rules import Stretch, stretch_state, stretch_word
from app.tower.usual import Stock

CASES = {
    "nothing held": (Stretch(in_flight=4, hourly=60), "ok"),
    "a few held for long": (Stretch(in_flight=9, failed=8, gross=700, hourly=60), "ok"),
    "a quarter of an hour's orders failed": (Stretch(failed=15, young=15, gross=900, hourly=60), "watch"),
    "two fifths of an hour's orders failed": (Stretch(failed=24, young=24, gross=900, hourly=60), "act"),
    "four orders are too few for a share": (Stretch(failed=4, young=4, hourly=4), "ok"),
    "what has gathered before is no news": (Stretch(failed=24, young=4, gross=900, hourly=60), "ok"),
    "half of the last attempts failed": (Stretch(failed=3, struck=3, attempts=20, refused=10), "act"),
    "a fifth of the last attempts failed": (Stretch(failed=3, struck=3, attempts=50, refused=10), "watch"),
    "two orders refused are two orders": (Stretch(failed=2, struck=2, attempts=10, refused=10), "ok"),
    "three orders refused once or twice are few": (Stretch(failed=3, struck=3, attempts=9, refused=9), "ok"),
    "a large sum": (Stretch(rejected=3, gross=10_000), "act"),
    "a notable sum": (Stretch(rejected=3, gross=3_500), "watch"),
    "a stock of hours while attempts succeed": (Stretch(failed=9, young=9, hourly=12, attempts=20, refused=1), "ok"),
    "a usual sum": (Stretch(rejected=30, gross=3_500, usual=Stock(28, 3_400)), "ok"),
    "far beyond the usual": (Stretch(rejected=300, gross=35_000, usual=Stock(28, 3_400)), "act"),
    "very many late": (Stretch(overdue=100, gross=500), "act"),
    "very many queued": (Stretch(overdue=100, gross=500, is_queued=True), "watch"),
    "what only waits is not judged by attempts": (Stretch(overdue=3, attempts=10, refused=10), "ok"),
    "late by share is watched at most": (Stretch(overdue=30, young=30, gross=900, hourly=30), "watch"),
    "cash is watched at most": (Stretch(failed=200, gross=50_000, is_cash=True), "watch"),
    "silent": (Stretch(in_flight=5, quiet_seconds=1560, is_silent=True), "unknown"),
    "silent with nothing on its way": (Stretch(in_flight=0, quiet_seconds=1560, is_silent=True), "ok"),
    "quiet as usual": (Stretch(in_flight=5, quiet_seconds=1560), "ok"),
    "silent source": (Stretch(in_flight=0, is_source_silent=True), "unknown"),
    "failing explains the silence": (Stretch(in_flight=9, failed=200, quiet_seconds=9e3, is_silent=True), "act"),
}


@pytest.mark.parametrize(("stretch", "state"), CASES.values(), ids=CASES.keys())
def test_stretch_is_judged(stretch: Stretch, state: str) -> None:
    assert stretch_state(stretch) == state


@pytest.mark.parametrize(
    ("stretch", "word"),
    [
        (Stretch(), ""),
        (Stretch(failed=3, overdue=2), "failed"),
        (Stretch(rejected=3, overdue=2), "rejected"),
        (Stretch(failed=1, overdue=2), "late"),
        (Stretch(overdue=2, is_queued=True), "queued"),
    ],
)
def test_word_says_what_most_met_with(stretch: Stretch, word: str) -> None:
    assert stretch_word(stretch) == word


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (rules.risk_state(499, 4_999), "ok"),
        (rules.risk_state(500, 0), "watch"),
        (rules.risk_state(0, 10_000), "act"),
        (rules.late_state(49), "ok"),
        (rules.late_state(100), "act"),
        (rules.due_state(10_000), "watch"),
        (rules.age_state(3 * 86_400), "ok"),
        (rules.age_state(3 * 86_400 + 1), "watch"),
        (rules.backlog_state(19, None, True), "ok"),
        (rules.backlog_state(20, None, True), "act"),
        (rules.backlog_state(20, None, False), "unknown"),
        (rules.backlog_state(20, 901, False), "watch"),
        (rules.backlog_state(20, 900, False), "ok"),
        (rules.failing_state(1.0, 19), "ok"),
        (rules.failing_state(0.05, 20), "watch"),
        (rules.failing_state(0.25, 20), "act"),
        (rules.failing_state(None, 0), "ok"),
    ],
)
def test_figures_are_judged(state: str, wanted: str) -> None:
    assert state == wanted


def test_figures_grow_stale() -> None:
    assert [rules.is_stale(age) for age in (None, 900, 901)] == [False, False, True]
