"""Compares what the store holds with what it should hold, table by table."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.series.rollup import GRAINS
from app.verify.report import Difference, Report
from app.verify.shelf import ROLLUPS, SHELVES, Shelf, stream

CHUNK = 1_000

_SUM = f"""
INSERT INTO {ROLLUPS.name} (series_id, grain, at, bucket, count)
SELECT series_id, grain, to_timestamp(minute * 60 / grain * grain), bucket, sum(count)
  FROM verify_counts CROSS JOIN unnest(ARRAY[{", ".join(map(str, GRAINS))}]) AS grains (grain)
 GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
"""
_UNNAMED = """
SELECT DISTINCT n.name, n.id FROM verify_names n
 WHERE CASE n.name WHEN 'causes' THEN NOT EXISTS (SELECT 1 FROM causes c WHERE c.id = n.id)
                   ELSE NOT EXISTS (SELECT 1 FROM series s WHERE s.id = CAST(n.id AS bigint)) END
 ORDER BY n.name, n.id
"""


def compare_tables(session: Session, report: Report) -> None:
    """Note every row that differs, is missing, or is one too many."""
    session.execute(text(_SUM))
    for shelf in SHELVES:
        _compare(session, shelf, report)
    for rows in stream(session, _UNNAMED, CHUNK):
        for name, missing in rows:
            report.add(Difference(name, missing, "a row that says what it means", None))


def _compare(session: Session, shelf: Shelf, report: Report) -> None:
    key, columns = shelf.columns[: shelf.key], ", ".join(shelf.columns)
    same = " AND ".join(f"e.{name} = s.{name}" for name in key)
    only = shelf.only
    parameters = {"kept_since": report.kept_since} if ":kept_since" in only else {}
    statement = f"""
        SELECT to_jsonb(e) AS expected, to_jsonb(s) AS stored
          FROM (SELECT {columns} FROM {shelf.name} WHERE {only}) AS e
          FULL JOIN (SELECT {columns} FROM {shelf.table} WHERE {only}) AS s ON {same}
         WHERE e IS DISTINCT FROM s
    """
    for rows in stream(session, statement, CHUNK, **parameters):
        for expected, stored in rows:
            report.add(_difference(shelf, expected, stored))


def _difference(shelf: Shelf, expected: dict[str, Any] | None, stored: dict[str, Any] | None) -> Difference:
    row = expected or stored or {}
    name = " ".join(str(row[column]) for column in shelf.columns[: shelf.key])
    rest = shelf.columns[shelf.key :]
    return Difference(shelf.table, name, _told(expected, stored, rest), _told(stored, expected, rest))


def _told(row: dict[str, Any] | None, other: dict[str, Any] | None, rest: tuple[str, ...]) -> dict[str, Any] | None:
    """What the row says where the other one says otherwise."""
    if row is None:
        return None
    return {name: row[name] for name in rest if other is None or row[name] != other[name]}
