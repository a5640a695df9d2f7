"""A return's life: a few orders come back, each system says what it knows, some stall."""

from functools import cache
from random import Random

from app.simulator.estate import HOUR, build_estate
from app.simulator.messages import Message
from app.simulator.orders import draw_orders
from app.simulator.returns import SHARE, send_back
from tests.app.simulator.runs import events, order_of, played

LIFE = (
    "return.requested", "return.received", "return.inspected", "refund.approved", "refund.issued", "creditmemo.posted",
)  # fmt: skip
MINUTES = 2_000
DELIVERED_AT = 1_000_000 * HOUR


@cache
def returns() -> tuple[list[list[Message]], int]:
    """What is said of the returns of many orders, and how many orders those were."""
    estate = build_estate(Random(7))
    orders = [
        order
        for minute in range(MINUTES)
        for channel in estate.channels
        for order in draw_orders(estate, channel, minute, 7, 1.0)
    ]
    return [told for order in orders if (told := send_back(order, DELIVERED_AT, "7"))], len(orders)


def steps_of(told: list[Message], outcome: str = "ok") -> list[str]:
    return [
        message.event["type"].removeprefix("retail.") for message in told if message.event["data"]["outcome"] == outcome
    ]


def test_a_few_of_the_delivered_orders_come_back() -> None:
    told, orders = returns()
    assert 0.8 * SHARE < len(told) / orders < 1.2 * SHARE


def test_every_return_goes_its_way_and_only_forward() -> None:
    for told in returns()[0]:
        assert tuple(steps_of(told)) == LIFE
        times = [message.occurred_at for message in told]
        assert times == sorted(times)
        assert times[0] > DELIVERED_AT


def test_names_lead_from_every_step_to_the_return() -> None:
    for told in returns()[0]:
        first = told[0].event["data"]["keys"]
        assert set(first) == {"return", "rma", "order", "sku"}
        for message in told:
            keys = message.event["data"]["keys"]
            assert any(keys.get(name) == first[name] for name in ("return", "rma"))


def test_some_stall_at_the_bank_in_the_warehouse_or_in_between() -> None:
    told = returns()[0]
    refused = [one for one in told if steps_of(one, "failed") == ["refund.issued"]]
    assert 0.08 < len(refused) / len(told) < 0.25
    assert {tuple(message.event["data"]["attempt"] for message in one[-3:-1]) for one in refused} == {(1, 2)}
    waits = [
        (one[place + 1].occurred_at - one[place].occurred_at) / HOUR
        for one in told
        for place in (1, 3)
        if not steps_of(one, "failed")
    ]
    assert 0.05 < sum(wait > 10 for wait in waits) / len(waits) < 0.2


def test_the_first_returns_are_told_on_the_first_day() -> None:
    asked = events(played(hours=24), "return.requested")
    delivered = {order_of(event) for event in events(played(hours=24), "fulfilment.delivered")}
    assert 3 < len(asked) < 0.05 * len(delivered)
