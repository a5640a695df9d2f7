"""The text filter language: what it reads, what it refuses, and the SQL it becomes."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import PayloadError
from app.core.terms import Field, Limit, conditions, did_you_mean, read_terms

FIELDS = {
    "channel": Field("text", "channel:amazon-uk"),
    "status": Field("text", "status:open", ("open", "closed")),
    "owner": Field("text", 'owner:"erp integration"', is_folded=True),
    "age": Field("age", "age:>4h"),
    "value": Field("amount", "value:>100"),
}


def test_it_reads_words_values_and_limits() -> None:
    terms = read_terms('SO-1 channel:a channel:b* owner:"ERP Integration" age:>4h value:<=99.50', FIELDS)
    assert terms.words == ("SO-1",)
    assert terms.values == {"channel": ("a", "b*"), "owner": ("erp integration",)}
    assert terms.limits == (Limit("age", ">", Decimal(14_400)), Limit("value", "<=", Decimal("99.50")))


def test_a_range_holds_its_start_and_not_its_end() -> None:
    assert read_terms("age:15m..1h", FIELDS).limits == (
        Limit("age", ">=", Decimal(900)),
        Limit("age", "<", Decimal(3600)),
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("chanel:a", "'chanel' is not something to filter by", "Did you mean channel:amazon-uk?"),
        ("colour:red", "'colour'", "You can filter by channel:, status:"),
        ("status:opne", "status:opne is not known", "Did you mean open?"),
        ("channel:", "needs a value", "channel:amazon-uk"),
        ("age:4h", "needs a comparison", "age:>4h"),
        ("age:>4 hours", "cannot read '4'", "age:>4h"),
        ("value:>ten", "cannot read 'ten'", "value:>100"),
        ("value:>NaN", "cannot read 'NaN'", "value:>100"),
        ("age:1h..", "cannot read ''", "age:>4h"),
        ('owner:"erp', "quotation mark", "owner:"),
    ],
)
def test_it_says_what_is_wrong_and_what_was_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_terms(text, FIELDS)
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    with suppress(PayloadError):
        assert set(read_terms(text, FIELDS).values) <= FIELDS.keys()


def test_conditions_hold_values_as_parameters_only() -> None:
    terms = read_terms("channel:a channel:50%_* age:<1h value:>5", FIELDS)
    parts, parameters = conditions(terms, {"channel": "x.channel", "age": "x.age"})
    assert parts == [
        "(x.channel = ANY(CAST(:channel_is AS text[])) OR x.channel LIKE ANY(CAST(:channel_like AS text[])))",
        "x.age < :limit_0",
    ]
    assert parameters == {"channel_is": ["a"], "channel_like": [r"50\%\_%"], "limit_0": Decimal(3600)}


def test_a_suggestion_names_all_when_nothing_is_near() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "Known are: a, b."
