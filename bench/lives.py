"""The life of one order of the bench in eight events: most end well, one in a hundred fails, one in a hundred is late (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Facts = dict[str, Any]

MINUTE = 60.0
STAGES = 8
# When the events of an order occur, in seconds after it was placed; their order of arrival is the load's business.
OFFSETS = (0, 20, 3 * MINUTE, 35 * MINUTE, 70 * MINUTE, 75 * MINUTE, 110 * MINUTE, 135 * MINUTE)
RETRIES = (0, 20, 60, 3 * MINUTE, 8 * MINUTE, 20 * MINUTE, 50 * MINUTE, 110 * MINUTE)
LONGEST = 140 * MINUTE
_PROMISED = 10 * 60 * MINUTE

CHANNELS = (
    ("shopify-us", "shopify", "USD"),
    ("amazon-uk", "amazon", "GBP"),
    ("walmart", "walmart", "USD"),
    ("amazon-de", "amazon", "EUR"),
)
_ERRORS = ("UNKNOWN_SKU: Unknown SKU {sku}", "503: NetSuite is unavailable", "TAX_CODE: No tax code for {order}")


@dataclass(frozen=True, slots=True)
class Order:
    """One order: its number in the load, and when it was placed, in seconds since the epoch."""

    prefix: str
    number: int
    placed_at: float
    cohort: int

    @property
    def name(self) -> str:
        return f"{self.prefix}-{self.number:08d}"

    @property
    def channel(self) -> tuple[str, str, str]:
        """Code, system and currency; larger channels come more often."""
        return CHANNELS[(0, 0, 0, 1, 1, 2, 2, 3)[self.number * 7 // 3 % 8]]

    @property
    def skus(self) -> list[str]:
        return [f"SKU-{(self.number * 37 + line * 11) % 300:03d}-A" for line in range(1 + self.number % 3)]


def sales_order(order: Order) -> str:
    """The ERP's number of an order."""
    return f"{order.prefix}{order.number + 10_000_000}"


def tell(order: Order, stage: int, pace: float = 1.0) -> Facts:
    """Write one of the eight events of an order as a CloudEvent; `pace` stretches or shrinks its times."""
    fate = order.number % 200
    if fate < 2:
        offset, step, system, facts = _failing(order, stage)
    elif fate < 4:
        offset, step, system, facts = _late(order, stage)
    else:
        offset, step, system, facts = _well(order, stage)
    return {
        "specversion": "1.0",
        "id": f"{order.name}/{stage}",
        "source": f"/bench/{system}",
        "type": f"retail.{step}",
        "time": write_time(order.placed_at + offset * pace),
        "subject": order.name,
        "data": {"system": system, "outcome": "ok", "duration_ms": 40 + order.number % 900, **facts},
    }


def write_time(moment: float) -> str:
    """RFC 3339, in milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _well(order: Order, stage: int) -> tuple[float, str, str, Facts]:
    code, shop, _ = order.channel
    erp, fulfilment = sales_order(order), f"IF{sales_order(order)}"
    named, posted = {"order": order.name}, {"order": order.name, "netsuite.salesorder": erp}
    parcel = {"fulfilment": fulfilment, "tracking": f"1Z{sales_order(order)}"}
    payout = {"order": order.name, "payout": f"PO-{order.prefix}-{code}-{order.cohort}"}
    tellings: tuple[tuple[str, str, str, Facts], ...] = (
        ("order.placed", shop, f"{code}-orders", _placed(order)),
        ("order.accepted", "middleware", f"{code}-orders", {"keys": named, "channel": code}),
        ("erp.order.posted", "netsuite", "orders-to-netsuite", {"keys": posted, "channel": code}),
        (
            "fulfilment.released",
            "warehouse",
            "netsuite-to-wms",
            {"keys": {**_without_order(posted), "fulfilment": fulfilment}},
        ),
        ("fulfilment.shipped", "warehouse", "wms-to-carrier", {"keys": parcel}),
        (
            "invoice.posted",
            "netsuite",
            "netsuite-invoices",
            {"keys": {**_without_order(posted), "invoice": f"INV{erp}"}},
        ),
        ("fulfilment.delivered", "carrier", "wms-to-carrier", {"keys": parcel}),
        ("payout.settled", shop, "payouts", {"keys": payout, "channel": code}),
    )
    step, system, connector, facts = tellings[stage]
    return OFFSETS[stage], step, system, {"connector": connector, **facts}


def _failing(order: Order, stage: int) -> tuple[float, str, str, Facts]:
    """Placed and accepted, then refused by the ERP six times; every second one ends in the dead-letter queue."""
    if stage < 2:
        return _well(order, stage)
    error = _ERRORS[order.number // 200 % 3].format(sku=order.skus[0], order=order.name)
    is_dead = stage == STAGES - 1 and order.number % 2 == 0
    facts: Facts = {
        "keys": {"order": order.name},
        "channel": order.channel[0],
        "connector": "orders-to-netsuite",
        "outcome": "dead_lettered" if is_dead else "failed",
        "error": error,
        "attempt": stage - 1,
    }
    return RETRIES[stage], "erp.order.posted", "netsuite", facts


def _late(order: Order, stage: int) -> tuple[float, str, str, Facts]:
    """Comes as far as the warehouse, and is heard of no more."""
    steps = ("order.placed", "order.accepted", "order.validated", "payment.captured", "inventory.reserved")
    if stage < 2:
        return _well(order, stage)
    if stage >= len(steps):
        offset, step, system, facts = _well(order, (2, 3, 3)[stage - len(steps)])
        return (offset, step, system, facts) if stage < STAGES - 1 else (offset, "order.amended", system, facts)
    facts = {"keys": {"order": order.name}, "channel": order.channel[0], "connector": f"{order.channel[0]}-orders"}
    return 20.0 + stage, steps[stage], "middleware", facts


def _placed(order: Order) -> Facts:
    code, shop, currency = order.channel
    prices = [500 + (order.number * 13 + place * 700) % 9_000 for place in range(len(order.skus))]
    return {
        "keys": {
            "order": order.name,
            f"{shop}.order": f"60{sales_order(order)}",
            "customer": f"{order.number * 7_654_321 % 16**8:08x}",
            "sku": order.skus,
        },
        "channel": code,
        "amount": {"value": _money(sum(prices)), "currency": currency},
        "promised_at": write_time(order.placed_at + _PROMISED),
        "lines": [
            {"sku": sku, "quantity": 1, "unit_price": _money(price)}
            for sku, price in zip(order.skus, prices, strict=True)
        ],
        "attributes": {"service": "standard"},
    }


def _without_order(keys: Facts) -> Facts:
    return {name: value for name, value in keys.items() if name != "order"}


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
