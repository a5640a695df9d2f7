"""The orders behind the work-queue, dearest first, and plain rows of exceptions for the API; both in pages."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.errors import PayloadError
from app.core.money import Money
from app.core.paging import Page, cut_page, read_cursor
from app.exceptions.ahead_rows import AHEAD, CAUSE, FOR_EVER, ahead_parameters
from app.exceptions.filters import ExceptionFilter
from app.exceptions.open_rows import ASKED, open_rows
from app.exceptions.rewound import STATE_THEN, promise_then
from app.exceptions.selection import OPEN_THEN, AsOf, select
from app.series.rates import RATES


@dataclass(frozen=True, slots=True)
class Member:
    """An order in trouble; `at_risk` is what of it is attributed to its worst exception, None when unknown."""

    journey_id: UUID
    anchor: str
    channel: str
    steps: tuple[str, ...]
    kinds: tuple[str, ...]
    causes: tuple[str, ...]
    titles: tuple[str, ...]
    owners: tuple[str, ...]
    since_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    promised_at: datetime | None
    value: Money | None
    worth: Money | None
    at_risk: Money | None
    rank: Decimal


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One exception as it was known then: `closed_at` is None while it was open or still to come."""

    journey_id: UUID
    anchor: str
    channel: str
    step: str
    kind: str
    cause: str
    title: str
    owner: str
    action: str
    opened_at: datetime
    closed_at: datetime | None
    since_at: datetime
    started_at: datetime
    value: Money | None


_STAKE = f"""
    LEFT JOIN LATERAL (
        SELECT v.value_minor, v.currency, v.flow, v.since_at AS stake_since, v.impact FROM exposures v
         WHERE v.journey_id = x.journey_id AND {OPEN_THEN.format(row="v")}
         ORDER BY v.impact DESC LIMIT 1) AS stake ON true"""


def list_members(
    session: Session, wanted: ExceptionFilter, asked: AsOf, *, after: str | None = None, limit: int = 50
) -> Page[Member]:
    """List orders with a matching open exception, the dearest first; `cause:` in the filter gives one group's."""
    conditions, parameters = select(wanted, asked.converter)
    further, place = _after_member(after)
    statement = f"""
        WITH x AS (
            SELECT x.journey_id, min(x.channel) AS channel, min(x.since_at) AS since_at,
                   min(x.opened_at) AS first_at, max(x.opened_at) AS last_at,
                   array_agg(DISTINCT x.step) AS steps, array_agg(DISTINCT coalesce(c.kind, x.kind)) AS kinds,
                   array_agg(DISTINCT x.cause) AS causes, array_agg(DISTINCT coalesce(c.title, x.cause)) AS titles,
                   array_agg(DISTINCT coalesce(c.owner, '')) AS owners
              FROM {ASKED} CROSS JOIN LATERAL {open_rows("exceptions")} AS x LEFT JOIN causes c ON c.id = x.cause
             WHERE {" AND ".join(["true", *conditions])}
             GROUP BY x.journey_id
        ), ranked AS (
            SELECT x.*, stake.*, round(coalesce(stake.value_minor * rate.factor, -1), 6) AS rank
              FROM {ASKED} CROSS JOIN x {_STAKE}
              LEFT JOIN {RATES} ON rate.currency = stake.currency
        ), page AS (
            SELECT * FROM ranked WHERE {further} ORDER BY rank DESC, journey_id LIMIT {limit + 1}
        )
        SELECT page.*, coalesce(j.anchor, '') AS anchor, j.promised_at, {STATE_THEN}
          FROM page LEFT JOIN journeys j ON j.id = page.journey_id
         ORDER BY rank DESC, journey_id
    """
    parameters = {**asked.converter.parameters(), **parameters, **place, "ats": [asked.at], "at": asked.at}
    rows = [_member(row, asked) for row in session.execute(text(statement), parameters).mappings()]
    return cut_page(rows, limit, lambda row: (str(row.rank), str(row.journey_id)))


def _after_member(after: str | None) -> tuple[str, dict[str, Any]]:
    if after is None:
        return "true", {}
    rank, journey = read_cursor(after, 2)
    try:
        place = {"after_rank": Decimal(rank), "after_id": UUID(journey)}
    except (InvalidOperation, ValueError):
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
    return "(rank < :after_rank OR (rank = :after_rank AND journey_id > :after_id))", place


def _member(row: RowMapping, asked: AsOf) -> Member:
    value = _money(row)
    at_risk = None
    factor = asked.converter.factor(row["currency"])
    if value is not None and factor is not None:
        age = Fraction((asked.at - row["stake_since"]).total_seconds())
        worth = Fraction(value.minor) * factor
        lost = asked.losses.of(row["flow"], worth, age) if row["impact"] == "revenue" else Fraction(0)
        at_risk = Money(round(lost), asked.converter.currency) if lost is not None else None
    return Member(
        journey_id=row["journey_id"],
        anchor=row["anchor"],
        channel=row["channel"],
        steps=tuple(row["steps"]),
        kinds=tuple(row["kinds"]),
        causes=tuple(row["causes"]),
        titles=tuple(row["titles"]),
        owners=tuple(row["owners"]),
        since_at=row["since_at"],
        first_seen_at=row["first_at"],
        last_seen_at=row["last_at"],
        promised_at=promise_then(row, asked.at),
        value=value,
        worth=asked.converter.convert(value),
        at_risk=at_risk,
        rank=row["rank"],
    )


# What each status lists, and the time that orders it.
_SOURCES = {
    "open": (open_rows("exceptions"), "opened_at"),
    "late": (open_rows("exceptions"), "opened_at"),
    "due": (
        "(SELECT ahead.*, CAST(NULL AS timestamptz) AS closed_at FROM ahead WHERE ahead.place = asked.place)",
        "opened_at",
    ),
    "closed": ("(SELECT * FROM exceptions WHERE closed_at <= asked.at AND opened_at < closed_at)", "closed_at"),
}


def list_exceptions(
    session: Session, wanted: ExceptionFilter, asked: AsOf, *, after: str | None = None, limit: int = 50
) -> Page[ExceptionRow]:
    """List exceptions one by one, the last to open (or, where closed ones are wanted, to close) first."""
    conditions, parameters = select(wanted, asked.converter)
    source, order = _SOURCES[wanted.status]
    further, place = _after_row(after, order)
    is_due = wanted.status == "due"
    ahead, cause = (f"{AHEAD},", CAUSE) if is_due else ("", "LEFT JOIN causes c ON c.id = x.cause")
    statement = f"""
        WITH {ahead} page AS (
            SELECT x.*, coalesce(c.title, x.cause) AS title, coalesce(c.owner, '') AS owner,
                   coalesce(c.action, '') AS action
              FROM {ASKED} CROSS JOIN LATERAL {source} AS x {cause}
             WHERE {" AND ".join([further, *conditions])}
             ORDER BY x.{order} DESC, x.journey_id DESC, x.step DESC, x.kind DESC LIMIT {limit + 1}
        )
        SELECT x.*, coalesce(j.anchor, '') AS anchor, stake.value_minor, stake.currency
          FROM {ASKED} CROSS JOIN page AS x LEFT JOIN journeys j ON j.id = x.journey_id {_STAKE}
         ORDER BY x.{order} DESC, x.journey_id DESC, x.step DESC, x.kind DESC
    """
    parameters = {**parameters, **place, "ats": [asked.at]}
    parameters |= ahead_parameters(session, [asked.at], FOR_EVER) if is_due else {}
    rows = [_row(row, asked.at) for row in session.execute(text(statement), parameters).mappings()]
    return cut_page(rows, limit, lambda row: (getattr(row, order).isoformat(), str(row.journey_id), row.step, row.kind))


def _after_row(after: str | None, order: str) -> tuple[str, dict[str, Any]]:
    if after is None:
        return "true", {}
    opened, journey, step, kind = read_cursor(after, 4)
    try:
        place: dict[str, Any] = {"after_at": datetime.fromisoformat(opened), "after_id": UUID(journey)}
    except ValueError:
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
    place |= {"after_step": step, "after_kind": kind}
    return f"(x.{order}, x.journey_id, x.step, x.kind) < (:after_at, :after_id, :after_step, :after_kind)", place


def _row(row: RowMapping, at: datetime) -> ExceptionRow:
    named = ("journey_id", "anchor", "channel", "step", "kind", "cause", "title", "owner", "action")
    closed_at = row["closed_at"]
    return ExceptionRow(
        **{name: row[name] for name in named},
        opened_at=row["opened_at"],
        closed_at=closed_at if closed_at is not None and closed_at <= at else None,
        since_at=row["since_at"],
        started_at=row["started_at"],
        value=_money(row),
    )


def _money(row: RowMapping) -> Money | None:
    known = row["value_minor"] is not None and row["currency"] is not None
    return Money(row["value_minor"], row["currency"]) if known else None
