"""Money: minor units by each currency's own exponent, and nothing that is not a decimal number."""

import pytest

from app.core.money import Money, format_money, format_short, parse_minor


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("99.50", "USD", 9950),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("-5", "GBP", -500),
        ("1e3", "EUR", 100_000),
        (7, "GBP", 700),
    ],
)
def test_amounts_become_minor_units(value: str, currency: str, minor: int) -> None:
    assert parse_minor(value, currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "reason"),
    [
        ("9.999", "USD", "more decimals than USD allows"),
        ("1.5", "JPY", "more decimals"),
        ("abc", "USD", "not a decimal number"),
        ("1_000", "USD", "not a decimal number"),
        ("NaN", "USD", "not a decimal number"),
        ("٣", "USD", "not a decimal number"),
        ("9e999", "USD", "out of range"),
        ("9e15", "USD", "out of range"),
        ("1", "XQZ", "unknown currency"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_reason(value: str, currency: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_minor(value, currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123_456_789, "GBP"), "£1,234,568"),
        (Money(9_950, "USD"), "US$99.50"),
        (Money(99_950, "JPY"), "JP¥99,950"),
        (Money(-123_456, "GBP"), "-£1,235"),
    ],
)
def test_amounts_for_people_have_no_pence_above_a_thousand(money: Money, text: str) -> None:
    assert format_money(money) == text


def test_the_exact_amount_can_be_had() -> None:
    assert format_money(Money(123_456_789, "GBP"), exact=True) == "£1,234,567.89"


@pytest.mark.parametrize(
    ("minor", "text"), [(3_519_600, "£35k"), (412_600, "£4.1k"), (98_000, "£980"), (123_456_789_00, "£123m")]
)
def test_short_amounts_fit_a_map(minor: int, text: str) -> None:
    assert format_short(Money(minor, "GBP")) == text
