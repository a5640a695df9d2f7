"""What is at stake in open exceptions, as of many times at once: each order once, exact, in one currency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.exceptions.losses import PACES, Losses
from app.exceptions.open_rows import AGE, ASKED, age_band, columns, grouping, labels, narrowed, open_rows
from app.series.rates import Converter

Condition = tuple[Sequence[str], Mapping[str, Any]]

_BAND = {AGE: age_band("x.since_at")}


@dataclass(frozen=True, slots=True)
class Stake:
    """Amounts are minor units of the converter's currency, not yet rounded, so that parts add up to their total."""

    by: Mapping[str, str]
    orders: int
    valued: int
    gross: Fraction
    low: Fraction
    at_risk: Fraction
    high: Fraction
    oldest_at: datetime


def list_stakes(
    session: Session,
    converters: Sequence[Converter],
    losses: Losses,
    ats: Sequence[datetime],
    *,
    impact: str,
    by: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    only: Condition = ((), {}),
) -> list[list[Stake]]:
    """Sum the exposures of one impact open at each time, one converter for each, by dimension."""
    conditions, parameters = narrowed(where or {}, _BAND)
    conditions = ["x.impact = :impact", *conditions, *only[0]]
    age = "extract(epoch FROM asked.at - x.since_at)"
    statement = f"""
        SELECT asked.place, {columns(by, _BAND)} x.currency, x.flow,
               width_bucket({age}, CAST(:cuts AS numeric[])) AS piece,
               count(*) AS orders, count(x.value_minor) AS valued, coalesce(sum(x.value_minor), 0) AS value,
               coalesce(sum(x.value_minor * {age}), 0) AS weighted, min(x.since_at) AS oldest_at
          FROM {ASKED}
         CROSS JOIN LATERAL {open_rows("exposures")} AS x
          LEFT JOIN causes c ON c.id = x.cause
         WHERE {" AND ".join(conditions)}
         GROUP BY asked.place, {grouping(by, _BAND)} x.currency, x.flow, piece
    """
    cuts = [Decimal(cut.numerator) / cut.denominator for cut in losses.cuts]
    rows = session.execute(text(statement), {"ats": list(ats), "impact": impact, "cuts": cuts, **parameters, **only[1]})
    found: list[dict[tuple[Any, ...], list[Stake]]] = [{} for _ in ats]
    for row in rows.mappings():
        stake = _stake(row, labels(by, row), converters[row["place"] - 1], losses)
        found[row["place"] - 1].setdefault(tuple(stake.by.values()), []).append(stake)
    return [[add_stakes(group, group[0].by) for group in groups.values()] for groups in found]


def add_stakes(stakes: Iterable[Stake], by: Mapping[str, str]) -> Stake:
    """Add the parts of one whole."""
    parts = list(stakes)
    return Stake(
        by=by,
        orders=sum(part.orders for part in parts),
        valued=sum(part.valued for part in parts),
        gross=sum((part.gross for part in parts), Fraction(0)),
        low=sum((part.low for part in parts), Fraction(0)),
        at_risk=sum((part.at_risk for part in parts), Fraction(0)),
        high=sum((part.high for part in parts), Fraction(0)),
        oldest_at=min(part.oldest_at for part in parts),
    )


def _stake(row: RowMapping, by: Mapping[str, str], converter: Converter, losses: Losses) -> Stake:
    factor = converter.factor(row["currency"])
    value, weighted = Fraction(row["value"]), Fraction(row["weighted"])
    lost = [losses.expected(row["flow"], row["piece"], value, weighted, pace) for pace in PACES]
    if factor is None or None in lost:
        return Stake(by, row["orders"], 0, Fraction(0), Fraction(0), Fraction(0), Fraction(0), row["oldest_at"])
    low, expected, high = (factor * (part or 0) for part in lost)
    return Stake(by, row["orders"], row["valued"], factor * value, low, expected, high, row["oldest_at"])
