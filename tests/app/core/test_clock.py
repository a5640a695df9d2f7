"""Times and durations as people and systems write them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import floor_time, parse_duration, parse_time


def test_times_are_read_into_utc() -> None:
    assert parse_time("2026-11-23T12:00:00+02:00") == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        parse_time("2026-11-23T12:00:00")


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", timedelta(seconds=90)), ("15m", timedelta(minutes=15)), ("1.5h", timedelta(minutes=90))],
)
def test_durations(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["15", "m", "15x", "-4h", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_floors_count_from_the_epoch() -> None:
    moment = datetime(2026, 11, 23, 12, 7, 31, tzinfo=UTC)
    assert floor_time(moment, timedelta(minutes=5)) == datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
