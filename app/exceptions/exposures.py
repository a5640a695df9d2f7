"""What is at stake in open exceptions, as of many times at once: each order once, exact, in one currency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import remembered
from app.exceptions.losses import PACES, Losses
from app.exceptions.open_rows import ASKED, age_band, open_rows
from app.exceptions.parts import Condition, Part, check_where, holds
from app.series.rates import Converter

_SUMS = f"""
SELECT asked.place, x.cause, x.step, {age_band("x.since_at")} AS age, x.channel, coalesce(c.owner, '') AS owner,
       coalesce(c.system, '') AS system, coalesce(c.kind, '') AS kind, x.currency, x.flow,
       width_bucket(extract(epoch FROM asked.at - x.since_at), CAST(:cuts AS numeric[])) AS piece,
       count(*) AS orders, count(x.value_minor) AS valued, coalesce(sum(x.value_minor), 0) AS value,
       coalesce(sum(x.value_minor * extract(epoch FROM asked.at - x.since_at)), 0) AS weighted,
       min(x.since_at) AS oldest_at
  FROM {ASKED} CROSS JOIN LATERAL {{rows}} AS x LEFT JOIN causes c ON c.id = x.cause
 WHERE {{conditions}}
 GROUP BY asked.place, x.cause, x.step, age, x.channel, c.owner, c.system, c.kind, x.currency, x.flow, piece
"""


class _Where(NamedTuple):
    """The asked time, the currency, the flow, and the straight piece of its loss curve."""

    place: int
    currency: str | None
    flow: str
    piece: int


class _Sums(NamedTuple):
    """What stands in one part: `weighted` is Σ value × age in seconds."""

    orders: int
    valued: int
    value: Fraction
    weighted: Fraction
    oldest_at: datetime

    def plus(self, other: "_Sums") -> "_Sums":
        """Both together."""
        return _Sums(
            self.orders + other.orders,
            self.valued + other.valued,
            self.value + other.value,
            self.weighted + other.weighted,
            min(self.oldest_at, other.oldest_at),
        )


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
    wanted = where or {}
    check_where(wanted)
    found: list[dict[tuple[str, ...], list[Stake]]] = [{} for _ in ats]
    for (place, name, currency, flow, piece), sums in _sum_up(
        _read_sums(session, losses, ats, impact, only), by, wanted
    ).items():
        lost = [losses.expected(flow, piece, sums.value, sums.weighted, pace) for pace in PACES]
        stake = _stake(sums, dict(zip(by, name, strict=True)), converters[place - 1].factor(currency), lost)
        found[place - 1].setdefault(name, []).append(stake)
    return [[add_stakes(group, group[0].by) for group in groups.values()] for groups in found]


def _sum_up(
    rows: Iterable[tuple[_Where, Part, _Sums]], by: Sequence[str], where: Mapping[str, str]
) -> dict[tuple[int, tuple[str, ...], str | None, str, int], _Sums]:
    """Add up what stands in one group and has currency, flow and piece in common."""
    found: dict[tuple[int, tuple[str, ...], str | None, str, int], _Sums] = {}
    for (place, currency, flow, piece), part, sums in rows:
        if holds(part, where):
            key = place, tuple(map(part.label, by)), currency, flow, piece
            found[key] = found[key].plus(sums) if key in found else sums
    return found


def _read_sums(
    session: Session, losses: Losses, ats: Sequence[datetime], impact: str, only: Condition
) -> list[tuple[_Where, Part, _Sums]]:
    """Read what every question about these times is answered from, once where the session remembers its answers."""
    cuts = [Decimal(cut.numerator) / cut.denominator for cut in losses.cuts]
    statement = _SUMS.format(rows=open_rows("exposures"), conditions=" AND ".join(["x.impact = :impact", *only[0]]))
    parameters = {"ats": list(ats), "impact": impact, "cuts": cuts, **only[1]}

    def read() -> list[tuple[_Where, Part, _Sums]]:
        return [
            (
                _Where(row.place, row.currency, row.flow, row.piece),
                Part(row.cause, row.step, row.age, row.channel, row.owner, row.system, row.kind, row.flow),
                _Sums(row.orders, row.valued, Fraction(row.value), Fraction(row.weighted), row.oldest_at),
            )
            for row in session.execute(text(statement), parameters)
        ]

    return remembered(session, (statement, repr(sorted(parameters.items()))), read)


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


def _stake(sums: _Sums, by: Mapping[str, str], factor: Fraction | None, lost: Sequence[Fraction | None]) -> Stake:
    if factor is None or None in lost:
        return Stake(by, sums.orders, 0, Fraction(0), Fraction(0), Fraction(0), Fraction(0), sums.oldest_at)
    low, expected, high = (factor * (part or 0) for part in lost)
    return Stake(by, sums.orders, sums.valued, factor * sums.value, low, expected, high, sums.oldest_at)
