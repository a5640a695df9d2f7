"""Revenue at risk and cash delayed: exact, each order once, as of many times."""

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from app.metrics.catalogue import ask, ask_series
from tests.app.metrics.rows import a_cause, a_rate, a_stake, ago, count
from tests.builders import NOW

HOUR, DAY = 60, 24 * 60


@pytest.fixture(autouse=True)
def _facts(session: Session) -> None:
    """Something has happened, so that zero means zero."""
    count(session, "events", 10 * DAY, step="order.placed", outcome="ok")


def test_value_times_the_loss_at_the_age_of_the_trouble(session: Session) -> None:
    a_stake(session, "A", 10_000, opened=4 * HOUR)  # 5 % at four hours
    a_stake(session, "B", 20_000, opened=14 * HOUR)  # half-way from 5 % to 25 %
    a_stake(session, "C", 10_000, opened=5 * DAY)  # flat after three days
    session.flush()
    answer = ask(session, "revenue.at_risk", NOW)
    assert answer.value == 500 + 20_000 * 15 // 100 + 6_000
    assert answer.coverage == 1
    assert answer.extra["orders"] == 3
    assert answer.extra["gross"] == 40_000
    assert answer.extra["oldest_at"] == ago(5 * DAY)


def test_low_and_high_shift_the_age_by_half(session: Session) -> None:
    a_stake(session, "A", 1_000_000, opened=4 * HOUR)
    session.flush()
    answer = ask(session, "revenue.at_risk", NOW)
    assert (answer.low, answer.value) == (30_000, 50_000)
    assert answer.high == round(1_000_000 * (Fraction(5, 100) + Fraction(2, 20) * Fraction(20, 100)))


def test_the_past_is_asked_by_the_intervals_of_then(session: Session) -> None:
    a_stake(session, "A", 10_000, opened=6 * HOUR, closed=1 * HOUR)
    a_stake(session, "B", 10_000, opened=-HOUR)  # a deadline still to come
    session.flush()
    before, during, after, last = ask_series(session, "revenue.at_risk", [ago(400), ago(120), ago(60), NOW])
    assert (before.value, after.value, last.value) == (0, 0, 0)
    assert during.value == 500
    assert during.extra["oldest_at"] == ago(6 * HOUR)


def test_currencies_are_converted_with_the_rate_of_the_day(session: Session) -> None:
    for currency, euros in (("EUR", "1"), ("GBP", "1.25"), ("USD", "0.5"), ("JPY", "0.01")):
        a_rate(session, currency, euros)
    a_rate(session, "USD", "1.0", date(2026, 11, 23))
    a_stake(session, "A", 10_000, "USD", opened=5 * DAY)  # 100.00 $ at 0.5 € = 40.00 £, later 80.00 £
    a_stake(session, "B", 5_000, "JPY", opened=5 * DAY)  # 5,000 ¥ = 40.00 £
    session.flush()
    yesterday, today = ask_series(session, "revenue.at_risk", [ago(DAY), NOW])
    assert yesterday.extra["gross"] == 8_000
    assert today.extra["gross"] == 12_000
    assert today.value == 7_200


def test_no_value_and_no_rate_are_left_out_and_coverage_says_so(session: Session) -> None:
    a_stake(session, "A", 10_000, opened=5 * DAY)
    a_stake(session, "B", None, None, opened=5 * DAY)
    a_stake(session, "C", 10_000, "BRL", opened=5 * DAY)
    a_stake(session, "D", 10_000, "BRL", opened=5 * DAY, flow="nobody knows")
    session.flush()
    answer = ask(session, "revenue.at_risk", NOW)
    assert (answer.value, answer.coverage, answer.extra["orders"]) == (6_000, 0.25, 4)


def test_only_unknown_values_make_the_answer_unknown(session: Session) -> None:
    a_stake(session, "A", None, None, opened=60)
    session.flush()
    answer = ask(session, "revenue.at_risk", NOW)
    assert (answer.value, answer.coverage) == (None, 0)
    assert "known value" in answer.extra["reason"]


def test_parts_carry_their_figures_and_add_up(session: Session) -> None:
    a_cause(session, "c1", owner="ERP integration")
    a_cause(session, "c2", owner="Warehouse")
    a_stake(session, "A", 10_000, opened=5 * DAY)
    a_stake(session, "B", 30_000, opened=5 * DAY, cause="c2", channel="amazon-uk")
    a_stake(session, "C", 20_000, opened=5 * DAY, cause="c2")
    session.flush()
    answer = ask(session, "revenue.at_risk", NOW, by=("cause",))
    assert [(group.by["cause"], group.value, group.extra["orders"]) for group in answer.groups] == [
        ("c2", 30_000, 2),
        ("c1", 6_000, 1),
    ]
    assert sum(group.value or 0 for group in answer.groups) == answer.value
    assert ask(session, "revenue.at_risk", NOW, where={"owner": "Warehouse"}).value == 30_000
    by_two = ask(session, "revenue.at_risk", NOW, by=("channel", "step"), where={"cause": "c2"})
    assert [group.by["channel"] for group in by_two.groups] == ["amazon-uk", "shopify-us"]
    assert ask(session, "revenue.at_risk", NOW, by=("age",)).groups[0].by == {"age": ">=3d"}


def test_cash_delayed_is_the_whole_value_and_no_loss(session: Session) -> None:
    a_stake(session, "A", 12_345, opened=4 * HOUR, impact="cash")
    a_stake(session, "B", 10_000, opened=4 * HOUR)
    session.flush()
    answer = ask(session, "revenue.cash_delayed", NOW)
    assert (answer.value, answer.low, answer.high) == (12_345, 12_345, 12_345)
    assert answer.extra["orders"] == 1
