"""The work-queue as of a time: groups by cause, their orders, the ageing bands, and plain rows for the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.money import Money
from app.exceptions.bands import BANDS, Band
from app.exceptions.counts import Count, count_open
from app.exceptions.exposures import Stake, add_stakes, list_stakes
from app.exceptions.filters import ExceptionFilter
from app.exceptions.levels import Level, level_of
from app.exceptions.open_rows import AGE, ASKED, open_rows
from app.exceptions.selection import AsOf, select


@dataclass(frozen=True, slots=True)
class ExceptionGroup:
    """Open exceptions of one cause; `at_risk` is the part of the total that is attributed to it."""

    cause: str
    title: str
    kind: str
    step: str
    system: str
    owner: str
    action: str
    channels: tuple[str, ...]
    orders: int
    at_risk: Money | None
    gross: Money | None
    coverage: float
    oldest_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    level: Level
    returns: int = 0  # how many of the `orders` are returns


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """The whole of what a filter finds, each order once; money is None when no value is known."""

    orders: int
    at_risk: Money | None
    low: Money | None
    high: Money | None
    gross: Money | None
    coverage: float | None
    oldest_at: datetime | None
    returns: int = 0  # how many of the `orders` are returns


@dataclass(frozen=True, slots=True)
class AgeBand:
    """One band of the ageing strip: orders by the age of their first failure."""

    band: Band
    orders: int
    gross: Money | None


def list_groups(
    session: Session, wanted: ExceptionFilter, asked: AsOf, limit: int | None = None
) -> tuple[ExceptionGroup, ...]:
    """List the causes of what is open, the most money at risk first."""
    counts = _counts(session, wanted, asked, by=("cause",))
    stakes = {stake.by["cause"]: stake for stake in _stakes(session, wanted, asked, by=("cause",))}
    causes = _read_causes(session, [count.by["cause"] for count in counts])
    groups = [
        _group(count, causes.get(count.by["cause"]), stakes.get(count.by["cause"]), asked.converter.currency)
        for count in counts
    ]
    groups.sort(key=lambda one: (-_minor(one.at_risk), -_minor(one.gross), -one.orders, one.title, one.cause))
    return tuple(groups[:limit])


def summarise(session: Session, wanted: ExceptionFilter, asked: AsOf) -> QueueSummary:
    """Add up what a filter finds."""
    counts = _counts(session, wanted, asked)
    stakes = _stakes(session, wanted, asked)
    currency = asked.converter.currency
    risk = add_stakes(stakes, {}) if stakes else None
    orders, valued = sum(count.firsts for count in counts), sum(count.first_valued for count in counts)
    staked = sum(count.first_staked for count in counts)
    gross = sum((count.first_gross for count in counts), Fraction(0))
    return QueueSummary(
        orders=orders,
        at_risk=_money(risk.at_risk, risk.valued, currency) if risk else Money(0, currency),
        low=_money(risk.low, risk.valued, currency) if risk else Money(0, currency),
        high=_money(risk.high, risk.valued, currency) if risk else Money(0, currency),
        gross=_money(gross, valued, currency) if staked else Money(0, currency),
        coverage=valued / staked if staked else None,
        oldest_at=min((count.oldest_at for count in counts), default=None),
        returns=orders - staked,
    )


def list_bands(session: Session, wanted: ExceptionFilter, asked: AsOf) -> tuple[AgeBand, ...]:
    """Count orders by age, all six bands, each with its value."""
    counts = {count.by[AGE]: count for count in _counts(session, wanted, asked, by=(AGE,))}
    currency = asked.converter.currency
    return tuple(
        AgeBand(band, count.orders, _gross(count, currency))
        if (count := counts.get(band.name))
        else AgeBand(band, 0, Money(0, currency))
        for band in BANDS
    )


_TREND = f"""
SELECT asked.place, x.cause, count(DISTINCT x.journey_id) AS orders
  FROM {ASKED} CROSS JOIN LATERAL {open_rows("exceptions")} AS x LEFT JOIN causes c ON c.id = x.cause
 WHERE {{conditions}} GROUP BY asked.place, x.cause
"""


def trend_by_cause(
    session: Session, wanted: ExceptionFilter, asked: AsOf, ats: Sequence[datetime]
) -> dict[str, list[int]]:
    """Count the orders of each cause at each of many times, for sparklines."""
    conditions, parameters = select(wanted, asked.converter)
    statement = _TREND.format(conditions=" AND ".join(["true", *conditions]))
    trends: dict[str, list[int]] = {}
    for place, cause, orders in session.execute(text(statement), {"ats": list(ats), **parameters}):
        trends.setdefault(cause, [0] * len(ats))[place - 1] = orders
    return trends


def _counts(session: Session, wanted: ExceptionFilter, asked: AsOf, by: tuple[str, ...] = ()) -> list[Count]:
    only = select(wanted, asked.converter)
    return count_open(session, [asked.converter], [asked.at], by=by, only=only)[0]


def _stakes(session: Session, wanted: ExceptionFilter, asked: AsOf, by: tuple[str, ...] = ()) -> list[Stake]:
    only = select(wanted, asked.converter, of="exposures")
    found = list_stakes(session, [asked.converter], asked.losses, [asked.at], impact="revenue", by=by, only=only)
    return found[0]


_CAUSES = "SELECT id, title, kind, step, system, owner, action FROM causes WHERE id = ANY(:ids)"
Words = tuple[str, str, str, str, str, str]


def _read_causes(session: Session, ids: list[str]) -> dict[str, Words]:
    rows = session.execute(text(_CAUSES), {"ids": ids})
    return {row.id: (row.title, row.kind, row.step, row.system, row.owner, row.action) for row in rows}


def _group(count: Count, words: Words | None, stake: Stake | None, currency: str) -> ExceptionGroup:
    cause = count.by["cause"]
    title, kind, step, system, owner, action = words or (cause, "", "", "", "", "")
    at_risk = _money(stake.at_risk, stake.valued, currency) if stake else Money(0, currency)
    gross = _gross(count, currency)
    return ExceptionGroup(
        cause=cause,
        title=title,
        kind=kind,
        step=step,
        system=system,
        owner=owner,
        action=action,
        channels=count.channels,
        orders=count.orders,
        at_risk=at_risk,
        gross=gross,
        coverage=count.coverage if count.coverage is not None else 1.0,
        oldest_at=count.oldest_at,
        first_seen_at=count.first_seen_at,
        last_seen_at=count.last_seen_at,
        level=level_of(at_risk=_whole(at_risk), gross=_whole(gross), orders=count.orders),
        returns=count.orders - count.staked,
    )


def _gross(count: Count, currency: str) -> Money | None:
    """The value behind a group: nothing when nothing is at stake, unknown when no value is known."""
    return _money(count.gross, count.valued, currency) if count.staked else Money(0, currency)


def _money(amount: Fraction, valued: int, currency: str) -> Money | None:
    return Money(round(amount), currency) if valued else None


def _minor(money: Money | None) -> int:
    return money.minor if money else 0


def _whole(money: Money | None) -> int:
    return int(money.major) if money else 0
