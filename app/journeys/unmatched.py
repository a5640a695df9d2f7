"""Reads of the waiting room: the keys that events wait under, and the events that wait under one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.paging import Page, cut_page, read_cursor, read_place
from app.events.fact import Fact, unpack_fact

PAGE_ROWS = 50
FEW_FACTS = 20


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """A key that events of one kind of journey wait under, and the latest of them; the empty key leads nowhere."""

    key: str
    kind: str
    count: int
    first_at: datetime
    last_at: datetime
    facts: tuple[Fact, ...] = ()

    @property
    def namespace(self) -> str:
        """What the key is a number of."""
        return self.key.partition(":")[0]

    @property
    def value(self) -> str:
        """The number itself."""
        return self.key.partition(":")[2]


_NAMESPACES = text("""
    SELECT split_part(key, ':', 1), count(DISTINCT uid)
      FROM waiting_events WHERE state = 'unmatched' AND key <> '' AND occurred_at <= :at GROUP BY 1 ORDER BY 2 DESC, 1
""")
_KEYS = """
    SELECT key, kind, count(*) AS number, min(occurred_at) AS first_at, max(occurred_at) AS last_at
      FROM waiting_events
     WHERE state = 'unmatched' AND occurred_at <= :at
       AND split_part(key, ':', 1) = coalesce(CAST(:namespace AS text), split_part(key, ':', 1))
       AND (key = :words OR starts_with(lower(substr(key, strpos(key, ':') + 1)), lower(:words)))
     GROUP BY key, kind {beyond}
     ORDER BY {place} {way}, key {way}, kind {way} LIMIT :limit
"""
_LATEST = text("""
    SELECT wanted.key, wanted.kind, latest.fact
      FROM unnest(CAST(:keys AS text[]), CAST(:kinds AS text[])) AS wanted (key, kind)
     CROSS JOIN LATERAL (
        SELECT fact, occurred_at FROM waiting_events w
         WHERE w.key = wanted.key AND w.kind = wanted.kind AND state = 'unmatched' AND occurred_at <= :at
         ORDER BY occurred_at DESC LIMIT :few) AS latest
     ORDER BY latest.occurred_at
""")
_UNDER = """
    SELECT uid, fact FROM waiting_events
     WHERE key = :key AND kind = :kind AND state = 'unmatched' AND occurred_at <= :at {beyond}
     ORDER BY occurred_at {way}, uid {way} LIMIT :limit
"""
_NAMED = text("""
    SELECT key, kind, count(*) AS number, min(occurred_at) AS first_at, max(occurred_at) AS last_at
      FROM waiting_events WHERE key = ANY(CAST(:keys AS text[])) AND state = 'unmatched' AND occurred_at <= :at
     GROUP BY key, kind ORDER BY key, kind
""")


def count_by_namespace(session: Session, at: datetime) -> dict[str, int]:
    """Count the events that wait under keys of each namespace, the most first."""
    return {row[0]: row[1] for row in session.execute(_NAMESPACES, {"at": at})}


def list_waiting_keys(
    session: Session,
    words: str,
    at: datetime,
    *,
    namespace: str | None = None,
    newest_first: bool = False,
    after: str | None = None,
) -> Page[WaitingKey]:
    """List the keys that events wait under, the longest wait first, or the latest event; `words` begin them."""
    place, way, sign = ("max(occurred_at)", "DESC", "<") if newest_first else ("min(occurred_at)", "ASC", ">")
    asked: dict[str, object] = {"words": words, "namespace": namespace, "at": at, "limit": PAGE_ROWS + 1}
    beyond = ""
    if after:
        beyond = f"HAVING ({place}, key, kind) {sign} (:moment, :last_key, :last_kind)"
        asked |= dict(zip(("moment", "last_key", "last_kind"), _read_mark(after), strict=True))
    rows = [_key(row) for row in session.execute(text(_KEYS.format(beyond=beyond, place=place, way=way)), asked)]
    page = cut_page(rows, PAGE_ROWS, lambda row: (_moment(row, newest_first).isoformat(), row.key, row.kind))
    return Page(tuple(_with_facts(session, page.rows, at)), page.after)


def find_waiting_key(session: Session, key: str, kind: str, at: datetime) -> WaitingKey | None:
    """Read what waits under one key."""
    return next((one for one in named_waiting_keys(session, (key,), at) if one.kind == kind), None)


def named_waiting_keys(session: Session, keys: Iterable[str], at: datetime) -> tuple[WaitingKey, ...]:
    """Read those of these keys that events wait under."""
    return tuple(_key(row) for row in session.execute(_NAMED, {"keys": list(keys), "at": at}))


def list_waiting_events(
    session: Session, key: str, kind: str, at: datetime, *, newest_first: bool = False, after: str | None = None
) -> Page[tuple[UUID, Fact]]:
    """List the events that wait under one key."""
    way, sign = ("DESC", "<") if newest_first else ("ASC", ">")
    asked: dict[str, object] = {"key": key, "kind": kind, "at": at, "limit": PAGE_ROWS + 1}
    beyond = ""
    if after:
        beyond = f"AND (occurred_at, uid) {sign} (:moment, CAST(:last AS uuid))"
        asked |= dict(zip(("moment", "last"), read_place(after), strict=True))
    found = session.execute(text(_UNDER.format(beyond=beyond, way=way)), asked)
    rows = [(row.uid, unpack_fact(row.fact)) for row in found]
    return cut_page(rows, PAGE_ROWS, lambda row: (row[1].occurred_at.isoformat(), str(row[0])))


def _with_facts(session: Session, rows: Sequence[WaitingKey], at: datetime) -> list[WaitingKey]:
    asked = {"keys": [row.key for row in rows], "kinds": [row.kind for row in rows], "at": at, "few": FEW_FACTS}
    facts: dict[tuple[str, str], list[Fact]] = {}
    for row in session.execute(_LATEST, asked) if rows else ():
        facts.setdefault((row.key, row.kind), []).append(unpack_fact(row.fact))
    return [replace(one, facts=tuple(facts.get((one.key, one.kind), ()))) for one in rows]


def _key(row: Row[tuple[str, str, int, datetime, datetime]]) -> WaitingKey:
    return WaitingKey(row.key, row.kind, row.number, row.first_at, row.last_at)


def _moment(row: WaitingKey, newest_first: bool) -> datetime:
    return row.last_at if newest_first else row.first_at


def _read_mark(after: str) -> tuple[datetime, str, str]:
    moment, key, kind = read_cursor(after, 3)
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), key, kind
    except (ValueError, OverflowError):
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
