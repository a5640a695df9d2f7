"""Money: integer minor units with an ISO 4217 currency, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_precision

MOST_DIGITS = 12
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (pence, cents, yen) of a currency."""

    minor: int
    currency: str

    @property
    def major(self) -> Decimal:
        """The amount in whole units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Decimal places of a currency: JPY 0, USD 2, KWD 3."""
    return get_currency_precision(currency)


@lru_cache
def known_currencies() -> frozenset[str]:
    """Codes of ISO 4217, as the Unicode locale data list them."""
    return frozenset(Locale("en").currencies)


def parse_minor(value: str | int | Decimal, currency: str) -> int:
    """Turn a decimal text into minor units; ValueError says what is wrong with it."""
    if currency not in known_currencies():
        raise ValueError(f"unknown currency {currency!r}: use an ISO 4217 code such as USD")
    if not _DECIMAL.fullmatch(str(value)):
        raise ValueError(f"amount {value!r} is not a decimal number: write it as text, such as '99.50'")
    amount, places = Decimal(value), exponent(currency)
    if amount.adjusted() > MOST_DIGITS:
        raise ValueError(f"amount {value!r} is out of range")
    scaled = amount.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"amount {value!r} has more decimals than {currency} allows ({places})")
    return int(scaled)


def format_money(money: Money, locale: str = "en_GB", *, exact: bool = False) -> str:
    """Write an amount for people: no minor units above 1,000 unless `exact`."""
    if exact or abs(money.major) < 1000:
        return format_currency(money.major, money.currency, locale=locale)
    return format_currency(money.major, money.currency, locale=locale, format=_whole(locale), currency_digits=False)


def format_short(money: Money, locale: str = "en_GB") -> str:
    """Write an amount in as few characters as a map allows: £35k, £4.1k, £980."""
    amount = money.major
    for size, mark in ((Decimal(10**6), "m"), (Decimal(10**3), "k")):
        if abs(amount) >= size:
            digits = "#,##0.0" if abs(amount) < 10 * size else "#,##0"
            pattern = f"¤{digits}"
            return format_currency(amount / size, money.currency, pattern, locale, currency_digits=False) + mark
    return format_currency(amount, money.currency, "¤#,##0", locale, currency_digits=False)


@lru_cache
def _whole(locale: str) -> str:
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    return str(pattern).replace(".00", "")
