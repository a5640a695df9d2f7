"""How often something is usually heard: in how many minutes of an hour, so that batches do not look like a stream."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import floor_minute
from app.tower.readings import USUAL

Key = tuple[str, ...]
Rates = Mapping[Key, float]

# Of several series the liveliest speaks for all: to count their minutes together would cost ten times as much.
_MINUTES = """
    SELECT asked.place - 1, ARRAY[{columns}]::text[], max(lively.minutes)
      FROM unnest(CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[]))
           WITH ORDINALITY AS asked(since, until, place)
     CROSS JOIN series s
     CROSS JOIN LATERAL (
         SELECT count(*) AS minutes FROM rollups r
          WHERE r.series_id = s.id AND r.grain = 60 AND r.at >= asked.since AND r.at < asked.until AND r.count > 0
         ) AS lively
     WHERE s.metric = :metric AND lively.minutes > 0
     GROUP BY 1, 2
"""
_COLUMNS = {"reached": "s.channel, s.step", "events": "s.connector"}


def read_rhythm(session: Session, metric: str, at: datetime) -> Sequence[Rates]:
    """Lively minutes a minute around this time yesterday, and in the last hours."""
    end = floor_minute(at)
    untils = [end - timedelta(days=1) + USUAL / 2, end]
    asked = {"metric": metric, "sinces": [until - USUAL for until in untils], "untils": untils}
    found: list[dict[Key, float]] = [{}, {}]
    for place, key, minutes in session.execute(text(_MINUTES.format(columns=_COLUMNS[metric])), asked):
        found[place][tuple(key)] = minutes / (USUAL / timedelta(minutes=1))
    return found


def usual_rate(rhythm: Sequence[Rates], key: Key, quiet_seconds: float | None) -> float | None:
    """Lively minutes a minute while it was not silent; or, where that was less, at this time yesterday."""
    yesterday, today = rhythm
    rates = []
    if key in today:
        # The silence itself must not make the rate before it look small.
        rates.append(today[key] / (1 - min((quiet_seconds or 0.0) / USUAL.total_seconds(), 0.95)))
    if yesterday:  # without any news of yesterday there is no yesterday to compare with
        rates.append(yesterday.get(key, 0.0))
    return min(rates, default=None)
