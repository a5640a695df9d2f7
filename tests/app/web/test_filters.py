"""Numbers, money and times read as ui.md says, in the reader's own format."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.core.money import Money
from app.web import filters

NOW = datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC)
CASES = [
    (filters.duration, (0,), "0 s"),
    (filters.duration, (0.84,), "0.8 s"),
    (filters.duration, (42,), "42 s"),
    (filters.duration, (59.9,), "59 s"),
    (filters.duration, (42 * 60 + 59,), "42 m"),
    (filters.duration, (3600,), "1 h"),
    (filters.duration, (3 * 3600 + 10 * 60,), "3 h 10 m"),
    (filters.duration, (2 * 86400 + 3 * 3600 + 59,), "2 d 3 h"),
    (filters.duration, (3 * 86400 + 59,), "3 d"),
    (filters.duration, (timedelta(minutes=-5),), "−5 m"),
    (filters.duration, (None,), "–"),
    (filters.ago, (NOW - timedelta(minutes=42), NOW), "42 m ago"),
    (filters.ago, (NOW + timedelta(hours=2), NOW), "in 2 h"),
    (filters.ago, (None, NOW), "never"),
    (filters.clock, (NOW,), "14:05:09"),
    (filters.clock, (NOW.astimezone(timezone(timedelta(hours=9))),), "14:05:09"),
    (filters.moment, (NOW,), "Mon 23 Nov 14:05"),
    (filters.moment, (datetime(2026, 11, 3, 4, 5, tzinfo=UTC),), "Tue 3 Nov 04:05"),
    (filters.iso, (NOW,), "2026-11-23T14:05:09Z"),
    (filters.iso, (NOW.replace(microsecond=120),), "2026-11-23T14:05:09.000120Z"),
    (filters.iso, (None,), ""),
    (filters.count, (1234,), "1,234"),
    (filters.count, (0,), "0"),
    (filters.count, (None,), "–"),
    (filters.percent, (0.93,), "93 %"),
    (filters.percent, (0.019,), "1.9 %"),
    (filters.percent, (0.0996,), "10 %"),
    (filters.percent, (0,), "0 %"),
    (filters.percent, (None,), "–"),
    (filters.money, (Money(99950, "GBP"),), "£999.50"),
    (filters.money, (Money(123456, "GBP"),), "£1,235"),
    (filters.money, (Money(-123456, "USD"),), "-US$1,235"),
    (filters.money, (Money(5000, "JPY"),), "JP¥5,000"),
    (filters.money, (None,), "–"),
    (filters.money_exact, (Money(123456, "GBP"),), "£1,234.56"),
    (filters.short_money, (Money(3_512_300, "GBP"),), "£35k"),
    (filters.short_money, (None,), "–"),
]


@pytest.mark.parametrize(("write", "given", "expected"), CASES)
def test_filter_writes(write: Callable[..., str], given: tuple[Any, ...], expected: str) -> None:
    assert write(*given) == expected


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en_GB"),
        ("de-DE,de;q=0.9,en;q=0.8", "de_DE"),
        ("xx-YY, fr;q=0.5", "fr"),
        ("*", "en_GB"),
        ("\x00'; drop table", "en_GB"),
        ("zh-Hant-TW", "zh_Hant_TW"),
    ],
)
def test_locale_is_the_first_that_has_formats(header: str, locale: str) -> None:
    assert filters.preferred_locale(header) == locale


def test_money_and_counts_follow_the_reader() -> None:
    token = filters.reader_locale.set("de_DE")
    try:
        assert filters.money(Money(123456, "EUR")) == "1.235\xa0€"
        assert filters.count(1234) == "1.234"
        assert filters.percent(0.019) == "1,9 %"
    finally:
        filters.reader_locale.reset(token)
