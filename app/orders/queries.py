"""The list of orders as of a time: filtered, newest first, in pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.money import Money
from app.core.paging import Page, cut_page, read_cursor
from app.core.terms import Terms, conditions
from app.events.fact import unpack_facts
from app.journeys.flow import Flow
from app.orders.filters import OrderFilter
from app.orders.row import OrderRow, as_it_was, fits, stages_before
from app.series.rates import RATES, Converter

# How many orders are looked at for one page when the past has to be folded to know which ones fit.
MOST_FOLDED = 2_000

_OPEN_THEN = "x.opened_at <= :at AND (x.closed_at IS NULL OR x.closed_at > :at)"
# As an array those in trouble are found first, and once: how many they are the planner cannot guess.
_TROUBLED = """j.id = ANY (ARRAY (
    SELECT x.journey_id
      FROM (SELECT * FROM exceptions WHERE closed_at IS NULL AND opened_at <= :at AND due_at <= :at
            UNION ALL SELECT * FROM exceptions WHERE closed_at > :at AND opened_at <= :at) AS x
      LEFT JOIN causes c ON c.id = x.cause WHERE {wanted}))"""
_STATUSES = {
    "open": "(j.closed_at IS NULL OR j.closed_at > :at)",
    "completed": "(j.closed_at <= :at AND j.ending = 'completed')",
    "cancelled": "(j.closed_at <= :at AND j.ending = 'cancelled')",
    "exception": _TROUBLED.format(wanted="true"),
    "late": _TROUBLED.format(wanted="x.kind = 'overdue'"),
}
_IN_TROUBLE = {"cause": "x.cause", "owner": "lower(coalesce(c.owner, ''))", "step": "x.step"}
_FIRM = {"channel": "j.channel", "age": "extract(epoch FROM CAST(:at AS timestamptz) - j.opened_at)"}
_WORTH = f"(SELECT j.value_minor * rate.factor FROM {RATES} WHERE rate.currency = j.currency) / :rate_unit"
# The indexed expression: the value of a key, whatever its case.
KEY_VALUE = "lower(substr(k.key, strpos(k.key, ':') + 1))"
_KEYED = "j.id IN (SELECT k.journey_id FROM journey_keys k WHERE {wanted})"


def list_orders(
    session: Session,
    wanted: OrderFilter,
    at: datetime,
    flow: Flow,
    converter: Converter,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[OrderRow]:
    """List orders opened by `at` as they were then; a page may be short when the past has to be searched."""
    found: list[OrderRow] = []
    cursor = after
    for _ in range(MOST_FOLDED // limit + 1):
        page = cut_page(_read(session, wanted, at, flow, converter, cursor, limit + 1), limit, _place)
        found += [row for row in page.rows if fits(flow, row, wanted.terms, converter)]
        cursor = page.after
        if cursor is None or len(found) >= limit:
            break
    if len(found) > limit:
        return cut_page(found, limit, _place)
    return Page(tuple(found), cursor)


def _read(
    session: Session,
    wanted: OrderFilter,
    at: datetime,
    flow: Flow,
    converter: Converter,
    after: str | None,
    size: int,
) -> list[OrderRow]:
    parts, parameters = _select(wanted, flow, converter)
    further, place = _after(after)
    statement = f"""
        SELECT j.id, j.anchor, j.is_provisional, coalesce(j.channel, '') AS channel, j.stage, j.value_minor, j.currency,
               j.opened_at, j.promised_at, j.closed_at, j.ending, j.last_at, trouble.titles, trouble.since_at,
               CASE WHEN j.last_at > :at THEN j.facts END AS facts, j.event_count
          FROM journeys j
          LEFT JOIN LATERAL (
              SELECT array_agg(DISTINCT coalesce(c.title, x.cause)) AS titles, min(x.since_at) AS since_at
                FROM exceptions x LEFT JOIN causes c ON c.id = x.cause
               WHERE x.journey_id = j.id AND {_OPEN_THEN}) AS trouble ON true
         WHERE j.kind = :kind AND j.opened_at <= :at AND {" AND ".join([further, *parts])}
         ORDER BY j.opened_at DESC, j.id DESC LIMIT :size
    """
    parameters = {**parameters, **place, "kind": flow.kind, "at": at, "size": size}
    return [_row(flow, row, at) for row in session.execute(text(statement), parameters).mappings()]


def _select(wanted: OrderFilter, flow: Flow, converter: Converter) -> tuple[list[str], dict[str, Any]]:
    terms = wanted.terms
    parts, parameters = conditions(terms, _FIRM)
    in_trouble, more = conditions(terms, _IN_TROUBLE)
    # What later facts may have changed is let through here, and checked when those orders have been folded.
    fluid, fluid_parameters = conditions(terms, {"stage": "j.stage", "value": _WORTH})
    parts += [f"(j.last_at > :at OR {part})" for part in fluid]
    if in_trouble:
        parts.append(_TROUBLED.format(wanted=" AND ".join(in_trouble)))
    if wanted.status:
        parts.append(_STATUSES[wanted.status])
    parameters |= {**more, **fluid_parameters, **converter.parameters(), "rate_unit": converter.units}
    if "waiting" in terms.values:
        parts.append("(j.last_at > :at OR (j.closed_at IS NULL AND j.stage = ANY(CAST(:before AS text[]))))")
        parameters["before"] = stages_before(flow, terms.values["waiting"])
    return _by_key(terms, parts, parameters)


def _by_key(terms: Terms, parts: list[str], parameters: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    keys = [*terms.values.get("key", ()), *(f"sku:{value}" for value in terms.values.get("sku", ()))]
    if keys:
        parts.append(_KEYED.format(wanted="k.key = ANY(CAST(:keys AS text[]))"))
        parameters["keys"] = keys
    for number, word in enumerate(terms.words):
        parts.append(_KEYED.format(wanted=f"{KEY_VALUE} = :word_{number}"))
        parameters[f"word_{number}"] = word.lower()
    return parts, parameters


def _after(after: str | None) -> tuple[str, dict[str, Any]]:
    if after is None:
        return "true", {}
    opened, journey = read_cursor(after, 2)
    try:
        place = {"after_at": datetime.fromisoformat(opened), "after_id": UUID(journey)}
    except ValueError:
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
    return "(j.opened_at, j.id) < (:after_at, :after_id)", place


def _place(row: OrderRow) -> tuple[str, ...]:
    return row.opened_at.isoformat(), str(row.journey_id)


def _row(flow: Flow, row: RowMapping, at: datetime) -> OrderRow:
    known = row["value_minor"] is not None and row["currency"] is not None
    order = OrderRow(
        journey_id=row["id"],
        anchor=row["anchor"],
        is_provisional=row["is_provisional"],
        channel=row["channel"],
        stage=row["stage"],
        value=Money(row["value_minor"], row["currency"]) if known else None,
        opened_at=row["opened_at"],
        promised_at=row["promised_at"],
        closed_at=row["closed_at"],
        ending=row["ending"],
        last_at=row["last_at"],
        troubles=tuple(row["titles"] or ()),
        trouble_since_at=row["since_at"],
    )
    return as_it_was(flow, order, unpack_facts(row["facts"], row["event_count"]), at) if row["facts"] else order
