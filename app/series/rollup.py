"""Adds the difference of two folds to the minute and day counts, and names the series."""

from collections import Counter
from collections.abc import Iterable, Mapping

from app.core.arrays import arrays
from app.core.behind import Write
from app.series.series import COLUMNS, Dimensions, Slot, series_id

GRAINS = (60, 86_400)

_NAME = """
INSERT INTO series (id, metric, channel, connector, system, step, outcome, currency)
SELECT * FROM unnest(%(id)s ::bigint[], %(metric)s ::text[], %(channel)s ::text[], %(connector)s ::text[],
    %(system)s ::text[], %(step)s ::text[], %(outcome)s ::text[], %(currency)s ::text[])
ORDER BY 1 ON CONFLICT DO NOTHING
"""

_ADD = """
INSERT INTO rollups (series_id, grain, at, bucket, count)
SELECT series_id, grain, to_timestamp(at), bucket, count
FROM unnest(%(series)s ::bigint[], %(grain)s ::bigint[], %(at)s ::bigint[], %(bucket)s ::bigint[], %(count)s ::bigint[])
    AS new (series_id, grain, at, bucket, count)
ORDER BY 1, 2, 3, 4
ON CONFLICT (series_id, grain, at, bucket) DO UPDATE SET count = rollups.count + EXCLUDED.count
"""


def name_series(write: Write, wanted: Iterable[Dimensions]) -> None:
    """Write down what series mean; those that are known already stay as they are."""
    ordered = sorted(wanted, key=series_id)
    if ordered:
        columns: dict[str, Iterable[object]] = {"id": [series_id(one) for one in ordered]}
        columns |= {name: [one[place] for one in ordered] for place, name in enumerate(COLUMNS)}
        write(_NAME, arrays(**columns))


def add_differences(write: Write, differences: Mapping[Slot, int]) -> None:
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
            "at": [slot[2] for slot, _ in rows],
            "bucket": [slot[3] for slot, _ in rows],
            "count": [count for _, count in rows],
        }
        write(_ADD, arrays(**columns))
