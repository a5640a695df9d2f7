"""Histograms in the layout of OpenTelemetry's exponential histogram: mergeable, 9 % wide buckets (pure).

Bucket `i` holds values in (base**i, base**(i + 1)] with base = 2 ** (1 / 8) (scale 3); values are seconds.
https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
"""

from collections.abc import Mapping
from math import ceil, frexp, log2

SCALE = 3
ZERO_BUCKET = -1000  # for values of a microsecond and less, which have no logarithm worth keeping
UNTIMED = -2000  # for what is counted beside a histogram's values: that it happened is known, not how long it took


def bucket_of(seconds: float) -> int:
    """The bucket that a value falls into."""
    if seconds <= 1e-6:
        return ZERO_BUCKET
    fraction, power = frexp(seconds)
    if fraction == 0.5:  # an exact power of two belongs to the bucket below its boundary
        return ((power - 1) << SCALE) - 1
    return ceil(log2(seconds) * (1 << SCALE)) - 1


def bucket_upper(bucket: int) -> float:
    """The upper boundary of a bucket, in seconds."""
    return 0.0 if bucket == ZERO_BUCKET else float(2.0 ** ((bucket + 1) / (1 << SCALE)))


def bucket_middle(bucket: int) -> float:
    """The geometric middle of a bucket: the value that errs least."""
    return 0.0 if bucket == ZERO_BUCKET else float(2.0 ** ((bucket + 0.5) / (1 << SCALE)))


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The value below which `share` of all values lie, to within half a bucket; None without values."""
    total = sum(counts.values())
    if total <= 0:
        return None
    rank, seen = max(1, ceil(share * total)), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return bucket_middle(bucket)
    return None
