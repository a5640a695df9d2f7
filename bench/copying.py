"""The yardstick: how fast COPY alone puts the same rows into the same indexed, partitioned table."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from bench.tower import Tower

PASSES = 3
_BLOCK = 1 << 18
_PARTITIONS = """
SELECT relname, pg_get_expr(relpartbound, pg_class.oid) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'events'::regclass ORDER BY relname
"""


def measure_copy(tower: Tower, events: int) -> float:
    """Rows a second, the best of three passes: the yardstick is not to be beaten by its own bad luck."""
    path = tower.folder / "rows.bin"
    with tower.connect() as connection:
        _save(connection, path)
        _make(connection)
        try:
            return max(events / _copy(connection, path, events) for _ in range(PASSES))
        finally:
            connection.execute("DROP TABLE yardstick")
            path.unlink()


def _save(connection: psycopg.Connection[Any], path: Path) -> None:
    with (
        path.open("wb") as file,
        connection.cursor().copy("COPY (SELECT * FROM events) TO STDOUT (FORMAT BINARY)") as rows,
    ):
        for block in rows:
            file.write(block)


def _make(connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE TABLE yardstick (LIKE events INCLUDING ALL) PARTITION BY RANGE (day)")
    for name, bounds in connection.execute(_PARTITIONS).fetchall():
        table = Identifier(f"yardstick_{name}")
        connection.execute(SQL("CREATE TABLE {} PARTITION OF yardstick {}").format(table, SQL(bounds)))


def _copy(connection: psycopg.Connection[Any], path: Path, events: int) -> float:
    connection.execute("TRUNCATE yardstick")
    connection.execute("CHECKPOINT")
    started = perf_counter()
    with connection.cursor() as cursor:
        with cursor.copy("COPY yardstick FROM STDIN (FORMAT BINARY)") as rows:
            for block in _blocks(path):
                rows.write(block)
        if cursor.rowcount != events:
            raise RuntimeError(f"{cursor.rowcount} rows in the store, {events} events were sent")
    return perf_counter() - started


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
