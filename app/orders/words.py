"""How an order's journey is spoken of: channels, systems, steps, errors, counts and moments in plain words (pure)."""

import re
from datetime import UTC, datetime, timedelta

from app.events.fact import Fact
from app.exceptions.causes import system_name
from app.exceptions.names import channel_name
from app.journeys.flow import Flow, Milestone

_CODE = re.compile(r"^(?:[A-Z0-9_]{2,40}|\d{3}): +(?=\S)")
_TIMES = {1: "once", 2: "twice"}
_PASSING = re.compile(r"\b(5\d\d|429|unavailable|timed? ?out|too many|busy|try again|unreachable|refused)\b", re.I)


def lane_name(fact: Fact, channel: str) -> str:
    """Where a fact happened: the shop by its channel's name, else the system, else whoever told."""
    if fact.system and channel.partition("-")[0] == fact.system:
        return channel_name(channel)
    return system_name(fact.system or fact.connector or fact.source.strip("/").partition("/")[0] or "unknown")


def step_words(flow: Flow, step: str) -> str:
    """What has happened when a step is done: posted to ERP, payment captured."""
    milestone = flow.by_name.get(step)
    return lower_first(milestone.label) if milestone else step.replace(".", " ").replace("_", " ")


def fact_words(flow: Flow, fact: Fact) -> str:
    """What one fact says, with its attempt and its error."""
    step = fact.about or flow.failures.get(fact.step, fact.step)
    if fact.outcome in ("ok", "skipped") and fact.step not in flow.failures and fact.step != "message.dead_lettered":
        return step_words(flow, fact.step) + (", skipped" if fact.outcome == "skipped" else "")
    say = flow.steps[step].say if step in flow.steps else step_words(flow, step)
    tried = f", attempt {fact.attempt}" if fact.attempt > 1 or fact.outcome == "retrying" else ""
    return f"{say}{tried}: {error_words(fact.error)}" if fact.error else say + tried


def error_words(error: str) -> str:
    """An error inside a sentence, without its code and its full stop."""
    return lower_first(_CODE.sub("", error.strip()).rstrip(". "))


def is_passing(error: str) -> bool:
    """Whether an error speaks of a system that cannot take anything just now, rather than of this order."""
    return bool(_PASSING.search(error))


def lower_first(words: str) -> str:
    """Begin in lower case, unless the first word is a name or an abbreviation."""
    first = words.partition(" ")[0]
    return words if any(mark.isupper() or mark.isdigit() for mark in first[1:]) else words[:1].lower() + words[1:]


def times(number: int) -> str:
    """How often: once, twice, 3 times."""
    return _TIMES.get(number, f"{number} times")


def when(moment: datetime, at: datetime) -> str:
    """A moment as short as it can be told from `at`: 12:29, Wed 18:00, Tue 1 Dec 18:00."""
    moment = moment.astimezone(UTC)
    apart = abs((moment.date() - at.astimezone(UTC).date()).days)
    if apart == 0:
        return f"{moment:%H:%M}"
    return f"{moment:%a %H:%M}" if apart < 7 else f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def day(moment: datetime) -> str:
    """A day: Thu 26 Nov."""
    return f"{moment:%a} {moment.day} {moment:%b}"


def span(flow: Flow, milestone: Milestone, channel: str) -> str:
    """The time that a milestone may take, and from when: 3 h after posted to ERP."""
    within = (milestone.channels or {}).get(channel, milestone.within)
    if within is None or milestone.after is None:
        return ""
    return f"{_length(within.length, within.is_business)} after {step_words(flow, milestone.after)}"


def _length(length: timedelta, is_business: bool) -> str:
    hours, rest = divmod(int(length.total_seconds()), 3600)
    if is_business:
        return f"{hours} business hours"
    if hours and hours % 24 == 0 and not rest:
        return f"{hours // 24} d"
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest // 60} m" if rest else "") if part)
