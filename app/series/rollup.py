"""Adds the difference of two folds to the minute and day counts, and names the series."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.core.arrays import arrays
from app.core.behind import Write
from app.series.series import COLUMNS, Dimensions, Tallied, series_id

MINUTE, DAY = GRAINS = (60, 86_400)
_COLUMNS = ("series", "grain", "at", "bucket", "count")

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


def add_differences(write: Write, tallies: Mapping[Tallied, Mapping[int, int]]) -> None:
    """Add signed counts by minute to both grains, in one order for every worker."""
    series, grains, ats, buckets, counts = columns = tuple[list[int], ...]([] for _ in _COLUMNS)
    for tallied, minutes in tallies.items():
        number, bucket = series_id(tallied[:7]), tallied[7]
        for grain, sums in ((MINUTE, minutes), (DAY, _by_day(minutes))):
            told = [at for at, count in sums.items() if count]
            series += [number] * len(told)
            grains += [grain] * len(told)
            ats += [at * grain for at in told]
            buckets += [bucket] * len(told)
            counts += [sums[at] for at in told]
    if counts:
        write(_ADD, arrays(**dict(zip(_COLUMNS, columns, strict=True))))


def _by_day(minutes: Mapping[int, int]) -> Mapping[int, int]:
    days: defaultdict[int, int] = defaultdict(int)
    for minute, count in minutes.items():
        days[minute // 1440] += count
    return days
