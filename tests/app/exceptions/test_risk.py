"""What stands at stake: each order once, at the value that held at the time."""

from datetime import timedelta

from app.events.fact import Fact
from app.exceptions.risk import Stake, find_stakes
from app.exceptions.rules import find_exceptions
from app.journeys.catalogue import order_flow
from app.journeys.fold import fold
from tests.builders import NOW, a_fact

FLOW = order_flow()
POST = "erp.order.posted"


def stakes(*facts: Fact) -> list[Stake]:
    journey = fold(FLOW, facts)
    intervals, _ = find_exceptions(FLOW, journey)
    return find_stakes(FLOW, journey, intervals)


def told(one: Stake) -> tuple[str, int, int | None, int | None]:
    start = int((one.opened_at - NOW).total_seconds() // 60)
    end = None if one.closed_at is None else int((one.closed_at - NOW).total_seconds() // 60)
    return one.step, start, end, one.value_minor


PLACED = a_fact(amount_minor=9950, currency="USD")


def test_several_exceptions_are_one_stake_that_keeps_the_oldest_age() -> None:
    assert [told(one) for one in stakes(PLACED)] == [("order.accepted", 10, None, 9950)]


def test_the_stake_passes_on_when_the_oldest_exception_closes() -> None:
    found = stakes(PLACED, a_fact("order.accepted", 20))
    assert [told(one) for one in found] == [("order.accepted", 10, 20, 9950), (POST, 20, None, 9950)]
    assert found[1].since_at == NOW + timedelta(minutes=15)


def test_an_amended_amount_counts_from_its_own_time() -> None:
    found = stakes(PLACED, a_fact("order.accepted", 1), a_fact("order.amended", 40, amount_minor=5000, currency="USD"))
    assert [told(one) for one in found] == [(POST, 15, 40, 9950), (POST, 40, None, 5000)]


def test_an_unknown_value_stays_unknown() -> None:
    assert [told(one) for one in stakes(a_fact())] == [("order.accepted", 10, None, None)]


def test_late_money_is_cash_and_not_revenue() -> None:
    found = stakes(
        PLACED,
        a_fact("order.accepted", 1),
        a_fact(POST, 2),
        a_fact("fulfilment.shipped", 3),
        a_fact("fulfilment.released", 2),
    )
    assert [(one.impact, one.step) for one in found] == [("cash", "invoice.posted")]


def test_a_cancelled_order_puts_nothing_at_stake_any_more() -> None:
    assert [told(one) for one in stakes(PLACED, a_fact("order.cancelled", 30))] == [("order.accepted", 10, 30, 9950)]
