"""Business time: weekends and public holidays do not count."""

from datetime import UTC, datetime, time, timedelta

import pytest

from app.journeys.calendar import Calendar

WHOLE_DAYS = Calendar("GB")
OFFICE = Calendar("GB", zone="Europe/London", opens=time(9), closes=time(17))


def utc(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        pytest.param(WHOLE_DAYS, utc(23, 12), 24, utc(24, 12), id="Monday to Tuesday"),
        pytest.param(WHOLE_DAYS, utc(20, 12), 24, utc(23, 12), id="over a weekend"),
        pytest.param(WHOLE_DAYS, utc(21, 12), 1, utc(23, 1), id="begun on a Saturday"),
        pytest.param(WHOLE_DAYS, utc(24, 12, 12), 24, utc(29, 12, 12), id="over Christmas"),
        pytest.param(OFFICE, utc(23, 16), 2, utc(24, 10), id="office hours"),
        pytest.param(OFFICE, utc(23, 3), 1, utc(23, 10), id="before the office opens"),
        pytest.param(OFFICE, utc(30, 15, 3), 1, utc(30, 16, 3), id="summer time: 17:00 in London is 16:00 UTC"),
    ],
)
def test_working_time_is_added(calendar: Calendar, start: datetime, hours: float, end: datetime) -> None:
    assert calendar.add(start, timedelta(hours=hours)) == end


def test_a_deadline_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="ten years"):
        WHOLE_DAYS.add(utc(23, 12), timedelta(days=9000))
