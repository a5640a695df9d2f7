"""Reads of the tower's own health: inbox, worker, database, partitions, schema."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.core.schema import newest_schema
from app.models.events import InboxBatch, QuarantinedEvent
from app.models.operations import JobMark

# Keys are plain: pg_inherits knows the partitions, their bounds are their names.
_PARTITIONS = text("""
    SELECT child.relname AS name, pg_total_relation_size(child.oid) AS bytes, child.reltuples::bigint AS rows
    FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = 'events'::regclass ORDER BY child.relname DESC
""")


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for a worker."""

    batches: int
    events: int
    oldest_at: datetime | None
    troubled: int


@dataclass(frozen=True, slots=True)
class Job:
    """The last run of a recurring job."""

    name: str
    at: datetime
    seconds: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Partition:
    """One day of raw events; its rows are PostgreSQL's estimate, None before the first analysis."""

    name: str
    bytes: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Database:
    """The database behind the tower."""

    version: str
    bytes: int
    connections: int
    schema: str | None


@dataclass(frozen=True, slots=True)
class OwnHealth:
    """How the tower itself is doing."""

    inbox: Inbox
    quarantined: int
    jobs: tuple[Job, ...]
    database: Database
    partitions: tuple[Partition, ...]
    release: str
    newest_schema: str | None


def own_health(session: Session) -> OwnHealth:
    """Ask everything that the health page shows."""
    return OwnHealth(
        inbox=_inbox(session),
        quarantined=session.scalar(select(func.count()).where(QuarantinedEvent.settled_at.is_(None))) or 0,
        jobs=tuple(
            Job(row.name, row.at, row.seconds, row.error)
            for row in session.scalars(select(JobMark).order_by(JobMark.name))
        ),
        database=_database(session),
        partitions=tuple(
            Partition(row.name, row.bytes, row.rows if row.rows >= 0 else None) for row in session.execute(_PARTITIONS)
        ),
        release=release(),
        newest_schema=newest_schema(),
    )


def stored_schema(session: Session) -> str | None:
    """Read which migration the database is at."""
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return found


@lru_cache
def release() -> str:
    """Name the installed release."""
    try:
        return version("pharos")
    except PackageNotFoundError:
        return "not installed"


def _inbox(session: Session) -> Inbox:
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(InboxBatch.event_count), 0),
            func.min(InboxBatch.received_at),
            func.count().filter(InboxBatch.failures > 0),
        )
    ).one()
    return Inbox(batches=row[0], events=int(row[1]), oldest_at=row[2], troubled=row[3])


def _database(session: Session) -> Database:
    row = session.execute(
        text("""
            SELECT current_setting('server_version'), pg_database_size(current_database()),
                (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
        """)
    ).one()
    return Database(version=row[0], bytes=row[1], connections=row[2], schema=stored_schema(session))
