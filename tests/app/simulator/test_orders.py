"""Orders are born the same in every run, with numbers that never repeat."""

from random import Random

import pytest

from app.simulator.estate import build_estate
from app.simulator.names import name_in_channel, name_order, name_parcel, name_sales_order
from app.simulator.orders import Order, draw_orders

ESTATE = build_estate(Random(5))
MINUTE = 29_880_000


def orders(seed: int = 5, minutes: int = 60, factor: float = 1.0) -> list[Order]:
    return [
        order
        for minute in range(MINUTE, MINUTE + minutes)
        for channel in ESTATE.channels
        for order in draw_orders(ESTATE, channel, minute, seed, factor)
    ]


def test_a_minute_brings_the_same_orders_in_every_run() -> None:
    assert orders() == orders()


def test_orders_are_placed_within_their_minute_and_promised_for_later_days() -> None:
    for order in orders():
        assert MINUTE * 60 <= order.placed_at < (MINUTE + 60) * 60
        assert 24 * 3600 < order.promised_at - order.placed_at < 6.2 * 24 * 3600


def test_the_amount_is_the_sum_of_the_lines() -> None:
    for order in orders():
        currency = order.channel.currency
        assert order.amount_minor == sum(product.price_minor[currency] * count for product, count in order.lines)
        assert len(set(order.skus)) == len(order.skus) > 0


@pytest.mark.parametrize("name", [name_order, name_sales_order, name_parcel])
def test_names_never_repeat_even_in_a_flash_sale_or_for_another_seed(name) -> None:
    many = orders(seed=5, factor=6) + orders(seed=6, factor=6)
    assert len(many) > 2_000
    assert len({name(order) for order in many}) == len(many)


def test_channels_have_their_own_names_for_an_order() -> None:
    assert {next(iter(name_in_channel(order))) for order in orders()} == {
        "shopify.order",
        "amazon.order",
        "walmart.order",
    }


def test_a_flash_sale_brings_six_times_the_orders() -> None:
    assert 5 < len(orders(factor=6.0)) / len(orders()) < 7
