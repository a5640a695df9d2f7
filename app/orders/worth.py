"""The money of one order as of a time: stated, captured, invoiced, settled, and what of it is at risk (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.core.money import Money, exponent
from app.events.fact import Fact
from app.exceptions.losses import EXPECTED, HASTY, PATIENT, Losses
from app.exceptions.risk import Stake, find_stakes, value_at
from app.orders.rules import Situation
from app.series.rates import Converter

_CAPTURED, _INVOICED, _SETTLED = "payment.captured", "invoice.posted", "payout.settled"
_REFUNDED, _CREDITED = "refund.issued", "creditmemo.posted"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What an order is expected to lose at this age, in the reporting currency, and its share of the value."""

    expected: Money
    low: Money
    high: Money
    share: float


@dataclass(frozen=True, slots=True)
class Worth:
    """Money of an order or a return; None is unknown, or not there yet. `rate` is what one unit is worth in ours."""

    value: Money | None
    ours: Money | None
    rate: float | None
    captured: Money | None
    invoiced: Money | None
    settled: Money | None
    refunded: Money | None
    credited: Money | None
    at_risk: AtRisk | None
    delayed: Money | None

    @property
    def is_foreign(self) -> bool:
        """Whether it is in another currency than the one that sums are shown in."""
        return self.value is not None and self.ours is not None and self.value.currency != self.ours.currency


def read_worth(situation: Situation, facts: Sequence[Fact], converter: Converter, losses: Losses) -> Worth:
    """Work out the money of a journey."""
    value = _money(*value_at(situation.journey, situation.at))
    stakes = find_stakes(situation.flow, situation.journey, list(situation.intervals))
    live = {stake.impact: stake for stake in stakes if _is_open(stake, situation)}
    return Worth(
        value=value,
        ours=converter.convert(value),
        rate=_rate(value, converter),
        captured=_stated(facts, _CAPTURED),
        invoiced=_stated(facts, _INVOICED),
        settled=_stated(facts, _SETTLED),
        refunded=_stated(facts, _REFUNDED),
        credited=_stated(facts, _CREDITED),
        at_risk=_at_risk(situation, live["revenue"], converter, losses) if "revenue" in live else None,
        delayed=converter.convert(_money(live["cash"].value_minor, live["cash"].currency)) if "cash" in live else None,
    )


def _is_open(stake: Stake, situation: Situation) -> bool:
    return stake.opened_at <= situation.at and (stake.closed_at is None or stake.closed_at > situation.at)


def _at_risk(situation: Situation, stake: Stake, converter: Converter, losses: Losses) -> AtRisk | None:
    factor = converter.factor(stake.currency)
    if stake.value_minor is None or factor is None:
        return None
    ours = Fraction(stake.value_minor) * factor
    age = Fraction((situation.at - stake.since_at).total_seconds())
    lost = [losses.of(situation.flow.name, ours, age, pace) for pace in (PATIENT, EXPECTED, HASTY)]
    low, expected, high = (Money(round(one), converter.currency) if one is not None else None for one in lost)
    if low is None or expected is None or high is None:
        return None
    return AtRisk(expected, low, high, situation.flow.loss_at(float(age)))


def _stated(facts: Sequence[Fact], step: str) -> Money | None:
    """Sum what the facts of a step state; the sum of two currencies is unknown."""
    stated = [fact for fact in facts if fact.step == step and fact.outcome == "ok" and fact.amount_minor is not None]
    currencies = {fact.currency for fact in stated}
    return _money(sum(fact.amount_minor or 0 for fact in stated), currencies.pop()) if len(currencies) == 1 else None


def _rate(value: Money | None, converter: Converter) -> float | None:
    factor = converter.factor(value.currency) if value else None
    if value is None or factor is None:
        return None
    return float(factor * Fraction(10) ** (exponent(value.currency) - exponent(converter.currency)))


def _money(minor: int | None, currency: str | None) -> Money | None:
    return Money(minor, currency) if minor is not None and currency is not None else None
