"""Rules, values and labels in plain words (pure)."""

from collections.abc import Mapping

from alerts.rule_file import PLACEHOLDER
from alerts.rules import Guard, Limit, Number, Rule, scaled
from app.core.money import Money, format_money
from app.web.filters import duration, percent

METRIC_WORDS = {
    "revenue.at_risk": "revenue at risk",
    "revenue.cash_delayed": "cash delayed",
    "orders.late": "the number of late orders",
    "orders.failing": "the number of orders that began to fail within a minute",
    "orders.due_soon": "the number of orders late within the hour",
    "orders.open": "the number of open orders",
    "exceptions.open": "the number of orders and returns that need help",
    "latency": "the time that a leg takes",
    "arrivals.age": "the age of what has not arrived",
    "throughput": "the number of events a minute",
    "failure.rate": "the share of failures",
    "queue.depth": "the number of waiting messages",
    "queue.drain_time": "the time to drain",
    "connector.last_seen": "the silence",
}


def format_value(value: Number | None, unit: str) -> str:
    """Write a metric's value for people."""
    kind, _, currency = unit.partition(":")
    if value is None:
        return "unknown"
    if kind == "money":
        return format_money(Money(int(value), currency))
    if kind == "seconds":
        return duration(value)
    if kind == "share":
        return percent(value)
    return f"{value:,.4g}" if isinstance(value, float) and not value.is_integer() else f"{int(value):,}"


def format_limit(limit: Limit, unit: str) -> str:
    """Write what a value is held against."""
    if limit.test == "absent":
        return duration(float(limit.value))
    native = scaled(limit.value, unit)
    is_round = limit.value == limit.value.to_integral_value()
    return format_value(int(native), unit).removesuffix(".00") if is_round else format_value(float(native), unit)


def fill_summary(rule: Rule, value: Number | None, unit: str, labels: Mapping[str, str]) -> str:
    """Say in the rule's own words what is the case."""
    known = {**labels, "value": format_value(value, unit), "limit": format_limit(rule.limit, unit)}
    return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), rule.summary)


def metric_words(metric: str) -> str:
    """Name a metric inside a sentence."""
    return METRIC_WORDS.get(metric, metric.replace(".", " ").replace("_", " "))


def rule_sentence(rule: Rule, units: Mapping[str, str]) -> str:
    """Say a whole rule in one sentence."""
    subject = metric_words(rule.metric)
    places = ", ".join(f"{name} {value}" for name, value in rule.where)
    parts = [
        f"{'Act' if rule.severity == 'act' else 'Watch'} when {subject}",
        f", {places}," if places else "",
        f" of any one {' and '.join(rule.by)}" if rule.by else "",
        f" {_test_words(rule.limit, units[rule.metric])}",
        " and higher than an hour ago" if rule.rising else "",
        _guard_words(" and ", rule.also, units),
        _guard_words(", given that ", rule.enough, units),
        f", held for {duration(rule.for_seconds)}" if rule.for_seconds else "",
        f"; over {_clear_words(rule, units[rule.metric])}.",
    ]
    return "".join(parts)


def _test_words(limit: Limit, unit: str) -> str:
    if limit.test == "never":
        return "has no end at present rates"
    if limit.test == "absent":
        return f"has brought nothing new for {format_limit(limit, unit)}"
    return f"is {limit.test} {format_limit(limit, unit)}"


def _guard_words(join: str, guard: Guard | None, units: Mapping[str, str]) -> str:
    if guard is None:
        return ""
    return f"{join}{metric_words(guard.metric)} {_test_words(guard.limit, units[guard.metric])}"


def _clear_words(rule: Rule, unit: str) -> str:
    length = f" for {duration(rule.clear_seconds)}" if rule.clear_seconds else ""
    if rule.clear is not None:
        return f"when {rule.clear.test} {format_limit(rule.clear, unit)}{length}"
    return f"when that has not been so{length}" if length else "as soon as that is not so"
