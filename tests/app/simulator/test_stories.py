"""An order's life: each system says what it knows, in an order that makes sense."""

from collections import defaultdict
from functools import cache

import pytest

from tests.app.simulator.runs import events, order_of, played, time_of

LIFE = (
    "order.placed", "payment.captured", "order.accepted", "order.validated", "inventory.reserved", "erp.order.posted",
    "fulfilment.released", "fulfilment.shipped", "invoice.posted",
)  # fmt: skip
KEYS = [
    ("payment.captured", {"order"}),
    ("order.accepted", {"order"}),
    ("inventory.reserved", {"order", "warehouse", "sku"}),
    ("erp.order.posted", {"order", "netsuite.salesorder"}),
    ("fulfilment.released", {"netsuite.salesorder", "fulfilment", "warehouse"}),
    ("fulfilment.shipped", {"fulfilment", "tracking"}),
    ("fulfilment.delivered", {"fulfilment", "tracking"}),
    ("invoice.posted", {"netsuite.salesorder", "invoice"}),
    ("payout.settled", {"order", "payout"}),
]


@cache
def lives() -> dict[str, dict[str, dict]]:
    """Of every order, its steps done, by step."""
    found: dict[str, dict[str, dict]] = defaultdict(dict)
    for event in events(played(hours=24), outcome="ok"):
        found[order_of(event)][event["type"].removeprefix("retail.")] = event
    return {name: steps for name, steps in found.items() if "order.placed" in steps}


def test_steps_follow_one_another() -> None:
    for steps in lives().values():
        times = [time_of(steps[step]) for step in LIFE if step in steps]
        assert times == sorted(times)


@pytest.mark.parametrize(("step", "names"), KEYS)
def test_each_system_tells_the_names_that_it_knows(step, names) -> None:
    told = [event["data"]["keys"] for event in events(played(hours=24), step, outcome="ok")]
    assert len(told) > 100
    assert all(set(keys) == names for keys in told)


def test_names_lead_from_parcel_and_invoice_back_to_the_order() -> None:
    owner = {}
    for step in ("erp.order.posted", "fulfilment.released", "fulfilment.shipped", "invoice.posted"):
        for event in events(played(hours=24), step, outcome="ok"):
            names = [f"{key}:{value}" for key, value in event["data"]["keys"].items() if key != "warehouse"]
            owners = {owner.get(name, name) for name in names if name in owner or name.startswith("order:")}
            assert owners == {f"order:{order_of(event)}"}
            owner |= dict.fromkeys(names, owners.pop())
    assert len(owner) > 15_000


def test_most_orders_of_the_morning_are_shipped_by_the_evening_and_kept_their_promise() -> None:
    settled = [steps for steps in lives().values() if "order.cancelled" not in steps]
    shipped = [steps for steps in settled if "fulfilment.shipped" in steps]
    assert len(shipped) > 0.6 * len(settled)
    promise = [steps["order.placed"]["data"]["promised_at"] for steps in shipped]
    kept = sum(steps["fulfilment.shipped"]["time"] < by for steps, by in zip(shipped, promise, strict=True))
    assert kept > 0.99 * len(shipped)


def test_a_calm_day_has_a_few_real_problems_and_heals_its_retries() -> None:
    orders = lives()
    failed = {order_of(event) for event in events(played(hours=24), outcome="failed")}
    retried = {order_of(event) for event in events(played(hours=24), "erp.order.posted", outcome="retrying")}
    cancelled = [steps for steps in orders.values() if "order.cancelled" in steps]
    assert 0.005 < len(failed) / len(orders) < 0.03
    assert 0.005 < len(retried) / len(orders) < 0.03
    assert 0.005 < len(cancelled) / len(orders) < 0.03
    assert sum("erp.order.posted" in orders[name] for name in retried) > 0.9 * len(retried)
    assert all("fulfilment.released" not in steps for steps in cancelled)


def test_real_problems_of_a_calm_day_have_a_cause_in_words() -> None:
    causes = {event["data"]["error"]["message"] for event in events(played(hours=24), outcome="failed")}
    assert {"Payment failed: card declined", "Postcode does not belong to the town"} < causes
    assert any(cause.startswith("Unknown SKU ") for cause in causes)
