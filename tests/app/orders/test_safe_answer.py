"""What may be said to a customer: true, dated, and silent about systems."""

from datetime import datetime, timedelta

import pytest

from app.events.event import Event
from app.orders.safe_answer import write_answer
from tests.app.orders.journeys import DOWN, PROMISED, ago, placed, refused, shipped, situation, told
from tests.builders import NOW

SOON = "we will send the tracking number as soon as it leaves."
PLAN = (
    "Your order US-1 is confirmed and paid. We are preparing it now and expect to hand it to the carrier by Thursday "
    f"26 November. Delivery is still planned for Thursday 26 November, and {SOON}"
)
DECLINED = told("payment.failed", 4, error="CARD_DECLINED: Payment failed: card declined")


@pytest.mark.parametrize(
    ("events", "words", "until"),
    [
        ([*placed(190), refused(187)], PLAN, PROMISED - timedelta(hours=4)),
        (placed(5), PLAN, PROMISED - timedelta(hours=4)),
        (
            placed(3000, promised=NOW + timedelta(hours=2)),
            "Your order US-1 is confirmed and paid. It has not left us yet, later than planned, so that delivery on "
            f"Monday 23 November may not hold; {SOON}",
            NOW + timedelta(hours=2),
        ),
        (
            placed(3000, promised=ago(120)),
            "Your order US-1 is confirmed and paid. It should have arrived by Monday 23 November and has not left us "
            f"yet. We are sorry; {SOON}",
            None,
        ),
        (placed(5, promised=None), f"Your order US-1 is confirmed and paid. We are preparing it now, and {SOON}", None),
        (
            [told("order.placed", 5), DECLINED],
            "Your order US-1 has reached us, but the payment has not gone through yet. "
            "Please check your payment details.",
            None,
        ),
        (
            shipped(60),
            "Your order US-1 was handed to the carrier on Monday 23 November. Delivery is planned for Thursday 26 "
            "November. The tracking number is 1Z9.",
            PROMISED,
        ),
        (
            shipped(5000, promised=ago(120)),
            "Your order US-1 was handed to the carrier on Friday 20 November. It should have arrived by Monday 23 "
            "November and is late. We are sorry for the delay. The tracking number is 1Z9.",
            None,
        ),
        (
            [*shipped(60), told("fulfilment.delivered", 5)],
            "Your order US-1 was delivered on Monday 23 November.",
            None,
        ),
        (
            [*placed(15), told("order.cancelled", 3)],
            "Your order US-1 was cancelled on Monday 23 November. Your refund has not been issued yet.",
            None,
        ),
        (
            [*placed(15), told("order.cancelled", 3), told("refund.issued", 1)],
            "Your order US-1 was cancelled on Monday 23 November. Your refund was issued on Monday 23 November.",
            None,
        ),
    ],
)
def test_the_answer_is_true_at_its_time(events: list[Event], words: str, until: datetime | None) -> None:
    answer = write_answer(situation(events), "US-1", "1Z9")
    assert answer is not None
    assert (answer.text, answer.true_until) == (words, until)


def test_it_holds_until_the_time_it_names_and_no_longer() -> None:
    events = placed(190)
    first = write_answer(situation(events), "US-1")
    assert first is not None
    assert first.true_until is not None
    before = write_answer(situation(events, first.true_until - timedelta(seconds=1)), "US-1")
    after = write_answer(situation(events, first.true_until), "US-1")
    assert before == first
    assert after is not None
    assert after.text != first.text


def test_no_answer_while_nobody_knows_the_order() -> None:
    assert write_answer(situation([told("invoice.posted", 5)], is_provisional=True), "7") is None


@pytest.mark.parametrize("events", [placed(190), [*placed(190), refused(187, DOWN)], shipped(60), shipped(9000)])
def test_no_system_is_named(events: list[Event]) -> None:
    answer = write_answer(situation(events), "US-1")
    assert answer is not None
    assert not {"netsuite", "erp", "middleware", "sku", "exception"} & set(answer.text.lower().split())
