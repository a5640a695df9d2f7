"""How far the clocks of senders are from ours: measured now and then on a sample of what they have sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.events.event import Event, unpack_event

SAMPLE = 2_000
RECENT = timedelta(hours=1)
FEWEST = 3
LOW_SHARE = 0.05

# Ids are fingerprints, so that those from any place on are a fair sample of a day.
_SAMPLE = text("""
    SELECT s.body FROM (
        (SELECT body, received_at FROM events WHERE day = ANY(CAST(:days AS date[])) AND uid >= :start
          ORDER BY uid LIMIT :size)
        UNION ALL
        (SELECT body, received_at FROM events WHERE day = ANY(CAST(:days AS date[])) AND uid < :start
          ORDER BY uid LIMIT :size)
        LIMIT :size) AS s
     WHERE s.received_at > :since AND s.received_at <= :now
""")
_PUT = text("""
    INSERT INTO clock_skews (connector, at, seconds, events)
    SELECT connector, :at, seconds, events
      FROM unnest(:connectors ::text[], CAST(CAST(:seconds AS text[]) AS double precision[]), :events ::bigint[])
           AS new (connector, seconds, events)
    ON CONFLICT DO NOTHING
""")


def measure_clocks(session: Session, now: datetime, keep: timedelta) -> None:
    """Write down the skew of every connector that a sample of the last hour's events knows, and forget old ones."""
    days = [(now + ahead).date() for ahead in (-RECENT, timedelta(0), timedelta(days=1))]
    asked = {"days": days, "start": uuid4(), "size": SAMPLE, "since": now - RECENT, "now": now}
    packed = session.execute(_SAMPLE, asked).scalars()
    found = sorted(find_skews(map(unpack_event, packed)).items())
    columns = arrays(
        connectors=[name for name, _ in found],
        seconds=[str(seconds) for _, (seconds, _) in found],
        events=[count for _, (_, count) in found],
    )
    session.execute(_PUT, {"at": now, **columns})
    session.execute(text("DELETE FROM clock_skews WHERE at < :oldest"), {"oldest": now - keep})


def find_skews(events: Iterable[Event]) -> dict[str, tuple[float, int]]:
    """By connector how far its clock is ahead, in seconds, and of how many events: by those that came the quickest."""
    leads: dict[str, list[float]] = {}
    for event in events:
        if event.is_timed and event.connector:
            lead = (event.occurred_at - event.received_at).total_seconds()
            leads.setdefault(event.connector, []).append(lead)
    skews = {}
    for connector, seconds in leads.items():
        if len(seconds) >= FEWEST:
            seconds.sort(reverse=True)
            skews[connector] = (seconds[int(LOW_SHARE * (len(seconds) - 1))], len(seconds))
    return skews
