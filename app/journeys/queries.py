"""One journey as of a time, with the keys that lead to it and the journeys that it shares a key with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.fact import Fact, in_order, unpack_facts
from app.journeys.flow import Flow
from app.journeys.fold import fold_at
from app.journeys.journey import Journey
from app.journeys.knowledge import known_facts
from app.journeys.vicinity import facts_around

MOST_RELATED = 5
MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key of a journey; `role` is anchor, identity, provisional, contended, tied or facet."""

    namespace: str
    value: str
    role: str


@dataclass(frozen=True, slots=True)
class JourneyView:
    """A journey as of a time: its fold, and the facts and keys that were there by then."""

    id: UUID
    kind: str
    anchor: str
    flow: Flow
    is_provisional: bool
    journey: Journey
    facts: tuple[Fact, ...]
    keys: tuple[HeldKey, ...]

    @property
    def name(self) -> str:
        """What people call it: the value of its anchor."""
        return self.anchor.partition(":")[2]

    def keys_of(self, *roles: str) -> tuple[HeldKey, ...]:
        """Keys of these roles."""
        return tuple(key for key in self.keys if key.role in roles)


@dataclass(frozen=True, slots=True)
class Related:
    """A journey that has a key in common; `others` counts those of the key that are not listed (at most 200)."""

    id: UUID
    kind: str
    anchor: str
    key: str
    stage: str | None
    ending: str | None
    others: int

    @property
    def name(self) -> str:
        """What people call it."""
        return self.anchor.partition(":")[2]


# A journey that exists stands before a redirect of the same name, for a provisional one may come back.
_JOURNEY = text("""
    WITH RECURSIVE trail (id, hops) AS (
        SELECT CAST(:id AS uuid), 0
        UNION ALL
        SELECT r.journey_id, hops + 1 FROM trail JOIN journey_redirects r ON r.id = trail.id WHERE hops < 8
    )
    SELECT j.id, j.kind, j.flow, j.anchor, j.is_provisional, j.facts, j.event_count
      FROM trail JOIN journeys j ON j.id = trail.id ORDER BY hops LIMIT 1
""")
_KEYS = text("""
    SELECT key, role FROM journey_keys WHERE journey_id = :id AND kind = :kind
     ORDER BY array_position(ARRAY['anchor', 'identity', 'provisional', 'contended', 'tied', 'facet'], role), key
""")
_BY_KEY = text("SELECT journey_id FROM journey_keys WHERE key = :key AND role <> 'facet' ORDER BY kind, journey_id")
_RELATED = text("""
    SELECT shared.key, one.id, one.kind, one.anchor, one.stage, one.ending, counted.number
      FROM unnest(CAST(:keys AS text[])) AS shared(key)
     CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT 1 FROM journey_keys k WHERE k.key = shared.key AND k.journey_id <> :id AND k.role <> 'facet'
             LIMIT :counted) AS few) AS counted
     CROSS JOIN LATERAL (
        SELECT j.id, j.kind, j.anchor, j.stage, j.ending
          FROM (SELECT journey_id FROM journey_keys k
                 WHERE k.key = shared.key AND k.journey_id <> :id AND k.role <> 'facet' LIMIT :counted) AS k
          JOIN journeys j ON j.id = k.journey_id
         WHERE j.opened_at <= :at ORDER BY j.opened_at DESC, j.id LIMIT :limit) AS one
""")


def journey_at(
    session: Session, flows: Sequence[Flow], journey_id: UUID, at: datetime, known: datetime | None = None
) -> JourneyView | None:
    """Read one journey as it stood at a time, or as it was known to stand; redirects are followed.

    None when there is no such journey, or none of it had happened (or was known) by then.
    """
    row = session.execute(_JOURNEY, {"id": journey_id}).one_or_none()
    flow = _flow_of(flows, row.flow, row.kind) if row is not None else None
    if row is None or flow is None:
        return None
    if known is None:
        facts = unpack_facts(row.facts, row.event_count)
    else:
        facts = known_facts(flow, row.anchor, facts_around(session, flow, row.anchor), known)
    journey = fold_at(flow, facts, at) if facts else None
    if journey is None:
        return None
    seen = tuple(sorted((fact for fact in facts if fact.occurred_at <= at), key=in_order))
    rows = session.execute(_KEYS, {"id": row.id, "kind": row.kind})
    keys = _held(flow, seen, ((one.key, one.role) for one in rows))
    return JourneyView(row.id, row.kind, row.anchor, flow, row.is_provisional, journey, seen, keys)


def find_by_key(session: Session, key: str) -> list[UUID]:
    """Find the journeys that a key ("namespace:value") leads to."""
    return list(session.execute(_BY_KEY, {"key": key}).scalars())


def list_related(session: Session, view: JourneyView, at: datetime, limit: int = MOST_RELATED) -> list[Related]:
    """List journeys that have a shared or contended key in common, or the order's own name, newest first."""
    keys = [f"{key.namespace}:{key.value}" for key in view.keys_of("anchor", "contended", "tied")]
    if not keys:
        return []
    asked = {"keys": keys, "id": view.id, "at": at, "limit": limit, "counted": MOST_COUNTED}
    rows = session.execute(_RELATED, asked).all()
    shown: dict[str, int] = {}
    for row in rows:
        shown[row.key] = shown.get(row.key, 0) + 1
    return [
        Related(row.id, row.kind, row.anchor, row.key, row.stage, row.ending, max(0, row.number - shown[row.key]))
        for row in rows
    ]


def _flow_of(flows: Sequence[Flow], name: str, kind: str) -> Flow | None:
    """The flow that it was folded by; one that has been renamed is found by the kind of journey."""
    named = next((flow for flow in flows if flow.name == name), None)
    return named or next((flow for flow in flows if flow.kind == kind), None)


def _held(flow: Flow, facts: Sequence[Fact], rows: Iterable[tuple[str, str]]) -> tuple[HeldKey, ...]:
    """The keys that the facts carry, as they are labelled now."""
    carried: set[str] = set()
    for fact in facts:
        keys = flow.keys.sort(fact)
        carried.update(keys.anchors, keys.identities, keys.shared, keys.facets)
    found = ((key.partition(":"), role) for key, role in rows if key in carried)
    return tuple(HeldKey(namespace, value, role) for (namespace, _, value), role in found)
