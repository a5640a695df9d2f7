"""How often something is usually heard: in how many minutes, so that batches do not look like a stream."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import floor_minute
from app.tower.silence import USUAL, Heard, is_silent, may_be_silent, spans_to_hear

Key = tuple[str, ...]
Rates = Mapping[Key, float]

# Of several series the liveliest speaks for all: to count their minutes together would cost ten times as much.
_MINUTES = """
    SELECT ARRAY[{columns}]::text[], max(lively.minutes)
      FROM series s
     CROSS JOIN LATERAL (
         SELECT count(*) AS minutes FROM (
             SELECT FROM rollups r
              WHERE r.series_id = s.id AND r.grain = 60 AND r.at >= :since AND r.at < :until
              GROUP BY r.at HAVING sum(r.count) > 0) AS minute
         ) AS lively
     WHERE s.metric = :metric AND lively.minutes > 0
     GROUP BY 1
"""
# Asked for the few that look silent: their minutes together, and the gaps between them.
_HEARD = """
    WITH named AS (
        SELECT asked.place, asked.since, asked.until, s.id
          FROM unnest(CAST(:places AS bigint[]), CAST(:keys AS text[]),
                      CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[])) AS asked(place, key, since, until)
          JOIN series s ON s.metric = :metric AND concat_ws(chr(31), {columns}) = asked.key
    ), lively AS (
        SELECT DISTINCT named.place, named.since, minute.at
          FROM named CROSS JOIN LATERAL (
               SELECT r.at FROM rollups r
                WHERE r.series_id = named.id AND r.grain = 60 AND r.at >= named.since AND r.at < named.until
                GROUP BY r.at HAVING sum(r.count) > 0) AS minute
    ), gaps AS (
        SELECT place, at - lag(at, 1, since) OVER (PARTITION BY place ORDER BY at) AS gap FROM lively
    ), known AS (
        SELECT place, bool_or(EXISTS (
               SELECT FROM rollups r WHERE r.series_id = named.id AND r.grain = 60 AND r.at < named.since)) AS is_known
          FROM named GROUP BY place
    )
    SELECT place, count(gap), coalesce(max(gap), CAST('0' AS interval)), bool_or(is_known)
      FROM known LEFT JOIN gaps USING (place) GROUP BY place
"""
_COLUMNS = {"reached": "s.channel, s.step", "events": "s.connector"}


def read_rhythm(session: Session, metric: str, at: datetime) -> Rates:
    """Lively minutes a minute in the last hours."""
    end = floor_minute(at)
    asked = {"metric": metric, "since": end - USUAL, "until": end}
    rows = session.execute(text(_MINUTES.format(columns=_COLUMNS[metric])), asked)
    return {tuple(key): minutes / (USUAL / timedelta(minutes=1)) for key, minutes in rows}


def find_silent(
    session: Session, metric: str, seen: Mapping[Key, datetime], rhythm: Rates, at: datetime
) -> frozenset[Key]:
    """Find what says nothing though it should, by when each was last heard."""
    quiet = {key: at - moment for key, moment in seen.items() if may_be_silent(at - moment, rhythm.get(key))}
    if not quiet:
        return frozenset()
    heard = _read_heard(session, metric, {key: seen[key] for key in quiet}, at)
    return frozenset(key for key in quiet if is_silent(quiet[key], heard[key][0], heard[key][1:]))


def _read_heard(session: Session, metric: str, seen: Mapping[Key, datetime], at: datetime) -> dict[Key, list[Heard]]:
    spans = {key: spans_to_hear(moment, at) for key, moment in seen.items()}
    asked = [(chr(31).join(key), since, until) for key, found in spans.items() for since, until in found]
    keys, sinces, untils = (list(column) for column in zip(*asked, strict=True))
    parameters = {"metric": metric, "places": list(range(len(asked))), "keys": keys, "sinces": sinces, "untils": untils}
    rows = session.execute(text(_HEARD.format(columns=_COLUMNS[metric])), parameters)
    found = {place: Heard(minutes, gap, is_known) for place, minutes, gap, is_known in rows}
    places = iter(range(len(asked)))
    return {key: [found.get(next(places), Heard()) for _ in asked_spans] for key, asked_spans in spans.items()}
