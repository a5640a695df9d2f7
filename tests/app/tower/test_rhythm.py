"""How often something is usually heard of."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.tower.rhythm import read_rhythm, usual_rate
from tests.app.metrics.rows import count
from tests.builders import NOW

KEY = ("walmart", "payout.settled")


def test_a_batch_is_one_lively_minute(session: Session) -> None:
    for minutes in range(1, 121):
        count(session, "reached", minutes, channel="amazon-uk", step="order.placed")
    count(session, "reached", 90, 500, channel=KEY[0], step=KEY[1])
    count(session, "reached", 24 * 60, 500, channel=KEY[0], step=KEY[1])
    yesterday, today = read_rhythm(session, "reached", NOW)
    assert today == {("amazon-uk", "order.placed"): pytest.approx(0.5), KEY: pytest.approx(1 / 240)}
    assert yesterday == {KEY: pytest.approx(1 / 240)}


def test_the_liveliest_series_speaks_for_a_connector(session: Session) -> None:
    for minutes in range(1, 25):
        count(session, "events", minutes, connector="payouts", step="connector.heartbeat", outcome="ok")
    count(session, "events", 3, connector="payouts", step="payout.settled", outcome="ok")
    assert read_rhythm(session, "events", NOW)[1] == {("payouts",): pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("yesterday", "today", "quiet", "rate"),
    [
        ({}, {KEY: 0.5}, None, 0.5),
        ({}, {KEY: 0.5}, timedelta(hours=2).total_seconds(), 1.0),
        ({KEY: 0.2}, {KEY: 0.5}, None, 0.2),
        ({("other",): 1.0}, {KEY: 0.5}, None, 0.0),
        ({KEY: 0.2}, {}, None, 0.2),
        ({}, {}, None, None),
    ],
)
def test_usual_is_the_lesser_of_today_and_yesterday(yesterday, today, quiet: float | None, rate: float | None) -> None:
    assert usual_rate((yesterday, today), KEY, quiet) == rate
