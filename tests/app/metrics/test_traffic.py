"""Throughput, failure rate, latency, arrivals and silence, as of many times."""

import pytest
from sqlalchemy.orm import Session

from app.metrics.catalogue import ask, ask_series
from app.series.maths import bucket_middle, bucket_of
from tests.app.metrics.rows import POSTED, ago, an_exception, count
from tests.builders import NOW

DAY = 24 * 60


@pytest.fixture
def _events(session: Session) -> None:
    for minutes, outcome, number in ((20, "ok", 9), (14, "ok", 6), (10, "failed", 1), (5, "retrying", 2), (1, "ok", 3)):
        count(session, "events", minutes, number, channel="amazon-uk", connector="to-erp", step=POSTED, outcome=outcome)
    count(session, "events", 2, 50, connector="to-erp", step="connector.heartbeat", outcome="ok")
    count(session, "events", 3, 4, channel="walmart", connector="to-wms", step="order.placed", outcome="skipped")


@pytest.mark.usefixtures("_events")
def test_throughput_is_events_a_minute_without_heartbeats(session: Session) -> None:
    answer = ask(session, "throughput", NOW, by=("channel",))
    assert answer.value == (6 + 1 + 2 + 3 + 4) / 15
    assert [(group.by["channel"], group.extra["count"]) for group in answer.groups] == [
        ("amazon-uk", 12),
        ("walmart", 4),
    ]
    then, early = ask_series(session, "throughput", [ago(9.5), ago(DAY)])
    assert then.extra["count"] == 9 + 6  # the minute that has just begun is not whole yet
    assert (early.value, early.extra["reason"]) == (None, "no events yet")


@pytest.mark.usefixtures("_events")
def test_failure_rate_counts_attempts(session: Session) -> None:
    answer = ask(session, "failure.rate", NOW, by=("connector",))
    assert answer.value == 3 / 12
    assert answer.extra == {"attempts": 12, "failed": 3, "retrying": 2, "dead_lettered": 0}
    assert {group.by["connector"]: group.value for group in answer.groups} == {"to-erp": 0.25, "to-wms": None}
    nothing = ask(session, "failure.rate", NOW, where={"channel": "walmart"})
    assert (nothing.value, nothing.extra["reason"]) == (None, "no attempts in the window")


def test_orders_reached_a_minute_by_stage(session: Session) -> None:
    count(session, "events", 10, step="order.placed", outcome="ok")
    count(session, "reached", 10, 30, channel="walmart", step=POSTED)
    answer = ask(session, "orders.reached", NOW, by=("channel", "step"))
    assert (answer.value, answer.groups[0].by) == (2.0, {"channel": "walmart", "step": POSTED})


def test_latency_is_read_from_merged_histograms(session: Session) -> None:
    count(session, "events", 10, step="order.placed", outcome="ok")
    for seconds, number, channel in ((60, 90, "a"), (600, 8, "b"), (6_000, 2, "b")):
        count(session, "reached", 10, number, bucket_of(seconds), channel=channel, step=POSTED)
    answer = ask(session, "latency", NOW, by=("channel",))
    assert answer.extra["count"] == 100
    expected = {share: bucket_middle(bucket_of(value)) for share, value in (("p50", 60), ("p95", 600), ("p99", 6_000))}
    assert {share: answer.extra[share] for share in expected} == expected
    assert answer.value == pytest.approx(600, rel=0.05)
    assert [group.extra["count"] for group in answer.groups] == [90, 10]
    past = ask(session, "latency", ago(15))
    assert (past.value, past.data_age_seconds) == (None, None)
    assert "nothing arrived" in past.extra["reason"]


def test_arrivals_age_is_the_wait_of_what_is_overdue(session: Session) -> None:
    count(session, "events", DAY, step="order.placed", outcome="ok")
    an_exception(session, "A", opened=10)  # its wait began 15 minutes earlier
    an_exception(session, "B", opened=50)
    an_exception(session, "C", opened=100, step="fulfilment.released")
    an_exception(session, "D", opened=900, kind="failed")
    an_exception(session, "E", opened=-5)
    session.flush()
    answer = ask(session, "arrivals.age", NOW, by=("step",))
    assert (answer.value, answer.extra["median"], answer.extra["orders"]) == (115 * 60, 65 * 60, 3)
    assert [(group.by["step"], group.extra["median"]) for group in answer.groups] == [
        ("fulfilment.released", 115 * 60),
        (POSTED, 45 * 60),
    ]
    calm = ask(session, "arrivals.age", ago(200))
    assert (calm.value, calm.extra["orders"]) == (None, 0)


@pytest.mark.usefixtures("_events")
def test_last_seen_is_the_longest_silence_and_hears_heartbeats(session: Session) -> None:
    answer = ask(session, "connector.last_seen", NOW, by=("connector",))
    assert {group.by["connector"]: group.value for group in answer.groups} == {"to-erp": 60, "to-wms": 180}
    assert (answer.value, answer.data_age_seconds) == (180, 60)
    then = ask(session, "connector.last_seen", ago(1.5), by=("connector",))
    assert {group.by["connector"]: group.extra["seen_at"] for group in then.groups} == {
        "to-erp": ago(2),
        "to-wms": ago(3),
    }
    assert ask(session, "connector.last_seen", NOW, where={"connector": "to-wms"}).value == 180
    assert ask(session, "connector.last_seen", ago(-8 * DAY)).value is None
