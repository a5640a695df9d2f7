"""Sums over windows from minutes and days, levels, and when something was last counted."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.series.query import Wanted, last_seen, sum_until, sum_windows
from tests.app.metrics.rows import ago, count
from tests.builders import NOW

DAY = 24 * 60


def total(session: Session, since: datetime, until: datetime, metric: str = "m") -> int:
    return sum(sum_windows(session, Wanted(metric), [(since, until)])[0].values())


def test_a_window_holds_its_start_and_not_its_end(session: Session) -> None:
    for minutes in (10, 5, 0):
        count(session, "m", minutes)
    assert total(session, ago(10), ago(0)) == 2
    assert total(session, ago(9), ago(-1)) == 2
    assert total(session, ago(4), ago(1)) == 0


def test_windows_may_overlap_and_are_parted_by_dimension_and_bucket(session: Session) -> None:
    count(session, "m", 30, 2, channel="a", step="x")
    count(session, "m", 10, 3, 7, channel="a", step="y")
    count(session, "m", 10, 5, channel="b", step="x")
    wanted = Wanted("m", ("channel",), with_buckets=True)
    wide, narrow = sum_windows(session, wanted, [(ago(60), NOW), (ago(20), NOW)])
    assert wide == {(("a",), 0): 2, (("a",), 7): 3, (("b",), 0): 5}
    assert narrow == {(("a",), 7): 3, (("b",), 0): 5}
    only = sum_windows(session, Wanted("m", (), (("step", "x"),)), [(ago(60), NOW)])[0]
    assert only == {((), 0): 7}


def test_pulses_count_only_when_asked_for(session: Session) -> None:
    count(session, "m", 5, step="connector.heartbeat")
    count(session, "m", 6, step="order.placed")
    assert total(session, ago(60), NOW) == 1
    assert sum(sum_windows(session, Wanted("m", with_pulses=True), [(ago(60), NOW)])[0].values()) == 2
    assert last_seen(session, Wanted("m"), [NOW]) == [{(): ago(6)}]
    assert last_seen(session, Wanted("m", with_pulses=True), [NOW]) == [{(): ago(5)}]


def test_levels_and_last_seen_are_of_their_own_time(session: Session) -> None:
    for minutes, change in ((3 * DAY, 4), (50, 2), (20, -1)):
        count(session, "m", minutes, change, connector="c")
    sums = sum_until(session, Wanted("m", ("connector",)), [ago(4 * DAY), ago(50), ago(49), NOW])
    assert sums == [{}, {(("c",), 0): 4}, {(("c",), 0): 6}, {(("c",), 0): 5}]
    seen = last_seen(session, Wanted("m", ("connector",)), [ago(4 * DAY), ago(50), NOW])
    assert seen == [{}, {("c",): ago(50)}, {("c",): ago(50)}]  # what was taken away is no sign of life


def test_unknown_dimensions_are_refused_before_they_reach_the_database(session: Session) -> None:
    with pytest.raises(ValueError, match="no dimension"):
        sum_windows(session, Wanted("m", ("channel; DROP TABLE series",)), [(ago(1), NOW)])


minutes = st.integers(0, 4 * DAY)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(minutes, st.integers(-3, 9)), max_size=12), st.lists(st.tuples(minutes, minutes), max_size=5))
def test_days_and_minutes_together_give_the_plain_sum(
    session: Session, counts: list[tuple[int, int]], spans: list[tuple[int, int]]
) -> None:
    with session.begin_nested() as point:
        for at, number in counts:
            count(session, "plain", at, number)
        windows = [(ago(max(span)), ago(min(span))) for span in spans]
        sums = sum_windows(session, Wanted("plain"), windows)
        expected = [sum(n for at, n in counts if since <= ago(at) < until) for since, until in windows]
        assert [sum(found.values()) for found in sums] == expected
        point.rollback()
