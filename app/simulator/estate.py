"""The simulated estate: shops with their daily curves, warehouses, carriers, connectors and queues (pure)."""

from dataclasses import dataclass
from random import Random

from app.simulator.products import Assortment, build_assortment

HOUR = 3600
DAY = 24 * HOUR

# Share of a day's orders by local hour; the evening peak follows the lunch break.
_CURVE = (22, 15, 11, 9, 9, 11, 16, 26, 38, 46, 50, 54, 58, 56, 52, 50, 54, 60, 68, 78, 82, 72, 54, 36)
_CURVE_SUM = sum(_CURVE)

WAREHOUSES = {"US": "memphis", "GB": "daventry", "DE": "daventry"}
CARRIERS = {"US": ("Blue Heron Parcel", "Overland"), "GB": ("Fleetfoot", "Blue Heron Parcel"), "DE": ("Paketlinie",)}


@dataclass(frozen=True, slots=True)
class Channel:
    """One shop: where it sells, in what money, and how much on an ordinary day."""

    index: int
    code: str
    name: str
    system: str
    currency: str
    country: str
    utc_offset_hours: int
    orders_a_day: int
    queue: str
    payout_every_hours: int
    payout_after_hours: int

    @property
    def connector(self) -> str:
        return f"{self.code}-orders"

    def orders_a_minute(self, at: float) -> float:
        """Read the daily curve at a moment, between whole hours in a straight line."""
        hours = at / HOUR + self.utc_offset_hours
        hour, part = int(hours) % 24, hours % 1
        share = _CURVE[hour] * (1 - part) + _CURVE[(hour + 1) % 24] * part
        return self.orders_a_day * share / _CURVE_SUM / 60


@dataclass(frozen=True, slots=True)
class Queue:
    """One broker queue and the connector that empties it, at one message every `pace_seconds`."""

    name: str
    connector: str
    pace_seconds: float
    consumers: int


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything that stays the same from order to order."""

    channels: tuple[Channel, ...]
    queues: tuple[Queue, ...]
    connectors: tuple[str, ...]
    assortment: Assortment


def build_estate(rng: Random) -> Estate:
    """Four channels in three currencies on one middleware, one ERP and two warehouses."""
    channels = (
        Channel(1, "shopify-us", "Shopify US", "shopify", "USD", "US", -5, 2600, "orders.us", 6, 9),
        Channel(2, "amazon-uk", "Amazon UK", "amazon", "GBP", "GB", 0, 1700, "orders.eu", 24, 72),
        Channel(3, "walmart", "Walmart", "walmart", "USD", "US", -5, 1200, "orders.us", 24, 96),
        Channel(4, "amazon-de", "Amazon DE", "amazon", "EUR", "DE", 1, 900, "orders.eu", 24, 72),
    )
    queues = (
        Queue("orders.us", "orders-to-netsuite", 6.0, 2),
        Queue("orders.eu", "orders-to-netsuite", 8.0, 2),
        Queue("fulfilment", "netsuite-to-wms", 4.0, 3),
        Queue("invoices", "netsuite-invoices", 5.0, 2),
    )
    legs = ("payments", "orders-to-netsuite", "netsuite-to-wms", "wms-to-carrier", "netsuite-invoices", "payouts")
    connectors = (*(channel.connector for channel in channels), *legs, "returns")
    return Estate(channels, queues, connectors, build_assortment(rng))
