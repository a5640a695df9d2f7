"""Alerts, rules and the log of notifications, as pages and the API show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from alerts.alert import State
from alerts.message import place_of
from alerts.rule_file import rule_of
from alerts.rules import Rule
from alerts.words import format_value, metric_words, rule_sentence
from app.core.errors import PharosError
from app.core.paging import Page, cut_page, read_place
from app.metrics import catalogue
from app.models.alerts import Alert, AlertRule, Notification

RECENT = timedelta(hours=24)
# Most rows of one list on the page; the API pages through all.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert as it stood at the asked time; what it measured is known only when that is its last evaluation."""

    id: UUID
    rule: str
    title: str
    severity: str
    owner: str
    labels: Mapping[str, str]
    state: State
    sentence: str
    figure: str
    value: float | None
    unit: str
    trend: str
    peak: str
    began_at: datetime
    firing_at: datetime | None
    resolved_at: datetime | None
    path: str
    terms: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """The alerts of one moment, those that ended in the day before it included."""

    firing: tuple[AlertRow, ...]
    pending: tuple[AlertRow, ...]
    ended: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule, in words, with what its last evaluation said."""

    name: str
    title: str
    sentence: str
    severity: str
    owner: str
    runbook: str
    metric: str
    is_enabled: bool
    is_edited: bool
    verdict: str
    figure: str
    parts: int
    evaluated_at: datetime | None
    error: str | None
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """One message to one receiver in the log."""

    id: UUID
    subject: str
    receiver: str
    notifier: str
    transition: str
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
    error: str | None


def read_board(session: Session, at: datetime) -> Board:
    """List what fired, was about to, and had ended, as of a time."""
    wanted = and_(Alert.pending_at <= at, or_(Alert.resolved_at.is_(None), Alert.resolved_at > at - RECENT))
    found = _alert_rows(session, wanted, at)
    by_state = {state: tuple(row for row in found if row.state is state) for state in (State.FIRING, State.PENDING)}
    ended = (row for row in found if row.resolved_at is not None and row.firing_at is not None)
    latest = sorted(ended, key=lambda row: row.resolved_at or at, reverse=True)[:SHOWN]
    firing = sorted(by_state[State.FIRING], key=lambda row: (row.severity != "act", row.began_at))
    return Board(tuple(firing), by_state[State.PENDING], tuple(latest))


def list_alerts(session: Session, at: datetime, limit: int, after: str | None = None) -> Page[AlertRow]:
    """List every alert up to a time, the latest to begin first."""
    wanted = Alert.pending_at <= at
    if after is not None:
        wanted = and_(wanted, tuple_(Alert.pending_at, Alert.id) < read_place(after))
    found = _alert_rows(session, wanted, at, limit + 1)
    return cut_page(found, limit, lambda row: (row.began_at.isoformat(), str(row.id)))


def list_rules(session: Session) -> list[RuleRow]:
    """List every rule, those that ask to act first."""
    rows = [_rule_row(row) for row in session.scalars(select(AlertRule).order_by(AlertRule.name))]
    return sorted(rows, key=lambda row: (row.severity != "act", row.name))


def list_notifications(session: Session, at: datetime, limit: int = SHOWN) -> list[NotificationRow]:
    """List the latest messages up to a time."""
    statement = select(Notification).where(Notification.created_at <= at)
    newest = statement.order_by(Notification.created_at.desc(), Notification.id).limit(limit)
    return [
        NotificationRow(
            row.id,
            str(row.message.get("subject", "")),
            row.receiver,
            row.notifier,
            row.transition,
            row.state,
            row.attempts,
            row.created_at,
            row.next_attempt_at,
            row.sent_at,
            row.error,
        )
        for row in session.scalars(newest)
    ]


def _alert_rows(session: Session, wanted: ColumnElement[bool], at: datetime, limit: int = 500) -> list[AlertRow]:
    statement = select(Alert, AlertRule.definition).outerjoin(AlertRule, AlertRule.name == Alert.rule).where(wanted)
    newest = statement.order_by(Alert.pending_at.desc(), Alert.id.desc()).limit(limit)
    return [_alert_row(alert, _rule(definition), at) for alert, definition in session.execute(newest)]


def _rule(definition: dict[str, Any] | None) -> Rule | None:
    try:
        return rule_of(definition) if definition else None
    except ValueError:
        return None


def _alert_row(alert: Alert, rule: Rule | None, at: datetime) -> AlertRow:
    kept, is_last = alert.summary, alert.evaluated_at <= at
    unit = kept.get("unit", "")
    state = _state_at(alert, at)
    figure = format_value(alert.value, unit) if is_last else "not kept"
    path, terms = place_of(rule, alert.labels) if rule else ("/exceptions", "")
    return AlertRow(
        id=alert.id,
        rule=alert.rule,
        title=rule.title if rule else alert.rule,
        severity=rule.severity if rule else "watch",
        owner=rule.owner if rule else "",
        labels=alert.labels,
        state=state,
        sentence=kept.get("sentence" if is_last and state is State.FIRING else "fired") or kept.get("sentence", ""),
        figure=figure,
        value=alert.value if is_last else None,
        unit=unit,
        trend=_trend(kept, unit) if is_last else "",
        peak=format_value(kept.get("peak"), unit),
        began_at=alert.pending_at,
        firing_at=alert.firing_at if alert.firing_at and alert.firing_at <= at else None,
        resolved_at=alert.resolved_at if alert.resolved_at and alert.resolved_at <= at else None,
        path=path,
        terms=terms or None,
    )


def _state_at(alert: Alert, at: datetime) -> State:
    if alert.resolved_at is not None and alert.resolved_at <= at:
        return State(alert.state)
    return State.FIRING if alert.firing_at is not None and alert.firing_at <= at else State.PENDING


def _trend(kept: Mapping[str, Any], unit: str) -> str:
    before, began = (format_value(kept.get(name), unit) for name in ("hour_ago", "began"))
    return f"{before} an hour ago, {began} when it began"


def _rule_row(row: AlertRule) -> RuleRow:
    reading, rule = row.reading or {}, _rule(row.definition)
    figure = format_value(reading.get("value"), reading.get("unit", "")) if reading else "not yet evaluated"
    return RuleRow(
        name=row.name,
        title=rule.title if rule else row.name,
        sentence=_sentence(rule) if rule else "This rule cannot be read.",
        severity=rule.severity if rule else "watch",
        owner=rule.owner if rule else "",
        runbook=rule.runbook if rule else "",
        metric=rule.metric if rule else "",
        is_enabled=row.is_enabled,
        is_edited=row.is_edited,
        verdict=reading.get("verdict", "unknown"),
        figure=figure,
        parts=reading.get("parts", 0),
        evaluated_at=row.evaluated_at,
        error=row.error,
        definition=row.definition,
    )


def _sentence(rule: Rule) -> str:
    metrics = [rule.metric, *(guard.metric for guard in (rule.also, rule.enough) if guard)]
    try:
        return rule_sentence(rule, {metric: catalogue.unit(metric) for metric in metrics})
    except PharosError:
        return f"Asks for {metric_words(rule.metric)}, which the catalogue does not know."
