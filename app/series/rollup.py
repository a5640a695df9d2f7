"""Adds the difference of two folds to the minute and day counts, and names the series."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.series.series import COLUMNS, Dimensions, Slot, series_id

GRAINS = (60, 86_400)

_NAME = """
INSERT INTO series (id, metric, channel, connector, system, step, outcome, currency)
SELECT * FROM unnest(:id ::bigint[], :metric ::text[], :channel ::text[], :connector ::text[], :system ::text[],
    :step ::text[], :outcome ::text[], :currency ::text[])
ORDER BY 1 ON CONFLICT DO NOTHING
"""

_ADD = """
INSERT INTO rollups (series_id, grain, at, bucket, count)
SELECT * FROM unnest(:series ::bigint[], :grain ::bigint[], :at ::timestamptz[], :bucket ::bigint[], :count ::bigint[])
ORDER BY 1, 2, 3, 4
ON CONFLICT (series_id, grain, at, bucket) DO UPDATE SET count = rollups.count + EXCLUDED.count
"""


def name_series(session: Session, wanted: Iterable[Dimensions]) -> None:
    """Write down what series mean; those that are known already stay as they are."""
    ordered = sorted(wanted, key=series_id)
    if ordered:
        columns: dict[str, Iterable[object]] = {"id": [series_id(one) for one in ordered]}
        columns |= {name: [one[place] for one in ordered] for place, name in enumerate(COLUMNS)}
        session.execute(text(_NAME), arrays(**columns))


def add_differences(session: Session, differences: Mapping[Slot, int]) -> None:
    """Add signed counts to both grains, in one order for every worker."""
    sums: Counter[tuple[int, int, int, int]] = Counter()
    for (series, minute, bucket), count in differences.items():
        if count:
            for grain in GRAINS:
                sums[series, grain, minute * 60 // grain * grain, bucket] += count
    rows = [(slot, count) for slot, count in sums.items() if count]
    if rows:
        columns: dict[str, Iterable[object]] = {
            "series": [slot[0] for slot, _ in rows],
            "grain": [slot[1] for slot, _ in rows],
            "at": [datetime.fromtimestamp(slot[2], UTC) for slot, _ in rows],
            "bucket": [slot[3] for slot, _ in rows],
            "count": [count for _, count in rows],
        }
        session.execute(text(_ADD), arrays(**columns))
