"""What is open at asked times, read once and small: where trouble stands, and how many orders have the same troubles.

Questions that part it by channel, cause or age, or narrow it to one of them, are answered from what was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import remembered
from app.core.errors import PayloadError
from app.exceptions.bands import BANDS
from app.exceptions.open_rows import AGE, ASKED, age_band, open_rows

# Conditions on `x` (the row) and `c` (its cause), with their parameters.
Condition = tuple[Sequence[str], Mapping[str, Any]]


class Part(NamedTuple):
    """Where trouble stands: `age` is the index of its band; owner, system, kind and flow are those of its cause."""

    cause: str
    step: str
    age: int
    channel: str
    owner: str
    system: str
    kind: str
    flow: str
    is_overdue: bool = False  # of exceptions; what is at stake is not told apart by it

    def label(self, dimension: str) -> str:
        """The part's name in a dimension."""
        return BANDS[self.age].name if dimension == AGE else str(getattr(self, dimension))


class Times(NamedTuple):
    """When the oldest trouble began, and when the first and the last exception opened."""

    since_at: datetime
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Alike:
    """Orders with an open exception in the same parts, with the value behind them, at one of the asked times."""

    place: int
    parts: Mapping[Part, Times]
    currency: str | None
    orders: int
    staked: int
    valued: int
    value: int


def holds(part: Part, where: Mapping[str, str]) -> bool:
    """Whether a part has every named dimension at its value."""
    return all(part.label(name) == value for name, value in where.items())


def check_where(where: Mapping[str, str]) -> None:
    """Refuse an age that is no band."""
    names = [band.name for band in BANDS]
    if where.get(AGE, names[0]) not in names:
        raise PayloadError(f"there is no age band {where[AGE]!r}", "The bands are: " + ", ".join(names))


def read_alike(session: Session, ats: Sequence[datetime], only: Condition) -> list[Alike]:
    """Read what is open at each time; a session that remembers its answers reads it once for all questions."""
    question = ("alike", tuple(ats), tuple(only[0]), repr(sorted(only[1].items())))
    return remembered(session, question, lambda: _read_alike(session, ats, only))


# The field that may hold anything comes last, so that the separator in it does no harm.
_PART = f"concat_ws(chr(31), x.cause, x.step, x.kind, {age_band('x.since_at')}, x.channel)"
_IN_ORDER = "ORDER BY part, impact DESC) FILTER (WHERE part IS NOT NULL)"
# Exceptions and exposures stand in one list, put in order once: a join of the two is planned by guesses, and badly.
_ALIKE = """
WITH found AS (
    SELECT asked.place, x.journey_id, {part} AS part, x.since_at, x.opened_at,
           NULL AS impact, NULL::bigint AS value_minor, NULL AS currency
      FROM {asked} CROSS JOIN LATERAL {exceptions} AS x LEFT JOIN causes c ON c.id = x.cause
     WHERE {conditions}
     UNION ALL
    SELECT asked.place, x.journey_id, NULL, NULL, NULL, x.impact, x.value_minor, x.currency
      FROM {asked} CROSS JOIN LATERAL {exposures} AS x
), journeys AS MATERIALIZED (
    SELECT place, array_agg(part {in_order} AS parts, array_agg(since_at {in_order} AS sinces,
           array_agg(opened_at {in_order} AS openings, max(impact) IS NOT NULL AS is_staked,
           (array_agg(value_minor ORDER BY part, impact DESC) FILTER (WHERE impact IS NOT NULL))[1] AS value_minor,
           (array_agg(currency ORDER BY part, impact DESC) FILTER (WHERE impact IS NOT NULL))[1] AS currency
      FROM found GROUP BY place, journey_id HAVING count(part) > 0
)
SELECT place, parts, NULL AS part, NULL AS owner, NULL AS system, NULL AS kind, NULL AS flow,
       NULL::timestamptz AS since_at, NULL::timestamptz AS first_at, NULL::timestamptz AS last_at,
       currency, count(*) AS orders, count(*) FILTER (WHERE is_staked) AS staked, count(value_minor) AS valued,
       coalesce(sum(value_minor), 0)::bigint AS value
  FROM journeys GROUP BY place, parts, currency
 UNION ALL
SELECT place, parts, part, coalesce(c.owner, ''), coalesce(c.system, ''), coalesce(c.kind, ''), coalesce(c.flow, ''),
       since_at, first_at, last_at, NULL, 0, 0, 0, 0
  FROM (SELECT place, parts, part, min(since_at) AS since_at, min(opened_at) AS first_at, max(opened_at) AS last_at
          FROM journeys CROSS JOIN LATERAL unnest(parts, sinces, openings) AS one(part, since_at, opened_at)
         GROUP BY place, parts, part) AS timed
  LEFT JOIN causes c ON c.id = split_part(part, chr(31), 1)
"""


def _read_alike(session: Session, ats: Sequence[datetime], only: Condition) -> list[Alike]:
    statement = _ALIKE.format(
        part=_PART,
        asked=ASKED,
        in_order=_IN_ORDER,
        exceptions=open_rows("exceptions"),
        exposures=open_rows("exposures"),
        conditions=" AND ".join(["true", *only[0]]),
    )
    rows = session.execute(text(statement), {"ats": list(ats), **only[1]}).all()
    times: dict[tuple[Any, ...], dict[Part, Times]] = {}
    for row in rows:
        if row.part is not None:
            cause, step, kind, age, channel = row.part.split("\x1f", 4)
            of_cause = row.owner, row.system, row.kind, row.flow
            part = Part(cause, step, int(age), channel, *of_cause, is_overdue=kind == "overdue")
            times.setdefault((row.place, *row.parts), {})[part] = Times(row.since_at, row.first_at, row.last_at)
    return [
        Alike(row.place, times[row.place, *row.parts], row.currency, row.orders, row.staked, row.valued, row.value)
        for row in rows
        if row.part is None
    ]
