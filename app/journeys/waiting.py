"""The waiting room: facts kept under those of their shared keys that may one day lead them on.

A fact that names no journey lies in every journey that a shared key of it is tied to. Where that is not so (yet) it is
kept under the key: `unmatched` when it lies in no journey at all; `elsewhere` when the key is tied to none, but others
led it somewhere; `spreading` while it is brought to the journeys of the key, or out of them, a piece at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array, arrays
from app.core.ids import event_uid
from app.events.fact import Fact, pack_facts, unpack_fact

UNMATCHED, ELSEWHERE, SPREADING = "unmatched", "elsewhere", "spreading"

_FOR = """
SELECT DISTINCT ON (uid) fact, state FROM waiting_events WHERE kind = :kind AND key = ANY(:keys) ORDER BY uid, state
"""
_KEEP = """
INSERT INTO waiting_events (key, kind, uid, occurred_at, fact, state, reached)
SELECT key, :kind, uid, occurred_at, fact, state, CASE state WHEN 'spreading' THEN CAST(:nobody AS uuid) END
FROM unnest(:keys ::text[], :uids ::uuid[], :times ::timestamptz[], :facts ::bytea[], :states ::text[])
    AS new (key, uid, occurred_at, fact, state)
ON CONFLICT (key, kind, uid) DO UPDATE SET state = EXCLUDED.state, reached = EXCLUDED.reached
"""
_DROP = """
DELETE FROM waiting_events w USING unnest(:keys ::text[], :uids ::uuid[]) AS gone (key, uid)
WHERE w.kind = :kind AND w.key = gone.key AND w.uid = gone.uid
"""
_SPREADING = """
SELECT key, fact, reached FROM waiting_events WHERE kind = :kind AND state = 'spreading' ORDER BY key, uid LIMIT 1
"""
_AGAIN = "SELECT reached FROM waiting_events WHERE key = :key AND kind = :kind AND uid = :uid AND state = 'spreading'"
_REACH = "UPDATE waiting_events SET reached = :reached WHERE key = :key AND kind = :kind AND uid = :uid"
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact in the waiting room, under one of its keys."""

    key: str
    fact: Fact
    state: str


@dataclass(frozen=True, slots=True)
class Spreading:
    """A fact on its way through the journeys of a key, and the one that it has reached."""

    key: str
    fact: Fact
    reached: UUID

    @property
    def uid(self) -> UUID:
        """The event's id."""
        return event_uid(self.fact.source, self.fact.id)


def waiting_for(session: Session, kind: str, keys: Iterable[str]) -> list[tuple[Fact, str]]:
    """Facts that are kept under one of these shared keys, each with a state that it is kept in there."""
    wanted = sorted(keys)
    if not wanted:
        return []
    rows = session.execute(text(_FOR), {"kind": kind, "keys": array(wanted)})
    return [(unpack_fact(packed), state) for packed, state in rows]


def keep_waiting(session: Session, kind: str, kept: Sequence[Kept]) -> None:
    """Keep facts under their keys, in the states that they are in from now on."""
    if kept:
        columns = arrays(
            keys=[one.key for one in kept],
            uids=[event_uid(one.fact.source, one.fact.id) for one in kept],
            times=[one.fact.occurred_at for one in kept],
            facts=[pack_facts([one.fact]) for one in kept],
            states=[one.state for one in kept],
        )
        session.execute(text(_KEEP), {"kind": kind, "nobody": NOBODY, **columns})


def drop_waiting(session: Session, kind: str, gone: Sequence[tuple[str, Fact]]) -> None:
    """Let facts go from under keys which have led them on."""
    if gone:
        columns = arrays(keys=[key for key, _ in gone], uids=[event_uid(fact.source, fact.id) for _, fact in gone])
        session.execute(text(_DROP), {"kind": kind, **columns})


def find_spreading(session: Session, kind: str) -> Spreading | None:
    """Find a fact that is on its way."""
    row = session.execute(text(_SPREADING), {"kind": kind}).first()
    return Spreading(row.key, unpack_fact(row.fact), row.reached) if row else None


def see_again(session: Session, kind: str, one: Spreading) -> Spreading | None:
    """Read again how far a fact has come; None when it has arrived."""
    place = {"key": one.key, "kind": kind, "uid": one.uid}
    reached = session.execute(text(_AGAIN), place).scalar_one_or_none()
    return Spreading(one.key, one.fact, reached) if reached is not None else None


def note_reached(session: Session, kind: str, one: Spreading, reached: UUID) -> None:
    """Remember how far a fact has come."""
    session.execute(text(_REACH), {"key": one.key, "kind": kind, "uid": one.uid, "reached": reached})
