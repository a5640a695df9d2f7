"""Adds the difference of two folds to the minute and day counts, and names the series."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.core.arrays import arrays, literal
from app.core.behind import Write
from app.series.series import COLUMNS, Dimensions, Tallied, series_id

MINUTE, DAY = GRAINS = (60, 86_400)

_NAME = """
INSERT INTO series (id, metric, channel, connector, system, step, outcome, currency)
SELECT * FROM unnest(%(id)s ::bigint[], %(metric)s ::text[], %(channel)s ::text[], %(connector)s ::text[],
    %(system)s ::text[], %(step)s ::text[], %(outcome)s ::text[], %(currency)s ::text[])
ORDER BY 1 ON CONFLICT DO NOTHING
"""

# The minutes or days of a bucket of a series come as two lists, so that what they share is said once.
_ADD = """
INSERT INTO rollups (series_id, grain, at, bucket, count)
SELECT tally.series, tally.grain, to_timestamp(one.at * tally.grain), tally.bucket, one.count
FROM unnest(%(series)s ::bigint[], %(grain)s ::bigint[], %(bucket)s ::bigint[], %(ats)s ::text[], %(counts)s ::text[])
    AS tally (series, grain, bucket, ats, counts)
CROSS JOIN LATERAL unnest(tally.ats::bigint[], tally.counts::bigint[]) AS one (at, count)
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
    rows = []
    for tallied, minutes in tallies.items():
        series, bucket = series_id(tallied[:7]), tallied[7]
        for grain, sums in ((MINUTE, minutes), (DAY, _by_day(minutes))):
            told = {at: count for at, count in sums.items() if count}
            if told:
                rows.append((series, grain, bucket, literal(list(told)), literal(list(told.values()))))
    if rows:
        columns = zip(("series", "grain", "bucket", "ats", "counts"), zip(*rows, strict=True), strict=True)
        write(_ADD, arrays(**dict(columns)))


def _by_day(minutes: Mapping[int, int]) -> Mapping[int, int]:
    days: defaultdict[int, int] = defaultdict(int)
    for minute, count in minutes.items():
        days[minute // 1440] += count
    return days
