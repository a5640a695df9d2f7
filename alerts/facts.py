"""The lines of a message: money, orders, cause, owner, trend, since when; and at the end what has recovered (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.notifier import Fact, Kind, Stake
from alerts.rules import Number, Rule
from alerts.words import format_value
from app.core.money import Money, format_money
from app.web.filters import duration, moment, percent


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert from its beginning to the moment that the message speaks of."""

    alert_id: str
    labels: Mapping[str, str]
    names: Mapping[str, str]
    unit: str
    began_at: datetime
    value: Number | None
    began: Number | None = None
    hour_ago: Number | None = None
    peak: Number | None = None
    fired: str = ""  # the sentence that it fired with


def facts_of(kind: Kind, rule: Rule, episode: Episode, now: datetime, stakes: list[Stake]) -> list[Fact]:
    """Write the lines; `stakes` are those of now, and of the worst moment when it is over."""
    since = f"{moment(episode.began_at)} UTC, {duration(now - episode.began_at)}"
    owner = Fact("Owner", owner_of(rule, stakes[0]))
    if kind == "firing":
        facts = [Fact("Money", money_words(stakes[0])), Fact("Orders", orders_words(stakes[0]))]
        facts += [Fact("Cause", cause_words(rule, stakes[0])), owner]
        return [*facts, Fact("Trend", trend_words(episode)), Fact("Since", since)]
    worst = stakes[-1]
    facts = [
        Fact("At its worst", _figure(episode, episode.peak, worst)),
        Fact("Now", _figure(episode, episode.value, stakes[0])),
    ]
    recovered = [Fact("Recovered", recovered_words(episode, stakes[0], worst))] if kind == "resolved" else []
    return [*facts, *recovered, Fact("Cause", cause_words(rule, worst)), owner, Fact("Lasted", f"since {since}")]


def owner_of(rule: Rule, stake: Stake) -> str:
    """Who has it: the owner of the largest cause, for the rule's own only looks after the rule."""
    return stake.cause_owner or rule.owner


def money_words(stake: Stake) -> str:
    """At risk, of how much, and how sure that is."""
    if stake.risk_minor is None:
        return "unknown"
    of = f" of {_money(stake.gross_minor, stake.currency)} waiting" if stake.gross_minor is not None else ""
    span = ""
    if stake.low_minor is not None and stake.high_minor is not None:
        span = f", between {_money(stake.low_minor, stake.currency)} and {_money(stake.high_minor, stake.currency)}"
    known = f", value known for {percent(stake.coverage)}" if stake.coverage is not None else ""
    return f"{_money(stake.risk_minor, stake.currency)} at risk{of}{span}{known}{_everywhere(stake)}"


def orders_words(stake: Stake) -> str:
    """How many orders stand behind the money."""
    return "unknown" if stake.orders is None else _orders(stake.orders) + _everywhere(stake)


def cause_words(rule: Rule, stake: Stake) -> str:
    """The largest cause and its part; where no orders can be told apart, the rule itself names what is wrong."""
    if stake.cause is None:
        return rule.title
    parts = [stake.cause]
    if stake.cause_orders is not None:
        parts.append(_orders(stake.cause_orders))
    if stake.cause_minor is not None:
        parts.append(f"{_money(stake.cause_minor, stake.currency)} at risk")
    return ", ".join(parts) + (f". First: {stake.action}" if stake.action else "")


def trend_words(episode: Episode) -> str:
    """The rule's own figure: now, an hour ago, and when it began."""
    unit = episode.unit
    now, before, began = (format_value(value, unit) for value in (episode.value, episode.hour_ago, episode.began))
    return f"{now} now, {before} an hour ago, {began} when it began"


def recovered_words(episode: Episode, now: Stake, worst: Stake) -> str:
    """What is no longer held up, against the worst moment."""
    if now.is_whole:
        return f"from {format_value(episode.peak, episode.unit)} to {format_value(episode.value, episode.unit)}"
    if worst.orders is None or now.orders is None or worst.risk_minor is None or now.risk_minor is None:
        return "unknown"
    money = _money(max(0, worst.risk_minor - now.risk_minor), now.currency)
    rest = f"; {_orders(now.orders)} still wait" if now.orders else ""
    return f"{_orders(max(0, worst.orders - now.orders))}, {money} less at risk{rest}"


def _figure(episode: Episode, value: Number | None, stake: Stake) -> str:
    at_risk = "unknown" if stake.risk_minor is None else _money(stake.risk_minor, stake.currency)
    money = f"{orders_words(stake)}, {at_risk} at risk"
    # For money the figure is the stake itself.
    return money if episode.unit.startswith("money") else f"{format_value(value, episode.unit)}; {money}"


def _everywhere(stake: Stake) -> str:
    return ", everywhere together" if stake.is_whole else ""


def _orders(number: int) -> str:
    return "1 order" if number == 1 else f"{number:,} orders"


def _money(minor: int | None, currency: str) -> str:
    return "unknown" if minor is None else format_money(Money(minor, currency))
