"""Depth and drain time of queues from their samples; what is not known is not made up."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.metrics.catalogue import ask, ask_series
from app.metrics.drain import NEVER, NO_DEPTH, TOO_FEW, Drain, Rates, Sample, drain_time, measure_rates
from tests.app.metrics.rows import a_sample, ago
from tests.builders import NOW


def a_queue(session: Session, name: str, depths: list[int | None], *, published: int, consumed: int) -> None:
    """A sample a minute, the last one now."""
    for place, depth in enumerate(reversed(depths)):
        a_sample(session, name, at=place, depth=depth, published=published, consumed=consumed)
    session.flush()


def test_depth_is_the_latest_sample_of_each_queue(session: Session) -> None:
    a_queue(session, "orders.us", [5, 40, 30], published=10, consumed=20)
    a_sample(session, "orders.eu", at=2, depth=7, oldest_seconds=90.0, dead_letters=3)
    a_sample(session, "invoices", at=11, depth=9)
    session.flush()
    answer = ask(session, "queue.depth", NOW, by=("queue",))
    assert (answer.value, answer.coverage, answer.data_age_seconds) == (37, pytest.approx(2 / 3), 0)
    assert {group.by["queue"]: group.value for group in answer.groups} == {
        "orders.us": 30,
        "orders.eu": 7,
        "invoices": None,
    }
    eu = next(group for group in answer.groups if group.by["queue"] == "orders.eu")
    assert (eu.extra["oldest_seconds"], eu.extra["dead_letters"], eu.extra["consumers"]) == (90.0, 3, None)
    assert ask(session, "queue.depth", NOW, where={"queue": "orders.eu"}).value == 7
    assert ask(session, "queue.depth", NOW, by=("broker",)).groups[0].by == {"broker": "rabbitmq"}


def test_depth_of_the_past_and_of_silence(session: Session) -> None:
    a_sample(session, at=30, depth=12)
    session.flush()
    before, then, stale = ask_series(session, "queue.depth", [ago(40), ago(25), NOW])
    assert (before.value, before.extra["reason"]) == (None, "no samples yet")
    assert (then.value, then.data_age_seconds) == (12, 300)
    assert (stale.value, stale.coverage, stale.extra["reason"]) == (None, 0, "no recent sample")
    assert ask(session, "queue.depth", NOW + timedelta(days=8)).extra["reason"] == "no samples yet"


def test_drain_time_is_depth_over_the_net_rate(session: Session) -> None:
    a_queue(session, "orders.us", [100] * 10, published=10, consumed=20)
    answer = ask(session, "queue.drain_time", NOW, by=("queue",))
    assert (answer.value, answer.low, answer.high) == (600, 600, 600)
    assert answer.groups[0].extra["service_per_minute"] == 20


def test_a_queue_served_no_faster_than_it_fills_never_drains(session: Session) -> None:
    a_queue(session, "orders.us", [100] * 10, published=20, consumed=20)
    a_queue(session, "orders.eu", [0] * 10, published=5, consumed=5)
    answer = ask(session, "queue.drain_time", NOW, by=("queue",))
    assert (answer.value, answer.extra["reason"], answer.coverage) == (None, "never", 1)
    assert {group.by["queue"]: (group.value, group.extra["reason"]) for group in answer.groups} == {
        "orders.us": (None, "never"),
        "orders.eu": (0.0, None),
    }


def a_span(depth: int | None, published: int | None, consumed: int | None, minutes: int) -> Sample:
    at = NOW + timedelta(minutes=minutes)
    return Sample("q", "rabbitmq", at, depth, None, None, published, consumed, None, None)


def test_only_samples_that_found_work_say_how_fast_it_is_done() -> None:
    idle = [a_span(0, 4, 4, place) for place in range(10)]
    busy = [a_span(50, 4, 30, 10), a_span(40, 4, 50, 11), a_span(30, None, None, 12), a_span(None, 4, 9, 14)]
    rates = measure_rates([*idle, *busy], NOW)
    assert rates == Rates(arrival=(9 * 4 + 4 + 4 + 4) / 13, service=40.0, slow=None, fast=None)


def test_the_range_is_the_slow_and_the_fast_half() -> None:
    samples = [
        a_span(9, 0, 0, 0),
        *(a_span(9, 10, consumed, place + 1) for place, consumed in enumerate((30, 10, 40, 20))),
    ]
    rates = measure_rates(samples, NOW)
    assert (rates.slow, rates.service, rates.fast) == (15.0, 25.0, 35.0)
    assert drain_time(150, rates) == Drain(600, 360, 1800)


@pytest.mark.parametrize(
    ("depth", "rates", "drain"),
    [
        (0, Rates(None, None, None, None), Drain(0.0, 0.0, 0.0)),
        (None, Rates(1.0, 2.0, None, None), Drain(None, reason=NO_DEPTH)),
        (5, Rates(1.0, None, None, None), Drain(None, reason=TOO_FEW)),
        (5, Rates(None, 1.0, None, None), Drain(None, reason=TOO_FEW)),
        (5, Rates(2.0, 2.0, None, None), Drain(None, reason=NEVER)),
        (5, Rates(2.0, 4.0, 1.0, 7.0), Drain(150, 60, None)),
    ],
)
def test_drain_cases(depth: int | None, rates: Rates, drain: Drain) -> None:
    assert drain_time(depth, rates) == drain
