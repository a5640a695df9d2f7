"""What goes beyond what is usually held back."""

import pytest

from app.tower.usual import NONE, Stock, beyond, level_beyond, share_beyond


@pytest.mark.parametrize(("found", "usual", "more"), [(50, 0, 50), (50, 25, 15), (30, 25, 0), (3, 100, 0)])
def test_chance_is_taken_off_too(found: int, usual: int, more: int) -> None:
    assert beyond(found, usual) == more


@pytest.mark.parametrize(
    ("found", "usual", "share"),
    [
        (Stock(40, 4_000), NONE, 1.0),
        (Stock(100, 1_000), Stock(16, 1_000), 0.76),
        (Stock(16, 12_000), Stock(16, 1_000), 0.875),
        (Stock(16, 1_000), Stock(16, 1_000), 0.0),
        (NONE, Stock(16, 1_000), 0.0),
    ],
)
def test_more_orders_or_dearer_ones_go_beyond_the_usual(found: Stock, usual: Stock, share: float) -> None:
    assert share_beyond(found, usual) == pytest.approx(share)


def test_a_usual_stock_is_quiet_and_a_large_one_beside_it_is_not() -> None:
    assert level_beyond(600, Stock(40, 4_000), NONE) == "watch"
    assert level_beyond(600, Stock(40, 4_000), Stock(36, 3_900)) == "quiet"
    assert level_beyond(600, Stock(400, 40_000), Stock(36, 3_900)) == "act"
