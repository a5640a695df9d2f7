"""The facts around a journey: its own and those of all journeys that its names, or what it shares, lead to."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array
from app.events.fact import Fact, unpack_facts
from app.journeys.flow import Flow
from app.journeys.waiting import waiting_for

MOST_NAMES, MOST_JOURNEYS = 2_000, 200

# From name to name: those that events state beside it, and those that the journeys which it leads to are called by.
_NAMES = text("""
    WITH RECURSIVE named (key) AS (
        SELECT CAST(:anchor AS text)
        UNION
        SELECT beside.key FROM named CROSS JOIN LATERAL (
            SELECT n.neighbour AS key FROM key_neighbours n WHERE n.key = named.key AND n.kind = :kind
            UNION ALL
            SELECT other.key FROM journey_keys mine JOIN journey_keys other ON other.journey_id = mine.journey_id
             WHERE mine.key = named.key AND mine.kind = :kind AND mine.role NOT IN ('tied', 'facet')
               AND other.kind = :kind AND other.role NOT IN ('tied', 'facet')) AS beside
    )
    SELECT key FROM named LIMIT :most
""")
_FACTS = text("""
    SELECT j.facts, j.event_count FROM journeys j WHERE j.id IN (
        SELECT k.journey_id FROM journey_keys k
         WHERE k.key = ANY(CAST(:keys AS text[])) AND k.kind = :kind AND k.role <> 'facet' LIMIT :most)
""")


def facts_around(session: Session, flow: Flow, anchor: str) -> list[Fact]:
    """Read them, each once; of a name or shared key that leads to very many journeys only some."""
    names = session.execute(_NAMES, {"anchor": anchor, "kind": flow.kind, "most": MOST_NAMES}).scalars()
    own = _facts_of(session, flow, names)
    shared = {key for fact in own for key in flow.keys.sort(fact).shared}
    if not shared:
        return own
    others = [*_facts_of(session, flow, shared), *(fact for fact, _ in waiting_for(session, flow.kind, shared))]
    return list({(fact.source, fact.id): fact for fact in (*own, *others)}.values())


def _facts_of(session: Session, flow: Flow, keys: Iterable[str]) -> list[Fact]:
    rows = session.execute(_FACTS, {"keys": array(keys), "kind": flow.kind, "most": MOST_JOURNEYS})
    found = (fact for row in rows for fact in unpack_facts(row.facts, row.event_count))
    return list({(fact.source, fact.id): fact for fact in found}.values())
