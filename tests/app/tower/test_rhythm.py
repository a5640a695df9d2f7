"""How often something is usually heard of, and what says nothing though it should."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.series.maths import UNTIMED, ZERO_BUCKET
from app.series.query import Wanted, last_seen
from app.tower.rhythm import find_silent, read_rhythm
from tests.app.metrics.rows import count
from tests.builders import NOW

SHOP, PAYOUT = ("amazon-uk", "order.placed"), ("walmart", "payout.settled")
DAY = 24 * 60


def reached(session: Session, key: tuple[str, str], *minutes: int) -> None:
    for minute in minutes:
        count(session, "reached", minute, channel=key[0], step=key[1])


def silent(session: Session, key: tuple[str, str], minutes: int) -> bool:
    seen = {key: NOW - timedelta(minutes=minutes)}
    return find_silent(session, "reached", seen, read_rhythm(session, "reached", NOW), NOW) == {key}


def test_a_batch_is_one_lively_minute(session: Session) -> None:
    reached(session, SHOP, *range(1, 121))
    count(session, "reached", 90, 500, channel=PAYOUT[0], step=PAYOUT[1])
    assert read_rhythm(session, "reached", NOW) == {SHOP: pytest.approx(0.5), PAYOUT: pytest.approx(1 / 240)}


def test_a_time_that_is_told_later_is_no_sign_of_life(session: Session) -> None:
    reached(session, SHOP, *range(40, 160))
    for number, bucket in ((-1, UNTIMED), (1, ZERO_BUCKET)):
        count(session, "reached", 20, number, bucket, channel=SHOP[0], step=SHOP[1])
    assert read_rhythm(session, "reached", NOW) == {SHOP: pytest.approx(0.5)}
    assert last_seen(session, Wanted("reached", ("channel", "step")), [NOW]) == [{SHOP: NOW - timedelta(minutes=40)}]


def test_the_liveliest_series_speaks_for_a_connector(session: Session) -> None:
    for minutes in range(1, 25):
        count(session, "events", minutes, connector="payouts", step="connector.heartbeat", outcome="ok")
    count(session, "events", 3, connector="payouts", step="payout.settled", outcome="ok")
    assert read_rhythm(session, "events", NOW) == {("payouts",): pytest.approx(0.1)}


def test_a_stream_that_stops_is_silent(session: Session) -> None:
    reached(session, SHOP, *range(20, 260))
    assert silent(session, SHOP, 20)


def test_connectors_are_heard_together(session: Session) -> None:
    for minutes in range(20, 260):
        step = "connector.heartbeat" if minutes % 2 else "payout.settled"
        count(session, "events", minutes, connector="payouts", step=step, outcome="ok")
    seen = {("payouts",): NOW - timedelta(minutes=20)}
    rhythm = read_rhythm(session, "events", NOW)
    assert find_silent(session, "events", seen, rhythm, NOW) == {("payouts",)}


def test_batches_are_not_silent_between_two_of_them(session: Session) -> None:
    reached(session, PAYOUT, *range(200, 212))
    assert not silent(session, PAYOUT, 200)


def test_a_silence_that_belongs_to_the_hour_is_none(session: Session) -> None:
    reached(session, SHOP, *range(60, 300), *range(60 + DAY, 300 + DAY))
    assert not silent(session, SHOP, 60)
    reached(session, SHOP, *range(DAY, 60 + DAY))
    assert silent(session, SHOP, 60)


def test_nothing_that_was_heard_just_now_is_asked_about(session: Session) -> None:
    assert find_silent(session, "reached", {SHOP: NOW}, {SHOP: 1.0}, NOW) == frozenset()
