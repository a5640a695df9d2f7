"""Dated exchange rates: converts minor units of any currency into the one that sums are shown in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import remembered
from app.core.money import Money, exponent

_RATES = text("""
    SELECT asked.day, known.currency,
           coalesce(
             (SELECT r.euros FROM exchange_rates r
               WHERE r.currency = known.currency AND r.day <= asked.day ORDER BY r.day DESC LIMIT 1),
             (SELECT r.euros FROM exchange_rates r WHERE r.currency = known.currency ORDER BY r.day LIMIT 1)) AS euros
      FROM unnest(CAST(:days AS date[])) AS asked(day)
     CROSS JOIN (SELECT DISTINCT currency FROM exchange_rates) AS known
""")

# A table of what one minor unit of each currency is worth in minor units of ours.
RATES = "unnest(CAST(:rate_currencies AS text[]), CAST(:rate_factors AS numeric[])) AS rate(currency, factor)"


@dataclass(frozen=True, slots=True)
class Converter:
    """What one unit of each currency is worth in euros at one time, and the currency to convert into."""

    currency: str
    euros: Mapping[str, Decimal]

    def factor(self, currency: str | None) -> Fraction | None:
        """Say how many minor units of our currency one minor unit of `currency` is worth; None without a rate."""
        if currency is None:
            return None
        if currency == self.currency:
            return Fraction(1)
        theirs, ours = self.euros.get(currency), self.euros.get(self.currency)
        if theirs is None or ours is None:
            return None
        return Fraction(theirs) / Fraction(ours) * Fraction(10) ** (exponent(self.currency) - exponent(currency))

    def convert(self, money: Money | None) -> Money | None:
        """Convert an amount, rounded to a whole minor unit; None when it or its rate is unknown."""
        factor = self.factor(money.currency) if money else None
        return Money(round(money.minor * factor), self.currency) if money and factor is not None else None

    @property
    def units(self) -> int:
        """Minor units that make a whole one."""
        return int(10 ** exponent(self.currency))

    def parameters(self) -> dict[str, object]:
        """Fill in RATES: the factors by currency, for statements that sort or filter by converted amounts."""
        factors = {currency: self.factor(currency) for currency in sorted({*self.euros, self.currency})}
        known = {name: Decimal(one.numerator) / Decimal(one.denominator) for name, one in factors.items() if one}
        return {"rate_currencies": list(known), "rate_factors": list(known.values())}


def load_converter(session: Session, at: datetime, currency: str) -> Converter:
    """Read the rates of one time."""
    return load_converters(session, [at], currency)[0]


def load_converters(session: Session, ats: Sequence[datetime], currency: str) -> list[Converter]:
    """Read the rates of many times in one statement: the latest of each day or before, else the earliest known."""
    days = [at.date() for at in ats]
    wanted = tuple(sorted(set(days)))
    by_day = remembered(session, ("rates", wanted), lambda: _read_days(session, wanted))
    return [Converter(currency, by_day.get(day, {})) for day in days]


def _read_days(session: Session, days: Sequence[date]) -> dict[date, dict[str, Decimal]]:
    by_day: dict[date, dict[str, Decimal]] = {}
    for row in session.execute(_RATES, {"days": list(days)}):
        by_day.setdefault(row.day, {})[row.currency] = row.euros
    return by_day
