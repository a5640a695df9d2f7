"""What a rule makes of a reading."""

from decimal import Decimal
from typing import Any

import pytest

from alerts.rules import Guard, Limit, Reading, Rule, Verdict, judge, scaled
from tests.alerts.figures import a_rule

GBP = "money:GBP"
DEEP = a_rule(metric="queue.depth", limit=Limit("above", Decimal(50)), clear=Limit("below", Decimal(20)))
STUCK = a_rule(
    metric="queue.depth",
    limit=Limit("above", Decimal(50)),
    clear=None,
    also=Guard("queue.drain_time", Limit("never")),
)
FAILING = a_rule(
    metric="failure.rate",
    limit=Limit("above", Decimal("0.2")),
    clear=None,
    enough=Guard("throughput", Limit("above", Decimal(2))),
)


def pounds(value: float | None, **given: Any) -> Reading:
    return Reading(None if value is None else int(value * 100), GBP, age_seconds=given.pop("age", 5.0), **given)


@pytest.mark.parametrize(
    ("rule", "reading", "verdict"),
    [
        (a_rule(), pounds(1000.01), Verdict.BREACH),
        (a_rule(), pounds(1000), Verdict.BETWEEN),
        (a_rule(), pounds(800), Verdict.BETWEEN),
        (a_rule(), pounds(799.99), Verdict.CLEAR),
        (a_rule(clear=None), pounds(1000), Verdict.CLEAR),
        (a_rule(), pounds(None), Verdict.UNKNOWN),
        (a_rule(), pounds(5000, age=3601), Verdict.UNKNOWN),
        (a_rule(), pounds(0, age=3601), Verdict.UNKNOWN),
        (a_rule(stale_seconds=None), pounds(5000, age=1e9), Verdict.BREACH),
        (a_rule(limit=Limit("below", Decimal(10)), clear=None), pounds(9.99), Verdict.BREACH),
        (a_rule(rising=True), pounds(2000, hour_ago=150_000), Verdict.BREACH),
        (a_rule(rising=True), pounds(2000, hour_ago=200_000), Verdict.BETWEEN),
        (a_rule(rising=True), pounds(2000), Verdict.UNKNOWN),
        (a_rule(rising=True), pounds(10), Verdict.CLEAR),
        (a_rule(limit=Limit("absent", Decimal(900)), clear=None), pounds(None, age=901), Verdict.BREACH),
        (a_rule(limit=Limit("absent", Decimal(900)), clear=None), pounds(None, age=900), Verdict.CLEAR),
        (a_rule(limit=Limit("absent", Decimal(900)), clear=None), pounds(None, age=None), Verdict.UNKNOWN),
        (DEEP, Reading(51, "messages"), Verdict.BREACH),
    ],
)
def test_reading_is_judged(rule: Rule, reading: Reading, verdict: Verdict) -> None:
    assert judge(rule, reading) is verdict


@pytest.mark.parametrize(
    ("depth", "drain", "verdict"),
    [
        (60, Reading(None, "seconds", is_never=True), Verdict.BREACH),
        (60, Reading(600, "seconds"), Verdict.CLEAR),
        (60, Reading(None, "seconds"), Verdict.UNKNOWN),
        (60, None, Verdict.UNKNOWN),
        (3, Reading(None, "seconds"), Verdict.CLEAR),
        (None, Reading(None, "seconds", is_never=True), Verdict.UNKNOWN),
        (None, Reading(600, "seconds"), Verdict.CLEAR),
    ],
)
def test_second_condition_must_hold_too(depth: int | None, drain: Reading | None, verdict: Verdict) -> None:
    assert judge(STUCK, Reading(depth, "messages"), drain) is verdict


@pytest.mark.parametrize(
    ("share", "per_minute", "verdict"),
    [
        (0.5, 10.0, Verdict.BREACH),
        (0.1, 10.0, Verdict.CLEAR),
        (0.5, 2.0, Verdict.UNKNOWN),
        (0.0, 0.1, Verdict.UNKNOWN),
        (0.5, None, Verdict.UNKNOWN),
    ],
)
def test_too_little_to_go_by_says_nothing(share: float, per_minute: float | None, verdict: Verdict) -> None:
    assert judge(FAILING, Reading(share, "share"), enough=Reading(per_minute, "events/min")) is verdict


def test_limits_of_money_follow_the_currency() -> None:
    assert scaled(Decimal(1000), "money:GBP") == 100_000
    assert scaled(Decimal(1000), "money:JPY") == 1000
    assert scaled(Decimal(1000), "money:KWD") == 1_000_000
    assert scaled(Decimal("0.2"), "share") == Decimal("0.2")
