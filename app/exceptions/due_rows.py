"""Orders that are not late and soon may be, read once for each time: how many have the same deadlines ahead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import remembered
from app.exceptions.ahead_rows import AHEAD, CAUSE, NOT_LATE, ahead_parameters
from app.exceptions.kinds import OF_ORDERS, other_flows
from app.exceptions.open_rows import ASKED


class Due(NamedTuple):
    """Deadlines of one kind: what they are about, and the first of them."""

    cause: str
    step: str
    owner: str
    kind: str
    channel: str
    next_at: datetime


# The place of the asked time, how many orders are alike, their deadlines
Alike = tuple[int, int, tuple[Due, ...]]

# The field that may hold anything comes last, so that the separator in it does no harm.
_DUE = f"""
WITH {AHEAD}, found AS (
    SELECT x.place, x.journey_id, x.opened_at,
           concat_ws(chr(31), x.cause, x.step, coalesce(c.owner, ''), coalesce(c.kind, ''), x.channel) AS part
      FROM {ASKED} JOIN ahead AS x ON x.place = asked.place {CAUSE}
     WHERE {NOT_LATE} AND {OF_ORDERS}
), journeys AS MATERIALIZED (
    SELECT place, array_agg(part ORDER BY part) AS parts, array_agg(opened_at ORDER BY part) AS times
      FROM found GROUP BY place, journey_id
)
SELECT place, parts, NULL AS part, count(*) AS orders, NULL::timestamptz AS next_at FROM journeys GROUP BY place, parts
 UNION ALL
SELECT place, parts, one.part, 0, min(one.at)
  FROM journeys CROSS JOIN LATERAL unnest(parts, times) AS one(part, at) GROUP BY place, parts, one.part
"""


def read_due(session: Session, ats: Sequence[datetime], ahead: timedelta) -> list[Alike]:
    """Read what is due within `ahead` of each time; a session that remembers its answers reads it once."""
    return remembered(session, ("due", tuple(ats), ahead), lambda: _read_due(session, ats, ahead))


def _read_due(session: Session, ats: Sequence[datetime], ahead: timedelta) -> list[Alike]:
    parameters = {**ahead_parameters(session, ats, ahead), **other_flows()}
    rows = session.execute(text(_DUE), parameters).all()
    dues: dict[tuple[object, ...], list[Due]] = {}
    for row in rows:
        if row.part is not None:
            cause, step, owner, kind, channel = row.part.split("\x1f", 4)
            dues.setdefault((row.place, *row.parts), []).append(Due(cause, step, owner, kind, channel, row.next_at))
    return [(row.place, row.orders, tuple(dues[row.place, *row.parts])) for row in rows if row.part is None]
