"""The deadlines that lay ahead at each asked time, for SQL to count and to list.

What is pending of a journey tells only what is unmet now. Journeys that have moved on since are taken back to the asked
time by their folds, so that nothing more need be written for each event.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.exceptions.ahead import Ahead, find_ahead
from app.exceptions.causes import CauseNote
from app.exceptions.open_rows import ASKED
from app.journeys.catalogue import order_flow
from app.journeys.journey import unpack_journey
from app.settings import get_settings

FOR_EVER = timedelta(days=36_500)

# One look at each time: what lies between the times is not asked about.
_MOVED = text(f"""
    SELECT asked.place, asked.at, j.id, coalesce(j.channel, '') AS channel, j.state
      FROM {ASKED} CROSS JOIN LATERAL (
          SELECT id, channel, state FROM journeys
           WHERE kind = 'order' AND opened_at <= asked.at AND last_at > asked.at
             AND (closed_at IS NULL OR closed_at > asked.at) OFFSET 0) AS j
""").execution_options(yield_per=1_000)
_NOTE = ("id", "title", "kind", "flow", "step", "system", "owner", "action")

# To stand after WITH: the rows `x` of `ahead`, each at its place of the asked times.
AHEAD = f"""
    named AS (
        SELECT * FROM unnest({", ".join(f":note_{name} ::text[]" for name in _NOTE)}) AS n({", ".join(_NOTE)})
    ), ahead AS (
        SELECT asked.place, x.journey_id, x.channel, x.step, x.kind, x.cause, x.opened_at, x.since_at, x.started_at
          FROM {ASKED}
         CROSS JOIN LATERAL (
             SELECT * FROM exceptions WHERE closed_at IS NULL AND due_at <= asked.at + :ahead
                AND opened_at > asked.at AND opened_at <= asked.at + :ahead
             UNION ALL
             SELECT * FROM exceptions WHERE closed_at > asked.at
                AND opened_at > asked.at AND opened_at <= asked.at + :ahead) AS x
         WHERE x.kind = 'overdue'
           AND NOT EXISTS (SELECT 1 FROM journeys j WHERE j.id = x.journey_id AND j.last_at > asked.at OFFSET 0)
        UNION ALL
        SELECT moved.place, journey_id, channel, step, 'overdue', cause, opened_at, since_at, started_at
          FROM unnest(:places ::bigint[], :journeys ::uuid[], :channels ::text[], :steps ::text[], :causes ::text[],
                      :opened ::timestamptz[], :since ::timestamptz[], :started ::timestamptz[])
               AS moved(place, journey_id, channel, step, cause, opened_at, since_at, started_at)
    )
"""
# The cause `c` of a row `x`; that of a deadline which was met may never have been written down.
CAUSE = f"""
    LEFT JOIN LATERAL (
        SELECT {", ".join(_NOTE)} FROM causes WHERE causes.id = x.cause
        UNION ALL SELECT * FROM named WHERE named.id = x.cause LIMIT 1) AS c ON true
"""
# OFFSET keeps the look-up one by one: a hash of every exception ever would cost more than the few rows asked about.
NOT_LATE = """
    NOT EXISTS (
        SELECT 1 FROM exceptions late WHERE late.journey_id = x.journey_id AND late.kind = 'overdue'
           AND late.opened_at <= asked.at AND (late.closed_at IS NULL OR late.closed_at > asked.at)
        OFFSET 0)
"""


def ahead_parameters(session: Session, ats: Sequence[datetime], ahead: timedelta) -> dict[str, object]:
    """The parameters of AHEAD: what reaches `ahead` of each time."""
    moved = list(_moved(session, ats, ahead))
    notes: dict[str, CauseNote] = {note.id: note for *_, (_, note) in moved}
    columns = arrays(
        places=[place for place, *_ in moved],
        journeys=[journey for _, journey, *_ in moved],
        channels=[channel for _, _, channel, _ in moved],
        steps=[one.step for *_, (one, _) in moved],
        causes=[one.cause for *_, (one, _) in moved],
        opened=[one.opened_at for *_, (one, _) in moved],
        since=[one.since_at for *_, (one, _) in moved],
        started=[one.started_at for *_, (one, _) in moved],
        **{f"note_{name}": [getattr(note, name) for note in notes.values()] for name in _NOTE},
    )
    return {**columns, "ats": list(ats), "ahead": ahead}


def _moved(session: Session, ats: Sequence[datetime], ahead: timedelta) -> Iterator[tuple[int, object, str, Ahead]]:
    """The deadlines ahead of orders that have moved on since: place of the time, journey, channel, deadline."""
    flow = order_flow(get_settings().flow_dir)
    # Of a busy day these are many: a few at a time, so that memory does not grow with them.
    for place, at, journey, channel, state in session.execute(_MOVED, {"ats": list(ats)}):
        for one in find_ahead(flow, unpack_journey(state), at, at + ahead):
            yield place, journey, channel, one
