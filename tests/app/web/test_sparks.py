"""Sparklines: inside their box, open where nothing is known, and silent when there is no line to draw."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.sparks import spark


@given(st.lists(st.none() | st.floats(-1e9, 1e9, allow_nan=False), max_size=60))
def test_every_point_is_inside_the_box(values: list[float | None]) -> None:
    drawn = re.search(r' d="([^"]*)"', spark(values))
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", drawn[1])] if drawn else []
    assert all(0 <= x <= 64 for x in numbers[::2])
    assert all(0 <= y <= 18 for y in numbers[1::2])


@pytest.mark.parametrize("values", [[], [1.0], [None, None], [None, 3.0]])
def test_less_than_two_known_values_draw_nothing(values: list[float | None]) -> None:
    assert spark(values) == ""


def test_a_hole_stays_open() -> None:
    assert spark([1, 2, None, 3, 4]).count("M") == 2


def test_the_last_point_is_marked_only_when_it_is_known() -> None:
    assert "<circle" in spark([1, 2, 3])
    assert "<circle" not in spark([1, 2, None])


def test_a_flat_line_at_zero_lies_on_the_floor() -> None:
    assert 'd="M0 17L64 17"' in spark([0, 0])
