"""The waiting room: facts that touch no journey yet, kept under the shared keys that may one day lead somewhere."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import arrays
from app.core.ids import event_uid
from app.events.fact import Fact
from app.events.keys import EventKeys

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Fact)

_FOR = "SELECT DISTINCT ON (uid) fact FROM waiting_events WHERE kind = :kind AND key = ANY(:keys)"
_KEEP = """
INSERT INTO waiting_events (key, kind, uid, occurred_at, fact)
SELECT key, :kind, uid, occurred_at, fact
FROM unnest(:keys ::text[], :uids ::uuid[], :times ::timestamptz[], :facts ::bytea[])
    AS new (key, uid, occurred_at, fact)
ON CONFLICT DO NOTHING
"""


def waiting_for(session: Session, kind: str, keys: Iterable[str]) -> list[Fact]:
    """Facts that wait for one of these shared keys."""
    wanted = sorted(keys)
    if not wanted:
        return []
    rows = session.execute(text(_FOR), {"kind": kind, "keys": wanted}).scalars()
    return [_decoder.decode(packed) for packed in rows]


def keep_waiting(session: Session, kind: str, facts: Sequence[tuple[Fact, EventKeys]]) -> None:
    """Let facts wait under each of their shared keys; one without any waits under the empty key, to be counted."""
    rows = [(key, fact) for fact, keys in facts for key in (keys.shared or ("",))]
    if rows:
        columns = arrays(
            keys=[key for key, _ in rows],
            uids=[event_uid(fact.source, fact.id) for _, fact in rows],
            times=[fact.occurred_at for _, fact in rows],
            facts=[_encoder.encode(fact) for _, fact in rows],
        )
        session.execute(text(_KEEP), {"kind": kind, **columns})


def drop_waiting(session: Session, kind: str, names: Sequence[tuple[str, str]]) -> None:
    """Let facts go that have found their journeys."""
    if names:
        uids = [event_uid(source, fact_id) for source, fact_id in names]
        session.execute(
            text("DELETE FROM waiting_events WHERE kind = :kind AND uid = ANY(:uids)"), {"kind": kind, "uids": uids}
        )
