"""The metrics of money: revenue at risk, and cash that will come late."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from app.exceptions.curves import current_losses
from app.exceptions.exposures import Stake, add_stakes, list_stakes
from app.metrics import sheets
from app.metrics.freshness import read_ages, unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.rates import load_converters

DIMENSIONS = ("cause", "channel", "step", "owner", "system", "age")
NO_VALUES = "no order has a known value and rate"


def ask_at_risk(session: Session, asked: Asked) -> list[Answer]:
    """Expect a loss by the age of each order's trouble."""
    return _ask(session, asked, "revenue")


def ask_cash_delayed(session: Session, asked: Asked) -> list[Answer]:
    """Sum what will come, but late."""
    return _ask(session, asked, "cash")


def _ask(session: Session, asked: Asked, impact: str) -> list[Answer]:
    converters = load_converters(session, asked.at, asked.currency)
    stakes = list_stakes(session, converters, current_losses(), asked.at, impact=impact, by=asked.by, where=asked.where)
    ages = read_ages(session, asked.at)
    return [_answer(at, one, age, impact) for at, one, age in zip(asked.at, stakes, ages, strict=True)]


def _answer(at: datetime, stakes: list[Stake], age: float | None, impact: str) -> Answer:
    if not stakes:
        extra = {"orders": 0, "gross": 0, "oldest_at": None}
        return unknown(at) if age is None else Answer(at, 0, 0, 0, None, age, extra=extra)
    total = add_stakes(stakes, {})
    value, low, high = _amounts(total, impact)
    groups = sorted(
        (Group(stake.by, _amounts(stake, impact)[0], _extra(stake, impact)) for stake in stakes if stake.by),
        key=lambda group: (-(group.value or 0), -group.extra["gross"], tuple(group.by.values())),
    )
    reason = {} if value is not None else {"reason": NO_VALUES}
    coverage = total.valued / total.orders
    return Answer(at, value, low, high, coverage, age, tuple(groups), {**_extra(total, impact), **reason})


def _amounts(stake: Stake, impact: str) -> tuple[int | None, int | None, int | None]:
    if stake.valued == 0:
        return None, None, None
    if impact == "cash":
        return round(stake.gross), round(stake.gross), round(stake.gross)
    return round(stake.at_risk), round(stake.low), round(stake.high)


def _extra(stake: Stake, impact: str) -> Mapping[str, Any]:
    _, low, high = _amounts(stake, impact)
    return {
        "orders": stake.orders,
        "gross": round(Fraction(stake.gross)),
        "low": low,
        "high": high,
        "coverage": stake.valued / stake.orders,
        "oldest_at": stake.oldest_at,
    }


METRICS = (
    Metric("revenue.at_risk", "money", DIMENSIONS, timedelta(0), sheets.REVENUE_AT_RISK, ask_at_risk),
    Metric("revenue.cash_delayed", "money", DIMENSIONS, timedelta(0), sheets.CASH_DELAYED, ask_cash_delayed),
)
