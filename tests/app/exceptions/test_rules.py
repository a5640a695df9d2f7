"""When exceptions open and close, as tables of cases; times are minutes after noon on a Monday."""

from datetime import datetime, timedelta

import pytest

from app.events.fact import Fact
from app.exceptions.rules import find_exceptions
from app.journeys.catalogue import order_flow
from app.journeys.fold import fold
from tests.builders import NOW, a_fact

FLOW = order_flow()
PROMISE = NOW + timedelta(hours=10)
Row = tuple[str, str, float, float | None]


def minutes(at: datetime | None) -> float | None:
    return None if at is None else (at - NOW).total_seconds() / 60


def found(facts: list[Fact], *steps: str) -> list[Row]:
    intervals, _ = find_exceptions(FLOW, fold(FLOW, facts))
    rows = [(one.step, one.kind, minutes(one.opened_at), minutes(one.closed_at)) for one in intervals]
    return [row for row in rows if not steps or row[0] in steps]  # type: ignore[misc]


POST, RELEASE, SHIP, INVOICE = "erp.order.posted", "fulfilment.released", "fulfilment.shipped", "invoice.posted"


@pytest.mark.parametrize(
    ("facts", "step", "expected"),
    [
        pytest.param([a_fact()], POST, [("overdue", 15, None)], id="a deadline opens in the future"),
        pytest.param([a_fact(), a_fact(POST, 14)], POST, [], id="in time is no exception"),
        pytest.param([a_fact(), a_fact(POST, 40)], POST, [("overdue", 15, 40)], id="late and then done"),
        pytest.param([a_fact(channel="amazon-uk")], POST, [("overdue", 20, None)], id="a channel has its own deadline"),
        pytest.param([a_fact(POST, 5)], POST, [], id="done before it was asked for"),
        pytest.param([a_fact(), a_fact("order.cancelled", 30)], POST, [("overdue", 15, 30)], id="cancelling closes"),
        pytest.param([a_fact(), a_fact("order.cancelled", 9)], POST, [], id="cancelled in time"),
        pytest.param(
            [a_fact(), a_fact(POST, 2, "failed", error="no"), a_fact(POST, 4)], POST, [("failed", 2, 4)], id="healed"
        ),
        pytest.param(
            [a_fact(), a_fact(POST, 2, "failed"), a_fact(POST, 4, "failed"), a_fact(POST, 6, "dead_lettered")],
            POST,
            [("failed", 2, 6), ("dead-lettered", 6, None), ("overdue", 15, None)],
            id="age runs from the first failure",
        ),
        pytest.param(
            [a_fact(), a_fact(POST, 2, "retrying", error="429: slow down")],
            POST,
            [("overdue", 15, None)],
            id="a retry is no failure",
        ),
        pytest.param([a_fact(), a_fact(POST, 3), a_fact(POST, 5, "failed")], POST, [], id="done is done"),
        pytest.param(
            [a_fact(), a_fact(POST, 0), a_fact(RELEASE, 300)], RELEASE, [("overdue", 180, 300)], id="after another step"
        ),
    ],
)
def test_exceptions_of_a_step(facts: list[Fact], step: str, expected: list[tuple[str, float, float | None]]) -> None:
    assert found(facts, step) == [(step, *one) for one in expected]


def test_a_promise_holds_until_it_is_moved() -> None:
    later = NOW + timedelta(hours=20)
    facts = [a_fact(promised_at=PROMISE), a_fact("order.amended", 420, promised_at=later)]
    assert found(facts, SHIP) == [(SHIP, "overdue", 360, 420), (SHIP, "overdue", 960, None)]


def test_a_promise_moved_before_it_was_missed_leaves_no_trace() -> None:
    later = NOW + timedelta(hours=20)
    facts = [a_fact(promised_at=PROMISE), a_fact("order.amended", 60, promised_at=later)]
    assert found(facts, SHIP) == [(SHIP, "overdue", 960, None)]


def test_trouble_that_goes_on_across_promises_keeps_its_age() -> None:
    facts = [a_fact(promised_at=PROMISE), a_fact("order.amended", 420, promised_at=NOW + timedelta(hours=5))]
    intervals, _ = find_exceptions(FLOW, fold(FLOW, facts))
    ship = [one for one in intervals if one.step == SHIP]
    assert [minutes(one.since_at) for one in ship] == [360, 360]


def test_business_hours_skip_the_weekend() -> None:
    friday = -3 * 24 * 60 + 0  # noon on the Friday before
    facts = [a_fact(minute=friday - 60), a_fact(SHIP, friday)]
    assert found(facts, INVOICE) == [(INVOICE, "overdue", 0, None)]


def test_lateness_after_a_failure_carries_the_failure_as_its_cause() -> None:
    facts = [a_fact(), a_fact(POST, 2, "failed", error="Unknown SKU WB-1", system="netsuite")]
    intervals, causes = find_exceptions(FLOW, fold(FLOW, facts))
    titles = {one.kind: causes[one.cause].title for one in intervals if one.step == POST}
    assert titles == {"failed": "Post to ERP: Unknown SKU …", "overdue": "Post to ERP: Unknown SKU …"}


def test_lateness_behind_an_earlier_exception_follows_it() -> None:
    facts = [a_fact(promised_at=PROMISE)]
    intervals, causes = find_exceptions(FLOW, fold(FLOW, facts))
    by_step = {one.step: causes[one.cause].step for one in intervals}
    assert by_step[SHIP] == by_step["fulfilment.delivered"] == "order.accepted"


def test_a_new_error_divides_an_exception_but_not_its_age() -> None:
    facts = [a_fact(), a_fact(POST, 2, "failed", error="timeout"), a_fact(POST, 5, "failed", error="Unknown SKU X-1")]
    intervals, causes = find_exceptions(FLOW, fold(FLOW, facts))
    failed = [one for one in intervals if one.kind == "failed"]
    assert [(minutes(one.opened_at), minutes(one.since_at)) for one in failed] == [(2, 2), (5, 2)]
    assert [causes[one.cause].title for one in failed] == ["Post to ERP: timeout", "Post to ERP: Unknown SKU …"]


def test_a_step_that_says_only_failure_counts_against_the_step_it_names() -> None:
    facts = [a_fact(), a_fact("payment.failed", 1, error="card declined"), a_fact("payment.captured", 9)]
    assert found(facts, "payment.captured") == [("payment.captured", "failed", 1, 9)]


def test_a_dead_lettered_message_concerns_the_step_that_it_carries() -> None:
    dead = a_fact("message.dead_lettered", 3, attributes={"step": POST}, error="rejected")
    assert found([a_fact(), dead, a_fact(POST, 8)], POST) == [(POST, "dead-lettered", 3, 8)]
    alone = a_fact("message.dead_lettered", 3)
    assert found([a_fact(), alone, a_fact("message.replayed", 7)], "message.dead_lettered") == [
        ("message.dead_lettered", "dead-lettered", 3, 7)
    ]
