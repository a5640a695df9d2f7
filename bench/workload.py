"""The workload: orders of eight events, the events of one order spread over more than twenty batches."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

BATCH = 500
STEPS = (
    ("order.placed", "shopify", ("order", "sku")),
    ("order.accepted", "middleware", ("order",)),
    ("payment.captured", "payments", ("order",)),
    ("erp.order.posted", "netsuite", ("order", "netsuite.salesorder")),
    ("fulfilment.released", "wms", ("netsuite.salesorder", "fulfilment")),
    ("fulfilment.shipped", "carrier", ("fulfilment", "tracking")),
    ("invoice.posted", "netsuite", ("netsuite.salesorder", "invoice")),
    ("fulfilment.delivered", "carrier", ("fulfilment", "tracking")),
)
APART = 3  # batches between two events of one order: its 8 events span 22 batches
CHANNELS = (("shopify-us", "USD"), ("amazon-uk", "GBP"), ("walmart", "USD"))
DAY_MINUTES = 24 * 60


def batches(events: int, now: datetime, seed: int = 1) -> Iterator[bytes]:
    """Yield bodies of CloudEvents batches, about 500 events each; one order in fifty fails or stalls at the ERP."""
    orders = max(1, events // len(STEPS))
    a_batch = max(1, BATCH // len(STEPS))
    last = (orders - 1) // a_batch + APART * (len(STEPS) - 1)
    chance = Random(seed)
    troubled = {order for order in range(orders) if chance.random() < 0.02}
    for number in range(last + 1):
        told = []
        for place in range(len(STEPS)):
            born = number - APART * place
            first, until = born * a_batch, min(orders, (born + 1) * a_batch)
            if born >= 0:
                told += [_event(order, place, orders, now, order in troubled) for order in range(first, until)]
        if told := [event for event in told if event is not None]:
            yield json.dumps(told).encode()


def _event(order: int, place: int, orders: int, now: datetime, is_troubled: bool) -> dict[str, object] | None:
    """One event; a troubled order fails at the ERP and goes no further."""
    if is_troubled and place > 3:
        return None
    step, system, namespaces = STEPS[place]
    placed = now - timedelta(minutes=DAY_MINUTES * (1 - order / orders))
    channel, currency = CHANNELS[order % len(CHANNELS)]
    data: dict[str, object] = {
        "keys": {namespace: _key(namespace, order) for namespace in namespaces},
        "channel": channel,
        "system": system,
        "connector": f"{system}-in",
        "outcome": "failed" if is_troubled and place == 3 else "ok",
        "error": "503: NetSuite is unavailable" if is_troubled and place == 3 else None,
        "attempt": 1,
        "duration_ms": 20 + order % 700,
    }
    if place == 0:
        data["amount"] = {"value": f"{20 + order % 180}.50", "currency": currency}
        data["promised_at"] = (placed + timedelta(days=3)).isoformat()
        data["lines"] = [{"sku": f"SKU-{order % 300}", "quantity": 1, "unit_price": f"{20 + order % 180}.50"}]
    return {
        "specversion": "1.0",
        "id": f"bench-{order}-{place}",
        "source": "/bench",
        "type": f"retail.{step}",
        "time": (placed + timedelta(minutes=2 * place)).isoformat(),
        "data": data,
    }


def _key(namespace: str, order: int) -> str:
    return f"SKU-{order % 300}" if namespace == "sku" else f"{namespace.upper()[:3]}-{order:07d}"
