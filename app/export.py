"""The canonical export: one JSON object a journey, independent of the order in which anything arrived."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.money import Money
from app.exceptions.rules import Interval
from app.journeys.journey import unpack_facts
from app.projection import unpack

_JOURNEYS = """
SELECT j.kind, j.anchor, j.channel, j.value_minor, j.currency, j.facts, j.folded, k.keys, k.tied, k.contended
FROM journeys j CROSS JOIN LATERAL (
    SELECT array_agg(key ORDER BY key COLLATE "C") FILTER (WHERE role IN ('anchor', 'identity', 'provisional')) AS keys,
        array_agg(key ORDER BY key COLLATE "C") FILTER (WHERE role = 'tied') AS tied,
        array_agg(key ORDER BY key COLLATE "C") FILTER (WHERE role = 'contended') AS contended
    FROM journey_keys WHERE journey_id = j.id AND kind = j.kind
) AS k
ORDER BY j.kind, k.keys[1] COLLATE "C", j.anchor COLLATE "C"
"""


def export_lines(session: Session) -> Iterator[bytes]:
    """Write every journey as a line of JSON, sorted by kind and first key; no ids and no receive times."""
    rows = session.execute(text(_JOURNEYS).execution_options(yield_per=500))
    for row in rows.mappings():
        yield export_line(dict(row))


def export_line(row: Mapping[str, Any]) -> bytes:
    """Write one journey, given as its row and its keys by role."""
    return msgspec.json.encode(_journey(row), order="sorted")


def _journey(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = unpack_facts(row["facts"])
    projection = unpack(row["folded"])
    return {
        "kind": row["kind"],
        "anchor": row["anchor"],
        "keys": row["keys"] or [],
        "tied": row["tied"] or [],
        "contended": row["contended"] or [],
        "channel": row["channel"],
        "value": _money(row["value_minor"], row["currency"]),
        "milestones": {step: _time(at) for step, at in projection.milestones},
        "exceptions": [_exception(one) for one in _whole(projection.intervals)],
        "events": sorted(fact.name for fact in facts),
    }


def _whole(intervals: list[Interval]) -> list[Interval]:
    """Join the stretches of one exception that only its cause divides."""
    whole: list[Interval] = []
    for one in sorted(intervals, key=lambda i: (i.step, i.kind, i.opened_at)):
        last = whole[-1] if whole else None
        if last and (last.step, last.kind, last.closed_at) == (one.step, one.kind, one.opened_at):
            whole[-1] = msgspec.structs.replace(last, closed_at=one.closed_at)
        else:
            whole.append(one)
    return sorted(whole, key=lambda i: (i.opened_at, i.step, i.kind))


def _exception(one: Interval) -> dict[str, str | None]:
    closed = _time(one.closed_at) if one.closed_at else None
    return {"step": one.step, "kind": one.kind, "opened_at": _time(one.opened_at), "closed_at": closed}


def _money(minor: int | None, currency: str | None) -> dict[str, str] | None:
    if minor is None or currency is None:
        return None
    return {"amount": str(Money(minor, currency).major), "currency": currency}


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
