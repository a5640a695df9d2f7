"""Temporary tables that hold what the store should say, so that memory need not; they end with the transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import raw


@dataclass(frozen=True, slots=True)
class Shelf:
    """A stored table, the columns to compare, and how many of them, from the first, are its key."""

    table: str
    columns: tuple[str, ...]
    key: int
    only: str = "true"

    @property
    def name(self) -> str:
        """The temporary table beside it."""
        return f"expected_{self.table}"


KEYS = Shelf("journey_keys", ("kind", "key", "journey_id", "role", "level"), 3)
NEIGHBOURS = Shelf("key_neighbours", ("kind", "key", "neighbour"), 3)
WAITING = Shelf("waiting_events", ("kind", "key", "uid", "occurred_at", "state"), 3)
_LASTING = ("opened_at", "closed_at", "since_at")
EXCEPTIONS = Shelf("exceptions", ("journey_id", "step", "kind", *_LASTING, "started_at", "cause", "channel"), 4)
_STAKE = ("flow", "step", "cause", "channel", "value_minor", "currency")
EXPOSURES = Shelf("exposures", ("journey_id", "impact", *_LASTING, *_STAKE), 3)
# What retention has dropped was counted when it came, and cannot be counted again.
ROLLUPS = Shelf(
    "rollups",
    ("series_id", "grain", "at", "bucket", "count"),
    4,
    "count <> 0 AND (at >= :kept_since OR series_id NOT IN (SELECT id FROM series WHERE metric = 'events'))",
)
SHELVES = (KEYS, NEIGHBOURS, WAITING, EXCEPTIONS, EXPOSURES, ROLLUPS)

_WORKING = {
    "verify_facts": "kind text, uid uuid, fact bytea, PRIMARY KEY (kind, uid)",
    "verify_loose": "kind text, uid uuid, fact bytea",
    "verify_placed": "kind text, journey_id uuid, fact bytea",
    "verify_counts": "series_id bigint, minute bigint, bucket bigint, count bigint",
    "verify_names": "name text, id text",
}
_TYPES = {
    "verify_facts": ("text", "uuid", "bytea"),
    "verify_loose": ("text", "uuid", "bytea"),
    "verify_placed": ("text", "uuid", "bytea"),
    "verify_counts": ("int8", "int8", "int8", "int8"),
    "verify_names": ("text", "text"),
}


def set_up(session: Session) -> None:
    """Make the temporary tables; a verification may take longer than a page."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    for shelf in SHELVES:
        _make(session, shelf.name, f"AS SELECT {', '.join(shelf.columns)} FROM {shelf.table} WITH NO DATA")
    for name, columns in _WORKING.items():
        _make(session, name, f"({columns})")


def _make(session: Session, name: str, what: str) -> None:
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))
    on_commit = "ON COMMIT DROP"
    body = f"{on_commit} {what}" if what.startswith("AS") else f"{what} {on_commit}"
    session.execute(text(f"CREATE TEMP TABLE {name} {body}"))


def put(session: Session, name: str, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows into a working table."""
    _copy(session, f"COPY {name} FROM STDIN (FORMAT BINARY)", rows, _TYPES[name])


def shelve(session: Session, shelf: Shelf, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows that a stored table should have."""
    _copy(session, f"COPY {shelf.name} ({', '.join(shelf.columns)}) FROM STDIN", rows, None)


def _copy(session: Session, statement: str, rows: Iterable[Sequence[Any]], types: Sequence[str] | None) -> None:
    with raw(session).cursor().copy(statement) as copy:
        if types is not None:
            copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def stream(session: Session, statement: str, chunk: int, **parameters: Any) -> Iterator[Sequence[Any]]:
    """Read rows in chunks through a cursor of the server."""
    rows = session.execute(text(statement).execution_options(yield_per=chunk), parameters)
    yield from rows.partitions(chunk)
