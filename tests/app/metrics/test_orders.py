"""Orders late, due soon, open and in flight; open exceptions by age."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.exceptions.bands import BANDS
from app.metrics.catalogue import ask, ask_series
from tests.app.metrics.rows import POSTED, a_cause, a_rate, a_stake, ago, an_exception, count
from tests.builders import NOW

HOUR, DAY = 60, 24 * 60


@pytest.fixture(autouse=True)
def _facts(session: Session) -> None:
    count(session, "events", 10 * DAY, step="order.placed", outcome="ok")


def test_an_order_counts_once_whatever_is_wrong_with_it(session: Session) -> None:
    a_cause(session, "c1")
    a_cause(session, "c2")
    an_exception(session, "A", opened=30)
    an_exception(session, "A", opened=30, step="fulfilment.released", cause="c2")
    an_exception(session, "B", opened=10, cause="c2", kind="failed")
    a_stake(session, "A", 5_000, opened=30)
    a_stake(session, "B", None, None, opened=10)
    session.flush()
    answer = ask(session, "exceptions.open", NOW, by=("cause",))
    assert (answer.value, answer.extra["gross"], answer.coverage) == (2, 5_000, 0.5)
    assert [(group.by["cause"], group.value) for group in answer.groups] == [("c2", 2), ("c1", 1)]
    assert ask(session, "orders.late", NOW).value == 1
    assert ask(session, "orders.late", NOW, where={"cause": "c2"}).value == 1


def test_open_means_opened_and_not_closed_at_that_time(session: Session) -> None:
    an_exception(session, "A", opened=60, closed=20)
    an_exception(session, "B", opened=-5)
    session.flush()
    asked = [ago(61), ago(60), ago(20.01), ago(20), NOW]
    assert [answer.value for answer in ask_series(session, "orders.late", asked)] == [0, 1, 1, 0, 0]


def test_only_failures_that_have_just_begun_and_go_on_are_beginning_to_fail(session: Session) -> None:
    a_cause(session, "c1")
    a_cause(session, "c2", system="wms")
    an_exception(session, "A", opened=0.9, kind="failed")
    an_exception(session, "B", opened=0.5, kind="dead-lettered", cause="c2")
    an_exception(session, "C", opened=0.5, kind="failed", since_at=ago(3))
    an_exception(session, "D", opened=0.5, closed=0.2, kind="failed")
    an_exception(session, "E", opened=0.5)
    session.flush()
    answer = ask(session, "orders.failing", NOW, by=("system",))
    assert {group.by["system"]: group.value for group in answer.groups} == {"netsuite": 1, "wms": 1}
    assert [one.value for one in ask_series(session, "orders.failing", [ago(0.3), ago(0.9), ago(1)])] == [3, 1, 0]
    assert ask(session, "orders.failing", NOW, window=timedelta(minutes=5)).value == 3


def test_six_bands_always_with_count_and_value(session: Session) -> None:
    a_rate(session, "GBP", "1")
    a_rate(session, "EUR", "1")
    for place, minutes in enumerate((5, 15, 59, 60, 300, 2 * DAY, 3 * DAY)):
        an_exception(session, f"O{place}", opened=minutes)
        a_stake(session, f"O{place}", 100, "EUR", opened=minutes)
    an_exception(session, "O0", opened=4, since_at=ago(DAY), kind="failed")  # its trouble is a day old
    session.flush()
    answer = ask(session, "exceptions.open", NOW, by=("age",))
    assert [group.by["age"] for group in answer.groups] == [band.name for band in BANDS]
    assert [group.value for group in answer.groups] == [0, 2, 1, 1, 2, 1]
    assert [group.extra["gross"] for group in answer.groups] == [0, 200, 100, 100, 200, 100]
    empty = ask(session, "exceptions.open", ago(20 * DAY), by=("age",))
    assert empty.value is None
    assert ask(session, "exceptions.open", NOW, where={"age": "15m..1h"}).value == 2


def test_due_soon_looks_ahead_and_leaves_out_what_is_late(session: Session) -> None:
    an_exception(session, "A", opened=-30)
    an_exception(session, "B", opened=-60)
    an_exception(session, "C", opened=-61)
    an_exception(session, "D", opened=-10)
    an_exception(session, "D", opened=5, step="fulfilment.released")  # late already
    an_exception(session, "E", opened=-10, kind="failed")
    session.flush()
    answer = ask(session, "orders.due_soon", NOW, by=("step",))
    assert (answer.value, answer.extra["next_at"]) == (2, ago(-30))
    assert [(group.by["step"], group.value) for group in answer.groups] == [(POSTED, 2)]
    assert ask(session, "orders.due_soon", ago(-1.5)).value == 3


def test_a_deadline_met_later_was_still_to_come_then(session: Session) -> None:
    an_exception(session, "A", opened=10, closed=20)  # due ten minutes ago, reached twenty minutes ago
    session.flush()
    then, reached, late = ask_series(session, "orders.due_soon", [ago(30), ago(20), ago(5)])
    assert (then.value, reached.value, late.value) == (1, 0, 0)
    assert ask(session, "orders.late", ago(5)).value == 0


def test_levels_are_sums_over_all_time_before(session: Session) -> None:
    for minutes, change in ((3 * DAY, 5), (2 * DAY, -1), (30, 4), (10, -2)):
        count(session, "open", minutes, change, channel="amazon-uk")
    count(session, "open", 20, 1, channel="walmart")
    values = [answer.value for answer in ask_series(session, "orders.open", [ago(DAY), ago(30), ago(29), NOW])]
    assert values == [4, 4, 8, 7]
    assert [(g.by["channel"], g.value) for g in ask(session, "orders.open", NOW, by=("channel",)).groups] == [
        ("amazon-uk", 6),
        ("walmart", 1),
    ]


def test_value_in_flight_is_converted_by_stage(session: Session) -> None:
    for currency, euros in (("GBP", "1"), ("USD", "0.5")):
        a_rate(session, currency, euros)
    session.flush()
    count(session, "in_flight", 10, 3, channel="amazon-uk", step=POSTED)
    count(session, "in_flight_value", 10, 2_000, channel="amazon-uk", step=POSTED, currency="USD")
    count(session, "in_flight_value", 10, 500, channel="amazon-uk", step=POSTED, currency="GBP")
    count(session, "in_flight_value", 10, 999, channel="amazon-uk", step=POSTED, currency="BRL")
    answer = ask(session, "orders.in_flight_value", NOW, by=("channel", "step"))
    assert (answer.value, answer.groups[0].value, answer.extra["without_rate"]) == (1_500, 1_500, ["BRL"])
    assert ask(session, "orders.in_flight", NOW, where={"step": POSTED}).value == 3
