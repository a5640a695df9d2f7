"""One return's life, told as the systems see it: most go through in a day, some stall on the way (pure)."""

from collections.abc import Iterator
from random import Random
from typing import Any

from app.simulator.estate import HOUR
from app.simulator.messages import Message, price, tell
from app.simulator.names import (
    name_credit_memo,
    name_fulfilment,
    name_order,
    name_return,
    name_return_parcel,
    name_rma,
    name_sales_order,
)
from app.simulator.orders import MINUTE, Order

SHARE = 0.06
REASONS = ("damaged on arrival", "wrong size", "not as described", "changed their mind")
_AT_ONCE = 0.4
_DAY = 24 * HOUR
# What may stall a return, and how often: forgotten on a shelf, approved and never paid, refused by the bank.
_FATES = ("forgotten", "unpaid", "refused", "")
_WEIGHTS = (10, 12, 15, 63)
_REFUSED = {"code": "CARD_EXPIRED", "message": "Refund declined: card expired"}


def send_back(order: Order, delivered_at: float, seed: str) -> list[Message]:
    """Everything that will be said of the return of an order; nothing when it is kept."""
    rng = Random(f"{seed}/return/{order.channel.code}/{order.number}")
    if rng.random() >= SHARE:
        return []
    wait = rng.uniform(10, 90) * MINUTE if rng.random() < _AT_ONCE else rng.uniform(1, 10) * _DAY
    return list(_told(order, delivered_at + wait, rng))


def _told(order: Order, at: float, rng: Random) -> Iterator[Message]:
    fate = rng.choices(_FATES, weights=_WEIGHTS)[0]
    keys: dict[str, Any] = {"return": name_return(order), "rma": name_rma(order), "order": name_order(order)}
    keys |= {"sku": order.skus}
    yield _say(order, "return.requested", at, order.channel.system, keys, attributes={"reason": rng.choice(REASONS)})
    at += rng.uniform(3, 8) * HOUR
    in_warehouse = {"rma": name_rma(order), "fulfilment": name_fulfilment(order)}
    yield _say(order, "return.received", at, "warehouse", in_warehouse | {"tracking": name_return_parcel(order)})
    at += rng.uniform(4, 6) * _DAY if fate == "forgotten" else rng.uniform(1, 10) * HOUR
    yield _say(order, "return.inspected", at, "warehouse", in_warehouse)
    at += rng.uniform(0.1, 3) * HOUR
    yield _say(order, "refund.approved", at, "middleware", {"return": name_return(order)})
    at += rng.uniform(10, 30) * HOUR if fate == "unpaid" else rng.uniform(2, 20) * MINUTE
    yield from _refund(order, at, fate == "refused", rng)


def _refund(order: Order, at: float, is_refused: bool, rng: Random) -> Iterator[Message]:
    paid = {"return": name_return(order), "order": name_order(order)}
    attempt = 1
    if is_refused:
        facts = {"outcome": "failed", "error": _REFUSED, "attempt": attempt}
        yield _say(order, "refund.issued", at, "payments", paid, **facts)
        at += rng.uniform(6, 30) * HOUR
        attempt = 2
    yield _say(order, "refund.issued", at, "payments", paid, attempt=attempt, amount=price(order))
    at += rng.uniform(0.2, 2) * HOUR
    keys = {"rma": name_rma(order), "creditmemo": name_credit_memo(order)}
    keys |= {"netsuite.salesorder": name_sales_order(order)}
    yield _say(order, "creditmemo.posted", at, "netsuite", keys, amount=price(order))


def _say(order: Order, step: str, at: float, system: str, keys: dict[str, Any], **facts: Any) -> Message:
    return tell(order, step, at, system, "returns", keys=keys, channel=order.channel.code, **facts)
