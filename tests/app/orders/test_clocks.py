"""Events from the future and from years ago are marked, on the page and in the list."""

from datetime import timedelta

import pytest

from app.orders.clocks import mark_fact, mark_order
from tests.builders import NOW, a_fact


@pytest.mark.parametrize(
    ("minutes_after", "mark"), [(0, ""), (1, ""), (2, "clock ahead"), (-60 * 24, ""), (-60 * 24 * 400, "old")]
)
def test_an_event_is_marked_by_its_time_and_that_of_its_arrival(minutes_after: float, mark: str) -> None:
    assert mark_fact(a_fact(minute=minutes_after, received_at=NOW)) == mark


def test_an_order_is_marked_by_what_lies_ahead_or_its_age() -> None:
    year = timedelta(days=400)
    assert mark_order(NOW - year, NOW, has_ahead=True) == "clock ahead"
    assert (mark_order(NOW - year, NOW, has_ahead=False), mark_order(NOW, NOW, has_ahead=False)) == ("old", "")
