"""The partitions of stored events: one a day near today, one for all other days; old ones are dropped."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

AHEAD = timedelta(days=2)

_EXISTING = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'events'::regclass AND relname <> 'events_other' ORDER BY relname
"""


def existing_days(session: Session) -> set[date]:
    """Days that have a partition of their own."""
    names = session.execute(text(_EXISTING)).scalars()
    return {date.fromisoformat(name.removeprefix("events_")) for name in names}


def ensure_days(session: Session, days: Iterable[date], today: date, retention: timedelta) -> set[date]:
    """Make partitions for days near today that lack one; days far off stay in the common one."""
    wanted = {day for day in days if today - retention <= day <= today + AHEAD}
    made = wanted - existing_days(session)
    for day in sorted(made):
        _make(session, day)
    return made


def drop_before(session: Session, oldest: date) -> list[date]:
    """Drop partitions of days before `oldest`, and what lies in the common one from before it."""
    gone = sorted(day for day in existing_days(session) if day < oldest)
    for day in gone:
        session.execute(text(f"DROP TABLE {_name(day)}"))
    session.execute(text("DELETE FROM events_other WHERE day < :oldest"), {"oldest": oldest})
    return gone


def _make(session: Session, day: date) -> None:
    """Fill the new table from the common partition before it is attached: both must not claim the same rows.

    The parent is locked before its parts, as dropping a day does, or the two would wait for each other.
    """
    name, until = _name(day), day + timedelta(days=1)
    session.execute(text("LOCK TABLE ONLY events IN SHARE UPDATE EXCLUSIVE MODE"))
    session.execute(text("LOCK TABLE events_other IN SHARE ROW EXCLUSIVE MODE"))
    if session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one() is not None:
        return
    session.execute(text(f"CREATE TABLE {name} (LIKE events INCLUDING ALL)"))
    session.execute(
        text(
            "WITH moved AS (DELETE FROM events_other WHERE day = :day RETURNING *)"
            f" INSERT INTO {name} SELECT * FROM moved"
        ),
        {"day": day},
    )
    session.execute(text(f"ALTER TABLE events ATTACH PARTITION {name} FOR VALUES FROM ('{day}') TO ('{until}')"))


def _name(day: date) -> str:
    return f"events_{day:%Y%m%d}"
