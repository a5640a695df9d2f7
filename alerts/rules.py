"""What a rule is and what it makes of a reading (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.core.money import exponent

Number = int | float


class Verdict(StrEnum):
    """What one evaluation says; `between` is short of the limit but not yet clear."""

    BREACH = "breach"
    BETWEEN = "between"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limit:
    """A test of one value: above or below a limit, never ending, or silent for longer than a limit.

    The limit is written as people say it: whole units of the reporting currency, seconds, a share, a count.
    """

    test: Literal["above", "below", "never", "absent"]
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Guard:
    """A second metric, asked for the same labels."""

    metric: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class Rule:
    """When to tell somebody. `also` must hold too; without `enough` nothing can be said; `rising` only starts it."""

    name: str
    title: str
    metric: str
    limit: Limit
    severity: Literal["act", "watch"]
    owner: str
    summary: str
    runbook: str
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    rising: bool = False
    also: Guard | None = None
    enough: Guard | None = None
    for_seconds: float = 0
    clear: Limit | None = None
    clear_seconds: float = 0
    stale_seconds: float | None = 3600


@dataclass(frozen=True, slots=True)
class Reading:
    """What a metric said for one set of labels; None is unknown, and `is_never` says that no end is in sight."""

    value: Number | None
    unit: str
    hour_ago: Number | None = None
    age_seconds: float | None = None
    is_never: bool = False


def judge(rule: Rule, reading: Reading, also: Reading | None = None, enough: Reading | None = None) -> Verdict:
    """Say what the readings mean for the rule; where anything needed is unknown, so is the answer."""
    if _is_stale(rule, reading) or not _has_enough(rule, enough):
        return Verdict.UNKNOWN
    verdicts = [_test(rule.limit, rule.clear, reading)]
    if rule.also is not None:
        verdicts.append(_test(rule.also.limit, None, also) if also else Verdict.UNKNOWN)
    verdict = _all(verdicts)
    return _only_rising(reading) if rule.rising and verdict is Verdict.BREACH else verdict


def scaled(limit: Decimal, unit: str) -> Decimal:
    """Turn a limit as people write it into the metric's own unit: money counts in minor units."""
    kind, _, currency = unit.partition(":")
    return limit.scaleb(exponent(currency)) if kind == "money" else limit


def matches(where: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels lie within a filter."""
    return all(labels.get(name) == value for name, value in where.items())


def _is_stale(rule: Rule, reading: Reading) -> bool:
    if rule.limit.test == "absent" or rule.stale_seconds is None or reading.age_seconds is None:
        return False
    return reading.age_seconds > rule.stale_seconds


def _has_enough(rule: Rule, reading: Reading | None) -> bool:
    if rule.enough is None:
        return True
    return reading is not None and _test(rule.enough.limit, None, reading) is Verdict.BREACH


def _test(limit: Limit, clear: Limit | None, reading: Reading) -> Verdict:
    if limit.test == "never":
        return _never(reading)
    value = reading.age_seconds if limit.test == "absent" else reading.value
    if value is None:
        return Verdict.UNKNOWN
    unit = "seconds" if limit.test == "absent" else reading.unit
    if _beyond(limit, value, unit):
        return Verdict.BREACH
    return Verdict.CLEAR if clear is None or _beyond(clear, value, unit) else Verdict.BETWEEN


def _never(reading: Reading) -> Verdict:
    if reading.is_never:
        return Verdict.BREACH
    return Verdict.UNKNOWN if reading.value is None else Verdict.CLEAR


def _beyond(limit: Limit, value: Number, unit: str) -> bool:
    bound = scaled(limit.value, unit)
    return value < bound if limit.test == "below" else value > bound


def _all(verdicts: list[Verdict]) -> Verdict:
    # What is known to be clear settles it, whatever else is unknown.
    for decisive in (Verdict.CLEAR, Verdict.UNKNOWN, Verdict.BETWEEN):
        if decisive in verdicts:
            return decisive
    return Verdict.BREACH


def _only_rising(reading: Reading) -> Verdict:
    if reading.hour_ago is None or reading.value is None:
        return Verdict.UNKNOWN
    return Verdict.BREACH if reading.value > reading.hour_ago else Verdict.BETWEEN
