"""Orders as they are born: which ones a minute brings, what is in them and what will befall them (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from random import Random

from app.simulator.estate import DAY, HOUR, Channel, Estate
from app.simulator.products import Product

MINUTE = 60
SLOTS = 100  # order numbers kept free for each channel and minute
_MINUTES = 1_000_000  # after so many minutes, two years, numbers come round again

# What may befall an order, and how often.
_FATES = (("cancelled", 0.012), ("unknown-sku", 0.006), ("bad-postcode", 0.006), ("payment-failed", 0.003))


@dataclass(frozen=True, slots=True)
class Order:
    """What a shop knows when an order is placed; `number` is unique in its channel and the same in every run."""

    number: int
    channel: Channel
    placed_at: float
    promised_at: float
    is_express: bool
    lines: tuple[tuple[Product, int], ...]
    fate: str
    customer: int

    @property
    def skus(self) -> list[str]:
        return [product.sku for product, _ in self.lines]

    @property
    def amount_minor(self) -> int:
        return sum(product.price_minor[self.channel.currency] * quantity for product, quantity in self.lines)


def draw_orders(estate: Estate, channel: Channel, minute: int, seed: int, factor: float) -> Iterator[Order]:
    """Draw one minute's orders from a chance of its own, so that they do not depend on where a run began."""
    rng = Random(f"{seed}/{channel.code}/{minute}")
    count = _draw_count(rng, channel.orders_a_minute(minute * MINUTE) * factor)
    moments = sorted(rng.random() for _ in range(count))
    for slot, moment in enumerate(moments):
        serial = minute % _MINUTES * SLOTS + slot
        yield _draw_order(estate, channel, (seed % 100) * _MINUTES * SLOTS + serial, (minute + moment) * MINUTE, rng)


def _draw_count(rng: Random, mean: float) -> int:
    """Poisson, as independent customers are."""
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit and count < SLOTS - 1:
        product *= rng.random()
        count += 1
    return count


def _draw_order(estate: Estate, channel: Channel, number: int, placed_at: float, rng: Random) -> Order:
    is_express = rng.random() < 0.12
    size = rng.choices((1, 2, 3, 4), weights=(55, 25, 13, 7))[0]
    picked = {product.sku: product for product in estate.assortment.pick(rng, size)}
    return Order(
        number=number,
        channel=channel,
        placed_at=placed_at,
        promised_at=_promise(channel, placed_at, 1 if is_express else rng.randint(2, 4)),
        is_express=is_express,
        lines=tuple((product, rng.choices((1, 2, 3), weights=(80, 15, 5))[0]) for product in picked.values()),
        fate=_draw_fate(rng),
        customer=rng.randrange(40_000),
    )


def _promise(channel: Channel, placed_at: float, days: int) -> float:
    """At ten in the evening, local time, so many days after the order; what comes in late counts from tomorrow."""
    local = placed_at + channel.utc_offset_hours * HOUR
    first = local // DAY + (1 if local % DAY > 18 * HOUR else 0)
    return (first + days) * DAY + 22 * HOUR - channel.utc_offset_hours * HOUR


def _draw_fate(rng: Random) -> str:
    chance = rng.random()
    for fate, share in _FATES:
        if chance < share:
            return fate
        chance -= share
    return ""
