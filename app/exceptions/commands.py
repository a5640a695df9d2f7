"""Writes what the fold says of exceptions, stakes and causes: only the rows that differ."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.core.arrays import arrays
from app.core.behind import Write
from app.exceptions.causes import CauseNote
from app.exceptions.risk import Stake
from app.exceptions.rules import Interval

IntervalRow = tuple[UUID, str, Interval]
StakeRow = tuple[UUID, str, str, Stake]

_DROP_INTERVALS = """
DELETE FROM closed_exceptions e
USING unnest(%(journeys)s ::uuid[], %(steps)s ::text[], %(kinds)s ::text[], %(opened)s ::timestamptz[])
    AS gone (journey_id, step, kind, opened_at)
WHERE e.journey_id = gone.journey_id AND e.step = gone.step AND e.kind = gone.kind AND e.opened_at = gone.opened_at
"""
_PUT_INTERVALS = """
INSERT INTO closed_exceptions (journey_id, step, kind, opened_at, closed_at, since_at, started_at, cause, channel)
SELECT * FROM unnest(%(journeys)s ::uuid[], %(steps)s ::text[], %(kinds)s ::text[], %(opened)s ::timestamptz[],
    %(closed)s ::timestamptz[], %(since)s ::timestamptz[], %(started)s ::timestamptz[], %(causes)s ::text[],
    %(channels)s ::text[])
ON CONFLICT (journey_id, step, kind, opened_at) DO UPDATE SET closed_at = EXCLUDED.closed_at,
    since_at = EXCLUDED.since_at, started_at = EXCLUDED.started_at, cause = EXCLUDED.cause, channel = EXCLUDED.channel
"""
_DROP_STAKES = """
DELETE FROM closed_exposures e USING unnest(%(journeys)s ::uuid[], %(impacts)s ::text[], %(opened)s ::timestamptz[])
    AS gone (journey_id, impact, opened_at)
WHERE e.journey_id = gone.journey_id AND e.impact = gone.impact AND e.opened_at = gone.opened_at
"""
_PUT_STAKES = """
INSERT INTO closed_exposures (journey_id, impact, opened_at, closed_at, since_at, flow, step, cause, channel,
    value_minor, currency)
SELECT * FROM unnest(%(journeys)s ::uuid[], %(impacts)s ::text[], %(opened)s ::timestamptz[],
    %(closed)s ::timestamptz[], %(since)s ::timestamptz[], %(flows)s ::text[], %(steps)s ::text[],
    %(causes)s ::text[], %(channels)s ::text[], %(minors)s ::bigint[], %(currencies)s ::text[])
ON CONFLICT (journey_id, impact, opened_at) DO UPDATE SET closed_at = EXCLUDED.closed_at,
    since_at = EXCLUDED.since_at, flow = EXCLUDED.flow, step = EXCLUDED.step, cause = EXCLUDED.cause,
    channel = EXCLUDED.channel, value_minor = EXCLUDED.value_minor, currency = EXCLUDED.currency
"""
_NAME_CAUSES = """
INSERT INTO causes (id, title, kind, flow, step, system, owner, action)
SELECT * FROM unnest(%(ids)s ::text[], %(titles)s ::text[], %(kinds)s ::text[], %(flows)s ::text[], %(steps)s ::text[],
    %(systems)s ::text[], %(owners)s ::text[], %(actions)s ::text[])
ORDER BY 1
ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, kind = least(causes.kind, EXCLUDED.kind),
    owner = EXCLUDED.owner, action = EXCLUDED.action
WHERE (causes.title, causes.owner, causes.action) <> (EXCLUDED.title, EXCLUDED.owner, EXCLUDED.action)
    OR EXCLUDED.kind < causes.kind
"""


def replace_exceptions(write: Write, gone: Sequence[IntervalRow], new: Sequence[IntervalRow]) -> None:
    """Delete the rows of ended exceptions that are no longer true and write those that now are."""
    kept = {_interval_key(row) for row in new}
    dropped = [row for row in gone if _interval_key(row) not in kept]
    if dropped:
        write(_DROP_INTERVALS, arrays(**_interval_keys(dropped)))
    if new:
        columns: dict[str, Iterable[object]] = {
            **_interval_keys(new),
            "closed": [one.closed_at for _, _, one in new],
            "since": [one.since_at for _, _, one in new],
            "started": [one.started_at for _, _, one in new],
            "causes": [one.cause for _, _, one in new],
            "channels": [channel for _, channel, _ in new],
        }
        write(_PUT_INTERVALS, arrays(**columns))


def replace_stakes(write: Write, gone: Sequence[StakeRow], new: Sequence[StakeRow]) -> None:
    """Delete the rows of ended stakes that are no longer true and write those that now are."""
    kept = {(row[0], row[3].impact, row[3].opened_at) for row in new}
    dropped = [row for row in gone if (row[0], row[3].impact, row[3].opened_at) not in kept]
    if dropped:
        write(_DROP_STAKES, arrays(**_stake_keys(dropped)))
    if new:
        columns: dict[str, Iterable[object]] = {
            **_stake_keys(new),
            "closed": [one.closed_at for *_, one in new],
            "since": [one.since_at for *_, one in new],
            "flows": [flow for _, _, flow, _ in new],
            "steps": [one.step for *_, one in new],
            "causes": [one.cause for *_, one in new],
            "channels": [channel for _, channel, _, _ in new],
            "minors": [one.value_minor for *_, one in new],
            "currencies": [one.currency for *_, one in new],
        }
        write(_PUT_STAKES, arrays(**columns))


def name_causes(write: Write, notes: Iterable[CauseNote]) -> None:
    """Write down what causes mean; words that a newer flow puts differently are taken over.

    Attempts that failed and ones that died of the same error are one cause, and it is called by the worse of the two.
    """
    worst = {note.id: note for note in sorted(notes, key=lambda note: note.kind, reverse=True)}
    ordered = [worst[cause] for cause in sorted(worst)]
    if ordered:
        names = ("ids", "titles", "kinds", "flows", "steps", "systems", "owners", "actions")
        fields = ("id", "title", "kind", "flow", "step", "system", "owner", "action")
        columns = {name: [getattr(note, field) for note in ordered] for name, field in zip(names, fields, strict=True)}
        write(_NAME_CAUSES, arrays(**columns))


def _interval_key(row: IntervalRow) -> tuple[UUID, str, str, datetime]:
    journey, _, one = row
    return journey, one.step, one.kind, one.opened_at


def _interval_keys(rows: Sequence[IntervalRow]) -> dict[str, Iterable[object]]:
    return {
        "journeys": [journey for journey, _, _ in rows],
        "steps": [one.step for *_, one in rows],
        "kinds": [one.kind for *_, one in rows],
        "opened": [one.opened_at for *_, one in rows],
    }


def _stake_keys(rows: Sequence[StakeRow]) -> dict[str, Iterable[object]]:
    return {
        "journeys": [journey for journey, *_ in rows],
        "impacts": [one.impact for *_, one in rows],
        "opened": [one.opened_at for *_, one in rows],
    }
