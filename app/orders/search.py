"""Search by any identifier: exact, else by its beginning; what would only guess is refused with a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.money import Money
from app.journeys.flow import Flow
from app.journeys.unmatched import WaitingKey, named_waiting_keys
from app.orders.queries import KEY_VALUE

MOST_HITS = 50
SHORTEST_PREFIX = 3
# Namespaces that stand for people: found when given whole, never by a part.
PERSONAL = ("customer",)
_OWN = ("anchor", "identity", "provisional")


@dataclass(frozen=True, slots=True)
class Hit:
    """A journey that a key leads to; `closed_at` and `ending` are as of the asked time."""

    journey_id: UUID
    anchor: str
    key: str
    role: str
    channel: str
    value: Money | None
    opened_at: datetime
    closed_at: datetime | None
    ending: str | None
    is_provisional: bool

    @property
    def name(self) -> str:
        """Orders by their number, other journeys with their kind before it."""
        namespace, _, value = self.anchor.partition(":")
        return value if namespace == "order" or self.is_provisional else f"{namespace} {value}"


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Hits of one namespace."""

    namespace: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found: `journey_id` when there is only one place to go, `refusal` when it was not looked for.

    `waiting` are keys of that name that no order is known by, though events have come that carry them.
    """

    text: str
    groups: tuple[HitGroup, ...] = ()
    journey_id: UUID | None = None
    is_exact: bool = False
    is_cut: bool = False
    refusal: str | None = None
    hint: str = ""
    waiting: tuple[WaitingKey, ...] = ()


_HITS = f"""
    SELECT k.key, k.role, j.id, j.anchor, coalesce(j.channel, '') AS channel, j.value_minor, j.currency, j.opened_at,
           j.is_provisional, CASE WHEN j.closed_at <= :at THEN j.closed_at END AS closed_at,
           CASE WHEN j.closed_at <= :at THEN j.ending END AS ending
      FROM (SELECT k.key, k.role, k.journey_id FROM journey_keys k WHERE {{wanted}} LIMIT {MOST_HITS * 4}) AS k
      JOIN journeys j ON j.id = k.journey_id
     WHERE j.opened_at <= :at
     ORDER BY k.role = 'facet', j.opened_at DESC, k.key, j.id LIMIT {MOST_HITS + 1}
"""
_AS_TYPED = _HITS.format(wanted="k.key = ANY(CAST(:keys AS text[]))")
_ANY_CASE = _HITS.format(wanted=f"{KEY_VALUE} = :value")
# The operators of the index, so that a prepared statement uses it too.
_BEGINNING = _HITS.format(
    wanted=f"""{KEY_VALUE} ~>=~ :value AND {KEY_VALUE} ~<~ :beyond
               AND split_part(k.key, ':', 1) <> ALL(CAST(:personal AS text[]))"""
)


def search(session: Session, words: str, at: datetime, flow: Flow) -> SearchResult:
    """Find orders by an identifier as of a time."""
    value = words.strip()
    refused = _refuse(value)
    if refused:
        return refused
    hits = _exact(session, value, at, flow)
    if hits:
        return _result(value, hits, is_exact=True)
    waiting = named_waiting_keys(session, [value, *_names(value, flow)], at)
    return replace(_by_beginning(session, value, at), waiting=waiting)


def _by_beginning(session: Session, value: str, at: datetime) -> SearchResult:
    if len(value) < SHORTEST_PREFIX:
        return SearchResult(value, refusal=f"Nothing is called {value!r}. Type at least {SHORTEST_PREFIX} characters.")
    low = value.lower()
    parameters = {"value": low, "beyond": low + "\U0010ffff", "personal": list(PERSONAL), "at": at}
    hits = _read(session, _BEGINNING, parameters)
    return _result(value, hits) if hits else _nothing(value)


def _exact(session: Session, value: str, at: datetime, flow: Flow) -> list[Hit]:
    hits = _read(session, _AS_TYPED, {"keys": [value, *_names(value, flow)], "at": at})
    return hits or _read(session, _ANY_CASE, {"value": value.lower(), "at": at})


def _names(value: str, flow: Flow) -> list[str]:
    return [f"{name}:{value}" for name, kind in flow.keys.classes.items() if kind != "facet"]


def _read(session: Session, statement: str, parameters: dict[str, object]) -> list[Hit]:
    return [_hit(row) for row in session.execute(text(statement), parameters).mappings()]


def _hit(row: RowMapping) -> Hit:
    known = row["value_minor"] is not None and row["currency"] is not None
    return Hit(
        journey_id=row["id"],
        anchor=row["anchor"],
        key=row["key"],
        role=row["role"],
        channel=row["channel"],
        value=Money(row["value_minor"], row["currency"]) if known else None,
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        ending=row["ending"],
        is_provisional=row["is_provisional"],
    )


def _result(value: str, hits: Sequence[Hit], *, is_exact: bool = False) -> SearchResult:
    # A return carries its order's number, and an order its returns': who owns the name comes before who mentions it.
    journeys = {hit.journey_id for hit in hits if hit.role in _OWN} or {hit.journey_id for hit in hits}
    groups: dict[str, list[Hit]] = {}
    for hit in hits[:MOST_HITS]:
        groups.setdefault(hit.key.partition(":")[0], []).append(hit)
    return SearchResult(
        text=value,
        groups=tuple(HitGroup(namespace, tuple(found)) for namespace, found in groups.items()),
        journey_id=next(iter(journeys)) if is_exact and len(journeys) == 1 else None,
        is_exact=is_exact,
        is_cut=len(hits) > MOST_HITS,
    )


def _refuse(value: str) -> SearchResult | None:
    if not value:
        return SearchResult(value, refusal="Type an order, invoice, parcel or document number.")
    if "\x00" in value or len(value) > 200:
        return SearchResult(value, refusal="No identifier looks like this.")
    if re.fullmatch(r"\S+@\S+", value):
        reason = "E-mail addresses are not kept, so no order can be found by one."
        return SearchResult(value, refusal=reason, hint="Search for the order, invoice or parcel number instead.")
    return None


def _nothing(value: str) -> SearchResult:
    if re.fullmatch(r"\d{4,}", value):
        reason = f"Nothing begins with {value}. Search by the last digits is not possible: too many orders share them."
        return SearchResult(value, refusal=reason, hint="Type the number from its start.")
    if re.fullmatch(r"[0-9a-f]{8,}", value.lower()):
        reason = "A part of an e-mail hash is not searched for: it may fit several customers."
        return SearchResult(value, refusal=reason, hint="Paste the whole hash, or search for the order number.")
    return SearchResult(value, hint="Type an order, invoice, parcel or document number, or the beginning of one.")
