"""Composes what a message says: one sentence first, then money, orders, cause, owner, trend, since when (pure)."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from alerts.facts import Episode, facts_of, owner_of
from alerts.notifier import Fact, Kind, Links, Message, Stake
from alerts.rules import Rule
from alerts.words import fill_summary
from app.web.filters import duration, iso, moment

PLACES = {"queue": "/queues", "connector": "/connectors"}


def compose(kind: Kind, rule: Rule, episode: Episode, now: datetime, base_url: str, stakes: list[Stake]) -> Message:
    """Write a message; `stakes` are those of now, and of the worst moment when it is over."""
    sentence = _sentence(kind, rule, episode, now)
    return Message(
        kind=kind,
        alert_id=episode.alert_id,
        rule=rule.name,
        severity=rule.severity,
        owner=owner_of(rule, stakes[0]),
        subject=_subject(kind, rule, sentence),
        sentence=sentence,
        facts=tuple(facts_of(kind, rule, episode, now, stakes)),
        runbook=rule.runbook,
        links=links_to(rule, episode.labels, now, base_url),
        at=now,
        began_at=episode.began_at,
        metric=rule.metric,
        unit=episode.unit,
        value=episode.value,
        labels=dict(episode.labels),
        cause=stakes[-1].cause or rule.title,
        stake=stakes[0],
    )


def compose_test(number: str, base_url: str, now: datetime) -> Message:
    """Write a message that only shows that messages arrive."""
    sentence = "This is a test: messages from the tower reach you here."
    return Message(
        kind="test",
        alert_id=number,
        rule="test",
        severity="watch",
        owner="",
        subject="Test: messages from the tower reach you",
        sentence=sentence,
        facts=(Fact("Sent", f"{moment(now)} UTC"),),
        runbook="",
        links=Links(f"{base_url}/tower", f"{base_url}/tower", f"{base_url}/alerts"),
        at=now,
        began_at=now,
        metric="",
        unit="",
    )


def links_to(rule: Rule, labels: Mapping[str, str], now: datetime, base_url: str) -> Links:
    """Link to the state at this moment and to the same place later on."""
    place, terms = place_of(rule, labels)
    asked = {"at": iso(now.replace(microsecond=0)), **({"q": terms} if terms else {})}
    live = {"q": terms} if terms else {}
    return Links(
        then=f"{base_url}{place}?{urlencode(asked, quote_via=quote)}",
        now=f"{base_url}{place}" + (f"?{urlencode(live, quote_via=quote)}" if live else ""),
        alerts=f"{base_url}/alerts",
    )


def place_of(rule: Rule, labels: Mapping[str, str]) -> tuple[str, str]:
    """The page and the filter that show what a rule speaks of."""
    place = next((PLACES[name] for name in labels if name in PLACES), "/exceptions")
    wanted = {**dict(rule.where), **labels}
    return place, " ".join(f"{name}:{_term(value)}" for name, value in sorted(wanted.items()))


def _term(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _sentence(kind: Kind, rule: Rule, episode: Episode, now: datetime) -> str:
    length = duration(now - episode.began_at)
    if kind == "firing":
        return fill_summary(rule, episode.value, episode.unit, {**episode.labels, **episode.names})
    if kind == "resolved":
        return f"Over after {length}: {episode.fired or rule.title}"
    return f"No longer watched, after {length}; nothing says that it is over: {episode.fired or rule.title}"


def _subject(kind: Kind, rule: Rule, sentence: str) -> str:
    if kind == "firing":
        return f"{rule.severity.capitalize()}: {sentence.rstrip('.')}"[:180]
    return f"{kind.capitalize()}: {rule.title}"
