"""Orders and returns that are counted together are told apart in words."""

import pytest

from app.exceptions.names import counted, place_phrase


@pytest.mark.parametrize(
    ("both", "returns", "words"),
    [
        (0, 0, "0 orders"),
        (1, 0, "one order"),
        (1_284, 0, "1,284 orders"),
        (1, 1, "one return"),
        (3, 3, "3 returns"),
        (13, 1, "12 orders and one return"),
    ],
)
def test_counts_say_what_is_counted(both: int, returns: int, words: str) -> None:
    assert counted(both, returns) == words


def test_a_group_of_returns_says_so() -> None:
    assert place_phrase(("shopify-us",), 3) == "returns, Shopify US"
    assert place_phrase(("",), 0) == "no channel"
