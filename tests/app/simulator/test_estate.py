"""The estate is the same for a seed, and busy when its customers are awake."""

from datetime import UTC, datetime
from random import Random

from app.simulator.estate import build_estate


def test_the_same_seed_builds_the_same_estate() -> None:
    assert build_estate(Random(1)) == build_estate(Random(1))
    assert build_estate(Random(1)).assortment != build_estate(Random(2)).assortment


def test_three_currencies_and_as_many_named_queues_and_connectors_as_are_used() -> None:
    estate = build_estate(Random(1))
    assert {channel.currency for channel in estate.channels} == {"USD", "GBP", "EUR"}
    assert {channel.queue for channel in estate.channels} <= {queue.name for queue in estate.queues}
    assert {queue.connector for queue in estate.queues} <= set(estate.connectors)
    assert len(set(estate.connectors)) == len(estate.connectors)


def test_a_days_curve_adds_up_to_the_orders_of_a_day() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    for channel in build_estate(Random(1)).channels:
        total = sum(channel.orders_a_minute(midnight + minute * 60) for minute in range(24 * 60))
        assert abs(total - channel.orders_a_day) < 1


def test_shops_are_busiest_in_their_own_evening() -> None:
    for channel in build_estate(Random(1)).channels:
        rates = {hour: channel.orders_a_minute((hour - channel.utc_offset_hours) * 3600) for hour in range(24)}
        assert max(rates, key=lambda hour: rates[hour]) == 20
        assert min(rates, key=lambda hour: rates[hour]) in {3, 4}
