"""The filter as it is typed, taken apart and put together."""

from dataclasses import replace

import pytest

from app.exceptions.bands import BANDS
from app.exceptions.filters import read_filter
from app.exceptions.typed import any_age, band_filter, of_cause, suggest, with_term, without
from tests.app.tower.world import a_group


@pytest.mark.parametrize(
    ("q", "field", "rest"),
    [
        ("", "age", ""),
        ("age:>4h", "age", ""),
        ("channel:walmart age:>4h kind:failed", "age", "channel:walmart kind:failed"),
        ('owner:"erp integration" age:>4h', "owner", "age:>4h"),
        ("age:>1h age:<4h", "age", ""),
        ("sausage:1 age:>4h", "age", "sausage:1"),
    ],
)
def test_field_is_taken_out(q: str, field: str, rest: str) -> None:
    assert without(q, field) == rest


def test_term_takes_the_place_of_its_field() -> None:
    assert with_term("age:>4h kind:failed", "age:<15m") == "kind:failed age:<15m"


def test_band_leads_there_and_back() -> None:
    band = BANDS[2]
    q, is_current = band_filter("kind:failed", band)
    assert (q, is_current) == (f"kind:failed {band.filter}", False)
    assert band_filter(q or "", band) == ("kind:failed", True)
    assert band_filter(band.filter, band) == (None, True)


@pytest.mark.parametrize("band", BANDS)
def test_every_band_is_a_filter_that_can_be_read(band) -> None:
    assert read_filter(band.filter).terms.limits


def test_filter_is_widened_and_narrowed() -> None:
    wanted = read_filter("age:>4h value:>100 channel:walmart")
    assert [limit.name for limit in any_age(wanted).terms.limits] == ["value"]
    assert dict(of_cause(wanted, "c1").terms.values) == {"channel": ("walmart",), "cause": ("c1",)}


def test_suggestions_teach_what_is_not_used_yet_and_can_be_read() -> None:
    groups = [a_group(channels=("walmart", "amazon-uk")), replace(a_group(), channels=())]
    found = suggest("age:>1h", groups)
    assert [(field, value) for field, value, _ in found] == [
        ("channel", "amazon-uk"),
        ("owner", "none"),
        ("kind", "failed"),
    ]
    for _, _, q in found:
        assert read_filter(q).terms.limits
