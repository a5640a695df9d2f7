"""What a series is: its dimensions, and the number that stands for them alike in every process (pure)."""

from functools import lru_cache

from app.core.ids import fingerprint

# (metric, channel, connector, system, step, outcome, currency)
Dimensions = tuple[str, str, str, str, str, str, str]
# The same with a bucket: what minutes are counted of
Tallied = tuple[str, str, str, str, str, str, str, int]
# (series id, minute since the epoch, bucket): where a count stands
Slot = tuple[int, int, int]

COLUMNS = ("metric", "channel", "connector", "system", "step", "outcome", "currency")


@lru_cache(maxsize=20_000)
def series_id(dimensions: Dimensions) -> int:
    """Number a series by its dimensions."""
    return fingerprint(*dimensions).int >> 65
