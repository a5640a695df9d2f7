"""Reads counts by minute and day: sums over many windows in one statement, and when a count was last seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

MINUTE, DAY = 60, 86_400
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
DIMENSIONS = ("channel", "connector", "system", "step", "outcome", "currency")

# What systems say of themselves: no sync step of any order.
PULSES = ("connector.heartbeat", "queue.sample")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which series of a metric: parted by `by`, held to `where`; without pulses and in one bucket unless asked for."""

    metric: str
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    with_pulses: bool = False
    with_buckets: bool = False


Key = tuple[str, ...]
Sums = dict[tuple[Key, int], int]


def sum_windows(session: Session, wanted: Wanted, windows: Sequence[tuple[datetime, datetime]]) -> list[Sums]:
    """Sum counts over each [since, until) by (dimensions, bucket or 0); bounds are whole minutes; one statement."""
    bounds = sorted({bound for window in windows for bound in window})
    covered = [span for span in pairwise(bounds) if any(since <= span[0] < until for since, until in windows)]
    places = [(place, *piece) for place, span in enumerate(covered) for piece in _pieces(*span)]
    sums: list[Counter[tuple[Key, int]]] = [Counter() for _ in covered]
    for place, key, bucket, count in _read(session, wanted, places) if places else ():
        sums[place][key, bucket] += count
    return [_add(covered, sums, since, until) for since, until in windows]


def sum_until(session: Session, wanted: Wanted, ats: Sequence[datetime]) -> list[Sums]:
    """Sum counts over all time before each moment: the level of something that is counted up and down."""
    return sum_windows(session, wanted, [(BEGINNING, at) for at in ats])


def last_seen(session: Session, wanted: Wanted, ats: Sequence[datetime]) -> list[dict[Key, datetime]]:
    """Find the latest minute at or before each time in which something was counted, by dimensions."""
    conditions, parameters = _series(wanted)
    statement = f"""
        SELECT asked.place - 1, ARRAY[{_named(wanted)}]::text[], max(latest.at)
          FROM unnest(CAST(:ats AS timestamptz[])) WITH ORDINALITY AS asked(at, place)
         CROSS JOIN series s
         CROSS JOIN LATERAL (
             SELECT r.at FROM rollups r
              WHERE r.series_id = s.id AND r.grain = {MINUTE} AND r.at <= asked.at
              GROUP BY r.at HAVING sum(r.count) > 0
              ORDER BY r.at DESC LIMIT 1) AS latest
         WHERE {conditions}
         GROUP BY 1, 2
    """
    found: list[dict[Key, datetime]] = [{} for _ in ats]
    for place, key, at in session.execute(text(statement), {"ats": list(ats), **parameters}):
        found[place][tuple(key)] = at
    return found


def _read(
    session: Session, wanted: Wanted, places: Sequence[tuple[int, int, datetime, datetime]]
) -> list[tuple[int, Key, int, int]]:
    conditions, parameters = _series(wanted)
    bucket = "r.bucket" if wanted.with_buckets else "0"
    statement = f"""
        SELECT piece.place, ARRAY[{_named(wanted)}]::text[], counted.bucket, CAST(sum(counted.count) AS bigint)
          FROM unnest(CAST(:places AS bigint[]), CAST(:grains AS bigint[]),
                      CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[]))
               AS piece(place, grain, since, until)
         CROSS JOIN series s
         CROSS JOIN LATERAL (
             SELECT {bucket} AS bucket, sum(r.count) AS count FROM rollups r
              WHERE r.series_id = s.id AND r.grain = piece.grain AND r.at >= piece.since AND r.at < piece.until
              GROUP BY 1) AS counted
         WHERE {conditions}
         GROUP BY 1, 2, 3
    """
    numbers, grains, sinces, untils = (list(column) for column in zip(*places, strict=True))
    parameters |= {"places": numbers, "grains": grains, "sinces": sinces, "untils": untils}
    rows = session.execute(text(statement), parameters)
    return [(place, tuple(key), bucket, count) for place, key, bucket, count in rows]


def _series(wanted: Wanted) -> tuple[str, dict[str, object]]:
    parts, parameters = ["s.metric = :metric"], dict[str, object](metric=wanted.metric)
    for name, value in wanted.where:
        _check(name)
        parts.append(f"s.{name} = :only_{name}")
        parameters[f"only_{name}"] = value
    if not wanted.with_pulses:
        parts.append("s.step <> ALL(CAST(:pulses AS text[]))")
        parameters["pulses"] = list(PULSES)
    return " AND ".join(parts), parameters


def _named(wanted: Wanted) -> str:
    for name in wanted.by:
        _check(name)
    return ", ".join(f"s.{name}" for name in wanted.by)


def _check(name: str) -> None:
    if name not in DIMENSIONS:
        raise ValueError(f"series have no dimension {name!r}")


def _pieces(since: datetime, until: datetime) -> list[tuple[int, datetime, datetime]]:
    """Cut a span into minutes, whole days and minutes, so that long ones stay cheap."""
    first, last = _day_floor(since + timedelta(days=1, microseconds=-1)), _day_floor(until)
    if first >= last:
        return [(MINUTE, since, until)]
    pieces = [(MINUTE, since, first), (DAY, first, last), (MINUTE, last, until)]
    return [piece for piece in pieces if piece[1] < piece[2]]


def _day_floor(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _add(
    spans: Sequence[tuple[datetime, datetime]],
    sums: Sequence[Mapping[tuple[Key, int], int]],
    since: datetime,
    until: datetime,
) -> Sums:
    total: Counter[tuple[Key, int]] = Counter()
    for span, counted in zip(spans, sums, strict=True):
        if since <= span[0] < until:
            total.update(counted)
    return {key: count for key, count in total.items() if count}
