"""The chart's findings, case by case."""

from datetime import timedelta

import pytest

from app.metrics.metric import Answer
from app.tower.trend import calm_trend, failing_trend, falling_behind_trend
from tests.app.tower.world import FLOW
from tests.builders import NOW

WIDTH, WINDOW, DAY = timedelta(minutes=10), timedelta(hours=4), timedelta(days=1)
POST = "erp.order.posted"


def tried(*failed: int, attempts: int = 40) -> list[Answer]:
    return [
        answer(one, extra={"attempts": attempts, "failed": one}, place=n, of=len(failed))
        for n, one in enumerate(failed)
    ]


def rates(*values: float | None) -> list[Answer]:
    return [answer(value, {}, n, len(values)) for n, value in enumerate(values)]


def answer(value: float | None, extra: dict[str, int], place: int, of: int) -> Answer:
    return Answer(NOW - WIDTH * (of - 1 - place), value, extra=extra)


@pytest.mark.parametrize(
    ("failed", "title"),
    [
        ((0, 0, 0, 0, 20, 20, 20), "Failures to post to ERP began at 11:30 and go on"),
        ((0, 5, 5, 5, 10, 20, 30), "Failures to post to ERP began at 11:00 and grow"),
        ((0, 30, 30, 30, 9, 8, 7), "Failures to post to ERP began at 11:00 and ease"),
        ((0, 0, 20, 20, 20, 1, 0), "Failures to post to ERP ended at 11:40"),
        ((20, 20, 20, 20, 20, 20, 20), "Attempts to post to ERP fail throughout"),
    ],
)
def test_title_states_the_finding(failed: tuple[int, ...], title: str) -> None:
    trend = failing_trend(FLOW, POST, tried(*failed), WIDTH)
    assert trend is not None
    assert trend.title == title


def test_failing_and_done_are_shown_a_minute() -> None:
    trend = failing_trend(FLOW, POST, tried(0, 0, 20), WIDTH)
    assert trend is not None
    assert trend.rows[1] == ["23 Nov 12:00", "2", "2"]
    assert '"name":"failed"' in trend.figure


def test_without_recent_failures_something_else_is_the_matter() -> None:
    assert failing_trend(FLOW, POST, tried(20, 0, 0, 0, 0, 0, 0), WIDTH) is None


@pytest.mark.parametrize(
    ("left", "title"),
    [
        ((2, 2, 2, 0, 0), "Fewer orders post to ERP than should since 11:40"),
        ((2, 2, 2, 2, 2), "How many orders post to ERP a minute"),
    ],
)
def test_falling_behind_tells_since_when(left: tuple[float, ...], title: str) -> None:
    assert falling_behind_trend(FLOW, POST, rates(2, 2, 2, 2, 2), rates(*left), WIDTH).title == title


@pytest.mark.parametrize(
    ("now", "before", "title"),
    [
        ((3, 3), (3, 3.5), "Orders run as they did a day before"),
        ((3, 3), (6, 6), "Orders run 50 % below those of a day before"),
        ((6, 6), (3, 3), "Orders run 100 % above those of a day before"),
        ((6, 6), (None, 3), "6.0 orders a minute over the last 4 h"),
        ((3, 3.6), (None, None), "3.3 orders a minute over the last 4 h"),
    ],
)
def test_calm_orders_are_held_against_the_day_before(now, before, title: str) -> None:
    trend = calm_trend(rates(*now), rates(*before), WINDOW, DAY)
    assert trend is not None
    assert trend.title == title


def test_a_week_is_held_against_the_week_before() -> None:
    trend = calm_trend(rates(3, 3), rates(3, 3), 7 * DAY, 7 * DAY)
    assert trend is not None
    assert trend.title == "Orders run as they did a week before"


def test_nothing_known_is_no_trend() -> None:
    assert calm_trend(rates(None, None), rates(None, None), WINDOW, DAY) is None
