"""The sentence on top of a journey, and the line below it."""

import pytest

from app.events.event import Event
from app.orders.headline import write_headline
from tests.app.orders.journeys import DOWN, ago, placed, refused, shipped, situation, told

DONE = [told("invoice.posted", 50), told("fulfilment.delivered", 40), told("payout.settled", 30)]
DEAD = told("message.dead_lettered", 171, attributes={"step": "erp.order.posted"}, error="UNKNOWN_SKU: Unknown SKU A-1")


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (
            [*placed(190), refused(187), refused(172, attempt=2)],
            "Paid 3 h 9 m ago, rejected by NetSuite twice: unknown SKU WB-CANDLE-SET-3.",
        ),
        (
            [*placed(190), refused(187), refused(172, attempt=2), DEAD],
            "Paid 3 h 9 m ago, parked after 2 attempts to post to ERP: unknown SKU A-1.",
        ),
        (
            [*placed(190), refused(187, DOWN), refused(172, DOWN), refused(150, DOWN)],
            "Paid 3 h 9 m ago, 3 attempts to post to ERP failed: NetSuite is unavailable.",
        ),
        (
            [*placed(5), refused(4, DOWN, outcome="retrying")],
            "Paid 4 m ago, 1 attempt to post to ERP failed and is tried again: NetSuite is unavailable.",
        ),
        (placed(12), "Paid 11 m ago, not posted to ERP yet, due in 3 m."),
        (placed(190), "Paid 3 h 9 m ago, not posted to ERP since."),
        (
            [told("order.placed", 90, system="shopify"), told("order.accepted", 89),
             told("payment.failed", 88, system="payments", error="CARD_DECLINED: Payment failed: card declined")],
            "Placed 1 h 30 m ago, rejected by Payments once: payment failed: card declined.",
        ),
        (shipped(60), "Shipped 1 h ago, nothing is wrong."),
        (
            shipped(5000, promised=ago(120)),
            "Shipped 3 d 11 h ago, not delivered: the promise was 10:00.",
        ),
        ([*shipped(60), *DONE[:2]], "Delivered 40 m ago, nothing is wrong."),
        ([*shipped(60), *DONE], "Delivered, invoiced and settled 30 m ago."),
        ([*placed(15), told("order.cancelled", 3)], "Cancelled 3 m ago."),
        ([*shipped(60)[:4], told("order.cancelled", 3)], "Cancelled 3 m ago, after it was posted to ERP."),
    ],
)  # fmt: skip
def test_the_sentence_says_where_it_is_and_why(events: list[Event], sentence: str) -> None:
    assert write_headline(situation(events)).sentence == sentence


def test_a_document_without_its_order_says_so() -> None:
    headline = write_headline(situation([told("invoice.posted", 50)], is_provisional=True))
    assert headline.sentence == "Invoiced 50 m ago, but no event has said yet which order this belongs to."
    assert headline.word == "No order yet"


@pytest.mark.parametrize(
    ("events", "line"),
    [
        (
            [*placed(190), refused(187)],
            "Next: post to ERP, was due 09:05, 2 h 55 m late. Owner: ERP integration. "
            "The promise still holds if it is shipped before Thu 18:00.",
        ),
        (placed(5), "Next: post to ERP, due by 12:10. Owner: ERP integration."),
        (
            shipped(5000, promised=ago(120)),
            "Next: deliver, was due 10:00, 2 h late. Owner: Carrier desk. "
            "The promise of Mon 23 Nov was missed 2 h ago.",
        ),
        (
            [*shipped(60), told("invoice.posted", 50, outcome="failed", system="netsuite", error=DOWN)],
            "Next: post the invoice, due by Tue 11:00. Owner: Finance.",
        ),
        ([*placed(5), told("order.cancelled", 3)], "Nothing further is expected."),
    ],
)
def test_the_line_below_says_what_is_next_by_when_and_whose(events: list[Event], line: str) -> None:
    assert "".join(part.text for part in write_headline(situation(events)).parts) == line


def test_figures_of_the_line_stand_out() -> None:
    parts = write_headline(situation([*placed(190), refused(187)])).parts
    assert [part.text for part in parts if part.is_strong] == ["09:05", "2 h 55 m late", "Thu 18:00"]
