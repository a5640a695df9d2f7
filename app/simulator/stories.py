"""One order's life, told as the systems see it: each with the names that it knows (pure)."""

from collections.abc import Generator
from math import ceil
from random import Random
from typing import Any

from app.simulator.estate import CARRIERS, HOUR, WAREHOUSES
from app.simulator.faults import Story
from app.simulator.legs import MINUTE, Act, Leg, Life, mending_seconds, work_off
from app.simulator.messages import Message, describe, price, tell
from app.simulator.names import (
    name_customer,
    name_fulfilment,
    name_in_channel,
    name_invoice,
    name_order,
    name_parcel,
    name_payout,
    name_sales_order,
)
from app.simulator.orders import Order
from app.simulator.returns import send_back

_DECLINED = {"code": "CARD_DECLINED", "message": "Payment failed: card declined"}
_BAD_POSTCODE = {"code": "BAD_POSTCODE", "message": "Postcode does not belong to the town"}
_RELEASE = Leg("fulfilment.released", "warehouse", "netsuite-to-wms", "fulfilment", 0.5, 0.0)
_INVOICE = Leg("invoice.posted", "netsuite", "netsuite-invoices", "invoices", 0.8, 0.006)


def live(order: Order, story: Story, rng: Random, seed: str = "") -> Life:
    """Tell an order from the shop to the payout, as far as it comes; `seed` says which ones are sent back."""
    is_going = yield from _take_in(order, story, rng)
    if not is_going:
        return
    is_going = yield from _post(order, story, rng)
    if not is_going:
        return
    yield from _fulfil(order, story, rng)
    journey_seconds = _journey_seconds(order, rng)
    paid_seconds = order.channel.payout_after_hours * HOUR
    # The chance of an order is large; what is on its way for days must not keep it.
    del rng
    yield from _end(order, journey_seconds, paid_seconds, seed)


def _take_in(order: Order, story: Story, rng: Random) -> Generator[Act, float, bool]:
    """The shop's connector fetches the order and the middleware checks it; false if it ends here."""
    channel = order.channel
    yield story.quiet_seconds(channel.connector, order.placed_at)
    names = {"order": name_order(order), **name_in_channel(order), "customer": name_customer(order), "sku": order.skus}
    yield _in_shop(order, "order.placed", order.placed_at, keys=names, **describe(order))
    is_paid = yield from _pay(order, rng)
    if not is_paid:
        return False
    now = yield rng.uniform(1, 6)
    yield _in_middleware(order, "order.accepted", now, rng, attributes={"queue": channel.queue})
    now = yield rng.uniform(0.5, 2)
    attempt = 1
    if order.fate == "bad-postcode":
        yield _in_middleware(order, "order.validated", now, rng, outcome="failed", error=_BAD_POSTCODE)
        now = yield mending_seconds(rng)
        attempt = 2
    yield _in_middleware(order, "order.validated", now, rng, attempt=attempt)
    now = yield rng.uniform(0.5, 2)
    keys = {"order": name_order(order), "warehouse": WAREHOUSES[channel.country], "sku": order.skus}
    yield _in_middleware(order, "inventory.reserved", now, rng, keys=keys)
    return True


def _pay(order: Order, rng: Random) -> Generator[Act, float, bool]:
    now = yield rng.uniform(1, 4)
    attempt = 1
    if order.fate == "payment-failed":
        yield _payment(order, now, rng, attempt=1, outcome="failed", error=_DECLINED)
        now = yield rng.uniform(20, 180) * MINUTE
        if rng.random() < 0.4:
            yield _in_shop(order, "order.cancelled", now, attributes={"reason": "not paid"})
            return False
        attempt = 2
    yield _payment(order, now, rng, attempt=attempt)
    return True


def _post(order: Order, story: Story, rng: Random) -> Generator[Act, float, bool]:
    """The middleware's consumer posts the order to the ERP; false if the customer cancels after that."""
    leg = Leg("erp.order.posted", "netsuite", "orders-to-netsuite", order.channel.queue, 0.9, 0.012)
    done = yield from work_off(order, leg, {"order": name_order(order)}, story, rng)
    keys = {"order": name_order(order), "netsuite.salesorder": name_sales_order(order)}
    yield _by(leg, order, done.at, keys, attempt=done.attempt, duration_ms=done.duration_ms, channel=order.channel.code)
    if order.fate == "cancelled":
        now = yield rng.uniform(1, 12) * MINUTE
        yield _in_shop(order, "order.cancelled", now, attributes={"reason": "customer changed their mind"})
        return False
    return True


def _fulfil(order: Order, story: Story, rng: Random) -> Generator[Act, float, None]:
    """Released to the warehouse, packed and shipped, invoiced: nobody here knows the channel's order id."""
    yield rng.uniform(2, 20) * MINUTE
    sales_order, fulfilment = name_sales_order(order), name_fulfilment(order)
    done = yield from work_off(order, _RELEASE, {"netsuite.salesorder": sales_order}, story, rng)
    warehouse = WAREHOUSES[order.channel.country]
    keys = {"netsuite.salesorder": sales_order, "fulfilment": fulfilment, "warehouse": warehouse}
    yield _by(_RELEASE, order, done.at, keys, attempt=done.attempt, duration_ms=done.duration_ms)
    now = yield (rng.uniform(1, 3) if order.is_express else rng.triangular(1.5, 9, 4)) * HOUR
    carrier = rng.choice(CARRIERS[order.channel.country])
    keys = {"fulfilment": fulfilment, "tracking": name_parcel(order)}
    yield tell(
        order, "fulfilment.shipped", now, "warehouse", "wms-to-carrier", keys=keys, attributes={"carrier": carrier}
    )
    yield rng.uniform(2, 12) * MINUTE
    done = yield from work_off(order, _INVOICE, {"netsuite.salesorder": sales_order}, story, rng)
    keys = {"netsuite.salesorder": sales_order, "invoice": name_invoice(order)}
    facts = {"attempt": done.attempt, "duration_ms": done.duration_ms, "amount": price(order)}
    yield _by(_INVOICE, order, done.at, keys, **facts)


def _journey_seconds(order: Order, rng: Random) -> float:
    """Most parcels come well before their promise, one in a hundred after it."""
    span = order.promised_at - order.placed_at - 14 * HOUR
    late = rng.uniform(20, 60) * HOUR if rng.random() < 0.01 else 0.0
    return max(span * rng.uniform(0.25, 0.95), 5 * HOUR) + late


def _end(order: Order, journey_seconds: float, paid_seconds: float, seed: str) -> Generator[Act, float, None]:
    """Delivered, settled and perhaps sent back, as it comes: some shops pay before the parcel is there."""
    now = yield 0.0
    delivered_at = now + journey_seconds
    every = order.channel.payout_every_hours * HOUR
    settled_at = ceil((max(now, order.placed_at + paid_seconds)) / every) * every
    told = [_delivered(order, delivered_at), _settled(order, settled_at), *send_back(order, delivered_at, seed)]
    for message in sorted(told, key=lambda one: one.occurred_at):
        now = yield max(message.occurred_at - now, 0.0)
        yield message


def _delivered(order: Order, at: float) -> Message:
    keys = {"fulfilment": name_fulfilment(order), "tracking": name_parcel(order)}
    return tell(order, "fulfilment.delivered", at, "carrier", "wms-to-carrier", keys=keys)


def _settled(order: Order, at: float) -> Message:
    keys = {"order": name_order(order), "payout": name_payout(order.channel, at)}
    return _in_shop(order, "payout.settled", at, connector="payouts", keys=keys)


def _in_shop(order: Order, step: str, at: float, connector: str = "", **facts: Any) -> Message:
    channel = order.channel
    return tell(order, step, at, channel.system, connector or channel.connector, channel=channel.code, **facts)


def _payment(order: Order, at: float, rng: Random, **facts: Any) -> Message:
    facts |= {"channel": order.channel.code, "amount": price(order), "duration_ms": rng.randint(400, 1600)}
    return tell(order, "payment.captured", at, "payments", "payments", **facts)


def _in_middleware(order: Order, step: str, at: float, rng: Random, **facts: Any) -> Message:
    facts |= {"channel": order.channel.code, "duration_ms": rng.randint(8, 90)}
    return tell(order, step, at, "middleware", order.channel.connector, **facts)


def _by(leg: Leg, order: Order, at: float, keys: dict[str, Any], **facts: Any) -> Message:
    return tell(order, leg.step, at, leg.system, leg.connector, keys=keys, **facts)
