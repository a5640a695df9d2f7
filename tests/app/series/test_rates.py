"""Dated rates: the latest by the day asked about, exact factors, and nothing made up."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.money import Money
from app.metrics.money import SHIPPED, load_converter, load_converters, read_rates, seed_rates
from app.series.rates import Converter
from tests.app.metrics.rows import a_rate

MAY = datetime(2026, 5, 15, 12, tzinfo=UTC)


def test_the_latest_rate_by_that_day_counts_else_the_earliest(session: Session) -> None:
    a_rate(session, "GBP", "1")
    for day, euros in ((date(2026, 3, 1), "0.8"), (date(2026, 5, 15), "0.9"), (date(2026, 6, 1), "1.1")):
        a_rate(session, "USD", euros, day)
    session.flush()
    times = [datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 5, 14, tzinfo=UTC), MAY, datetime(2027, 1, 1, tzinfo=UTC)]
    rates = [converter.euros["USD"] for converter in load_converters(session, times, "GBP")]
    assert rates == [Decimal("0.8"), Decimal("0.8"), Decimal("0.9"), Decimal("1.1")]
    assert load_converter(session, MAY, "GBP").convert(Money(1_000, "USD")) == Money(900, "GBP")


def test_minor_units_of_each_currency_are_its_own() -> None:
    converter = Converter("GBP", {"GBP": Decimal(1), "JPY": Decimal("0.005"), "KWD": Decimal(3)})
    assert converter.convert(Money(1_000, "JPY")) == Money(500, "GBP")  # 1,000 yen are 5.00 pounds
    assert converter.convert(Money(1_000, "KWD")) == Money(300, "GBP")  # 1.000 dinar is 3.00 pounds
    assert converter.factor("JPY") == Fraction(1, 2)


def test_without_a_rate_there_is_no_amount() -> None:
    converter = Converter("GBP", {"USD": Decimal("0.9")})
    assert converter.convert(Money(1, "BRL")) is None
    assert converter.convert(Money(1, "USD")) is None  # our own rate is missing
    assert converter.convert(None) is None
    assert converter.convert(Money(7, "GBP")) == Money(7, "GBP")
    assert converter.parameters() == {"rate_currencies": ["GBP"], "rate_factors": [Decimal(1)]}


def test_seeding_gives_every_currency_a_rate_and_touches_none_that_is_there(session: Session) -> None:
    a_rate(session, "USD", "0.5")
    session.flush()
    seed_rates(session)
    seed_rates(session)
    found = session.execute(text("SELECT currency, count(*), max(euros) FROM exchange_rates GROUP BY currency"))
    rows = {currency: (number, euros) for currency, number, euros in found}
    assert rows.keys() == read_rates(SHIPPED.read_text())[1].keys()
    assert {number for number, _ in rows.values()} == {1}
    assert (rows["USD"][1], rows["GBP"][1], rows["EUR"][1]) == (Decimal("0.5"), Decimal("1.17"), Decimal(1))
