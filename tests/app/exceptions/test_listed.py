"""Rows of the work-queue as people read them."""

from datetime import timedelta

import pytest

from app.exceptions.listed import describe_groups, order_name, time_words
from app.exceptions.names import channel_name, channels_phrase
from tests.app.tower.world import FLOW, a_group
from tests.builders import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "trend", "note"),
    [
        ({"first_seen_at": NOW - timedelta(minutes=59)}, (), "new"),
        ({"first_seen_at": NOW - DAY}, (10, 40), "escalating"),
        ({"first_seen_at": NOW - DAY}, (10, 19), ""),
        ({"first_seen_at": NOW - DAY}, (100, 120), ""),
        ({"first_seen_at": NOW - DAY}, (), ""),
    ],
)
def test_group_is_new_or_escalating(given: dict, trend: tuple[int, ...], note: str) -> None:
    (row,) = describe_groups(FLOW, [a_group(**given)], {"c1": trend}, NOW)
    assert row.note == note


def test_late_cash_is_told_apart() -> None:
    invoice, post = describe_groups(FLOW, [a_group(step="invoice.posted"), a_group()], {}, NOW)
    assert (invoice.is_cash, post.is_cash) == (True, False)
    assert (post.word, post.where, post.age_seconds) == ("Act", "Amazon UK, Shopify US", 4200.0)


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(hours=2), "10:00"),
        (DAY, "Sun 22 Nov 12:00"),
        (-timedelta(minutes=5), "12:05"),
    ],
)
def test_moments_fit_a_narrow_column(back: timedelta, words: str) -> None:
    assert time_words(NOW - back, NOW) == words


def test_names_are_those_of_people() -> None:
    assert [channel_name(one) for one in ("shopify-us", "walmart", "amazon_uk", "")] == [
        "Shopify US",
        "Walmart",
        "Amazon UK",
        "",
    ]
    assert channels_phrase(("a-uk", "b", "c")) == "3 channels"
    assert channels_phrase(("walmart", "")) == "Walmart, no channel"
    assert [order_name(one) for one in ("order:SO-1", "tracking:1Z9", "")] == ["SO-1", "tracking 1Z9", "no number yet"]
