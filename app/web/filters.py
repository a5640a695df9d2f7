"""How numbers, money and times read on a page."""

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from app.core.money import Money, format_money, format_short

DEFAULT_LOCALE = "en_GB"
NOTHING = "–"

# The reader's locale while a page is rendered; macros do not see the page's variables.
reader_locale: ContextVar[str] = ContextVar("reader_locale", default=DEFAULT_LOCALE)


@lru_cache(maxsize=512)
def preferred_locale(accept_language: str) -> str:
    """Pick the first language of an Accept-Language header that has formats; the order is the browser's ranking."""
    for entry in accept_language.split(",")[:10]:
        try:
            locale = Locale.parse(entry.split(";")[0].strip(), sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        return str(locale)
    return DEFAULT_LOCALE


def money(amount: Money | None) -> str:
    """Write an amount, without minor units from 1,000."""
    return NOTHING if amount is None else format_money(amount, reader_locale.get())


def money_exact(amount: Money | None) -> str:
    """Write an amount to the last minor unit."""
    return NOTHING if amount is None else format_money(amount, reader_locale.get(), exact=True)


def short_money(amount: Money | None) -> str:
    """Write an amount in a few characters: £35k."""
    return NOTHING if amount is None else format_short(amount, reader_locale.get())


def duration(length: float | timedelta | None) -> str:
    """Write a stretch of time in its two largest units: 42 s, 42 m, 3 h 10 m, 2 d 3 h."""
    if length is None:
        return NOTHING
    exact = length.total_seconds() if isinstance(length, timedelta) else float(length)
    sign = "−" if exact < 0 else ""
    return sign + _duration(abs(exact))


def _duration(exact: float) -> str:
    seconds = int(exact)
    if seconds == 0 and exact >= 0.05:
        return f"{exact:.1f} s"
    for unit, size, smaller, part in (("d", 86_400, "h", 3600), ("h", 3600, "m", 60)):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds // 60} m" if seconds >= 60 else f"{seconds} s"


def ago(moment: datetime | None, now: datetime) -> str:
    """Say how long ago a moment was, or how far ahead it is."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    return f"{duration(seconds)} ago" if seconds >= 0 else f"in {duration(-seconds)}"


def clock(moment: datetime | None) -> str:
    """Write the time of day: 14:05:09."""
    return NOTHING if moment is None else f"{moment.astimezone(UTC):%H:%M:%S}"


def moment(at: datetime | None) -> str:
    """Write day and time: Mon 23 Nov 14:05."""
    return NOTHING if at is None else f"{at.astimezone(UTC):%a} {at.astimezone(UTC).day} {at.astimezone(UTC):%b %H:%M}"


def iso(at: datetime | None) -> str:
    """Write a moment for machines, and for addresses: 2026-11-23T14:05:09Z."""
    if at is None:
        return ""
    timespec = "microseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def count(number: float | None) -> str:
    """Write a number in groups: 1,234."""
    return NOTHING if number is None else str(format_decimal(number, locale=reader_locale.get()))


def percent(share: float | None) -> str:
    """Write a share: 93 %, and below ten with one decimal: 1.9 %."""
    if share is None:
        return NOTHING
    number = share * 100
    digits = "#,##0.#" if abs(number) < 9.95 else "#,##0"
    return f"{format_decimal(number, digits, locale=reader_locale.get())} %"


FILTERS = {
    function.__name__: function
    for function in (money, money_exact, short_money, duration, ago, clock, moment, iso, count, percent)
}
