"""Evaluates every rule against the catalogue and saves what changed, with its messages, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from alerts.alert import Life, State, advance
from alerts.dispatch import Outlet, dispatch
from alerts.episodes import message_of, sentence_of
from alerts.notifier import Kind
from alerts.questions import Labels, Question, questions_of
from alerts.readings import CATALOGUE, Metrics, Readings, read_metrics
from alerts.rule_file import rule_of
from alerts.rules import Number, Reading, Rule, Verdict, judge
from app.core.database import lock_number, notify
from app.core.ids import fingerprint
from app.models.alerts import Alert, AlertRule

KINDS: dict[State, Kind] = {State.FIRING: "firing", State.RESOLVED: "resolved"}


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state that one evaluation brought."""

    alert_id: str
    rule: str
    labels: Mapping[str, str]
    before: State
    after: State


def evaluate_rules(session: Session, now: datetime, outlet: Outlet, metrics: Metrics = CATALOGUE) -> list[Transition]:
    """Bring every alert up to date; asked twice at one moment, the second time changes nothing."""
    hold_alerts(session)
    rows = list(session.scalars(select(AlertRule).where(AlertRule.is_enabled).order_by(AlertRule.name)))
    rules = {row.name: rule for row in rows if (rule := _read_rule(row, now)) is not None}
    live = _live_alerts(session)
    readings = read_metrics(session, metrics, rules.values(), now)
    transitions: list[Transition] = []
    for row in rows:
        if row.name in rules:
            transitions += _evaluate(session, row, rules[row.name], live.get(row.name, {}), readings, now)
    session.flush()
    _tell(session, transitions, rules, outlet, metrics, now)
    if transitions or live:
        notify(session, "alerts,tower" if transitions else "alerts")
    return transitions


def hold_alerts(session: Session) -> None:
    """Keep others from changing alerts until this transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": lock_number("alerts")})


def _read_rule(row: AlertRule, now: datetime) -> Rule | None:
    try:
        return rule_of(row.definition)
    except ValueError as error:
        row.evaluated_at, row.error = now, str(error)[:500]
        return None


def _live_alerts(session: Session) -> dict[str, dict[Labels, Alert]]:
    live: dict[str, dict[Labels, Alert]] = {}
    for alert in session.scalars(select(Alert).where(Alert.resolved_at.is_(None))):
        live.setdefault(alert.rule, {})[tuple(sorted(alert.labels.items()))] = alert
    return live


def _evaluate(
    session: Session, row: AlertRule, rule: Rule, live: Mapping[Labels, Alert], readings: Readings, now: datetime
) -> list[Transition]:
    asked = questions_of(rule)
    transitions: list[Transition] = []
    verdicts: list[tuple[Verdict, Reading]] = []
    for labels in sorted(readings.labels(asked[0]) | live.keys()):
        reading = readings.reading(asked[0], labels)
        verdict = _judge(rule, asked, readings, labels, reading)
        verdicts.append((verdict, reading))
        transitions += _move(session, rule, labels, live.get(labels), verdict, reading, now)
    row.evaluated_at, row.reading = now, _reading_stored(verdicts)
    row.error = "; ".join(readings.errors[question] for question in asked if question in readings.errors) or None
    return transitions


def _judge(rule: Rule, asked: list[Question], readings: Readings, labels: Labels, reading: Reading) -> Verdict:
    guards = iter(asked[1:])
    also = readings.reading(next(guards), labels) if rule.also else None
    enough = readings.reading(next(guards), labels) if rule.enough else None
    return judge(rule, reading, also, enough)


def _move(
    session: Session, rule: Rule, labels: Labels, alert: Alert | None, verdict: Verdict, reading: Reading, now: datetime
) -> list[Transition]:
    before = life_of(alert) if alert is not None else Life()
    after = advance(before, verdict, rule, now)
    if after.state is State.INACTIVE:
        if alert is None:
            return []
        session.delete(alert)
        return [Transition(str(alert.id), rule.name, dict(labels), before.state, after.state)]
    if alert is None:
        alert = _new_alert(rule, labels, after, now)
        session.add(alert)
    _write(alert, after, rule, reading, now)
    if after.state is before.state:
        return []
    return [Transition(str(alert.id), rule.name, dict(labels), before.state, after.state)]


def life_of(alert: Alert) -> Life:
    """Read what must be remembered of an alert."""
    return Life(State(alert.state), alert.pending_at, alert.firing_at, alert.resolved_at, alert.clear_since)


def _new_alert(rule: Rule, labels: Labels, life: Life, now: datetime) -> Alert:
    parts = [f"{name}={value}" for name, value in labels]
    began = life.pending_at or now
    return Alert(
        id=fingerprint("alert", rule.name, *parts, began.isoformat()),
        fingerprint=str(fingerprint("alert", rule.name, *parts)),
        rule=rule.name,
        labels=dict(labels),
        pending_at=began,
        summary={},
    )


def _write(alert: Alert, life: Life, rule: Rule, reading: Reading, now: datetime) -> None:
    alert.state, alert.evaluated_at = life.state, now
    alert.firing_at, alert.resolved_at, alert.clear_since = life.firing_at, life.resolved_at, life.clear_since
    shown = reading.age_seconds if rule.limit.test == "absent" else reading.value
    unit = "seconds" if rule.limit.test == "absent" else reading.unit
    kept = alert.summary
    alert.summary = {
        **kept,
        "unit": unit or kept.get("unit", ""),
        "began": shown if kept.get("began") is None else kept["began"],
        "hour_ago": reading.hour_ago,
        "age_seconds": reading.age_seconds,
        **_peak(kept, rule, shown, now),
    }
    alert.value = shown
    sentence = sentence_of(rule, alert)
    fired = {"fired": sentence} if life.state is State.FIRING and "fired" not in kept else {}
    alert.summary = {**alert.summary, "sentence": sentence, **fired}


def _peak(kept: Mapping[str, Any], rule: Rule, value: Number | None, now: datetime) -> dict[str, Any]:
    peak = kept.get("peak")
    is_worse = peak is None or (value is not None and (value < peak if rule.limit.test == "below" else value > peak))
    if is_worse:
        return {"peak": value, "peak_at": now.isoformat()}
    return {"peak": peak, "peak_at": kept["peak_at"]}


def _reading_stored(verdicts: list[tuple[Verdict, Reading]]) -> dict[str, Any]:
    """Keep of a rule's evaluation how many parts it had, how they stood, and the figure of the worst."""
    order = list(Verdict)
    worst = min(verdicts, key=lambda pair: (order.index(pair[0]), -(pair[1].value or 0)), default=None)
    if worst is None:
        return {"verdict": Verdict.UNKNOWN, "value": None, "unit": "", "parts": 0, "age_seconds": None}
    return {
        "verdict": worst[0],
        "value": worst[1].value,
        "unit": worst[1].unit,
        "parts": len(verdicts),
        "age_seconds": worst[1].age_seconds,
    }


def _tell(
    session: Session,
    transitions: list[Transition],
    rules: Mapping[str, Rule],
    outlet: Outlet,
    metrics: Metrics,
    now: datetime,
) -> None:
    for transition in transitions:
        kind = KINDS.get(transition.after)
        if kind is None:
            continue
        alert = session.get_one(Alert, transition.alert_id)
        message = message_of(session, metrics, kind, rules[transition.rule], alert, now, outlet.base_url)
        dispatch(session, alert.id, message, outlet, now)
