"""Turns a filter of the work-queue into SQL over `asked`, `x` (exception or exposure) and `c` (its cause)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.terms import conditions
from app.exceptions.curves import current_losses
from app.exceptions.filters import ExceptionFilter
from app.exceptions.kinds import OF_ORDERS, other_flows
from app.exceptions.losses import Losses
from app.series.rates import RATES, Converter, load_converter

Condition = tuple[Sequence[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AsOf:
    """A time, with the rates and loss curves that hold at it."""

    at: datetime
    converter: Converter
    losses: Losses


def as_of(session: Session, at: datetime, currency: str) -> AsOf:
    """Read what a question about the work-queue stands on."""
    return AsOf(at, load_converter(session, at, currency), current_losses())


OPEN_THEN = "{row}.opened_at <= asked.at AND ({row}.closed_at IS NULL OR {row}.closed_at > asked.at)"

# The outstanding value of the order of `x` in minor units of the reporting currency; null when unknown.
WORTH = f"""(
    SELECT v.value_minor * rate.factor FROM exposures v
      LEFT JOIN {RATES} ON rate.currency = v.currency
     WHERE v.journey_id = x.journey_id AND {OPEN_THEN.format(row="v")}
     ORDER BY v.impact DESC LIMIT 1)"""

IS_LATE = f"""EXISTS (
    SELECT 1 FROM exceptions late
     WHERE late.journey_id = x.journey_id AND late.kind = 'overdue' AND {OPEN_THEN.format(row="late")})"""

# An order is as old as its oldest open trouble, as in the bands of age.
OLDEST = f"""(
    SELECT min(old.since_at) FROM exceptions old
     WHERE old.journey_id = x.journey_id AND {OPEN_THEN.format(row="old")})"""

_COLUMNS = {
    "channel": "x.channel",
    "cause": "x.cause",
    "owner": "lower(coalesce(c.owner, ''))",
    "step": "x.step",
    "system": "coalesce(c.system, '')",
    "flow": "coalesce(c.flow, '')",
    "kind": "coalesce(c.kind, '')",
    "age": f"extract(epoch FROM asked.at - {OLDEST})",
    "value": f"{WORTH} / :rate_unit",
}


def select(wanted: ExceptionFilter, converter: Converter, *, of: str = "exceptions") -> Condition:
    """Conditions, with their parameters, on rows of exceptions or exposures that are open at the asked time."""
    parts, parameters = conditions(wanted.terms, _COLUMNS)
    for number, word in enumerate(wanted.terms.words):
        parts.append(f"strpos(lower(coalesce(c.title, '')), :word_{number}) > 0")
        parameters[f"word_{number}"] = word.lower()
    if wanted.status == "late":
        parts.append("x.kind = 'overdue'" if of == "exceptions" else IS_LATE)
    if wanted.status in ("late", "due"):
        parts.append(OF_ORDERS)
        parameters |= other_flows()
    if any(limit.name == "value" for limit in wanted.terms.limits):
        parameters |= {**converter.parameters(), "rate_unit": converter.units}
    return parts, parameters
