"""Histograms: buckets as OpenTelemetry lays them out, and quantiles within half a bucket."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.series.maths import ZERO_BUCKET, bucket_middle, bucket_of, bucket_upper, quantile


@given(st.floats(1e-5, 1e9))
def test_a_value_lies_in_its_bucket(seconds: float) -> None:
    bucket = bucket_of(seconds)
    assert bucket_upper(bucket - 1) * (1 - 1e-12) <= seconds <= bucket_upper(bucket) * (1 + 1e-12)


def test_exact_powers_belong_to_the_bucket_that_ends_there() -> None:
    assert [bucket_of(2.0**power) for power in (-1, 0, 1, 5)] == [-9, -1, 7, 39]


def test_nothing_has_no_logarithm() -> None:
    assert bucket_of(0) == ZERO_BUCKET
    assert bucket_middle(ZERO_BUCKET) == 0.0


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_quantiles_err_by_half_a_bucket_at_most(values: list[float], share: float) -> None:
    told = quantile(Counter(map(bucket_of, values)), share)
    exact = sorted(values)[max(0, -(-len(values) * int(share * 100) // 100) - 1)]
    assert told is not None
    assert abs(told / exact - 1) < 0.046


def test_no_values_have_no_quantile() -> None:
    assert quantile({}, 0.5) is None
