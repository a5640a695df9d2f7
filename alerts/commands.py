"""Changes to rules, and test messages, each with its line in the audit trail."""

from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.alert import State
from alerts.dispatch import Outlet, dispatch
from alerts.episodes import message_of
from alerts.evaluate import hold_alerts
from alerts.message import compose_test
from alerts.readings import CATALOGUE, Metrics
from alerts.rule_file import read_rules, rule_of
from alerts.rules import Limit, Rule
from alerts.stakes import RISK
from app.auth.commands import record
from app.core.database import notify
from app.core.errors import ConflictError, NotFoundError
from app.models.alerts import Alert, AlertRule

SHIPPED = Path(__file__).with_name("rules.yaml")


def load_shipped_rules(session: Session, now: datetime, path: Path = SHIPPED) -> None:
    """Bring the shipped rules up to date, but leave alone what was edited here, and whether a rule is on."""
    shipped = read_rules(path.read_text(encoding="utf-8"), path.name)
    known = {row.name: row for row in session.scalars(select(AlertRule))}
    for name, definition in shipped.items():
        row = known.get(name)
        if row is None:
            session.add(AlertRule(name=name, definition=definition, is_enabled=True, is_edited=False, updated_at=now))
        elif not row.is_edited and row.definition != definition:
            row.definition, row.updated_at = definition, now
    session.flush()


def set_rule_enabled(
    session: Session,
    name: str,
    is_enabled: bool,
    outlet: Outlet,
    *,
    by: str,
    at: datetime,
    metrics: Metrics = CATALOGUE,
) -> None:
    """Switch a rule on or off; whoever heard of its alerts hears that nobody watches them any more."""
    hold_alerts(session)
    row = session.get(AlertRule, name)
    if row is None:
        raise NotFoundError(f"there is no rule {name!r}")
    if row.is_enabled == is_enabled:
        return
    row.is_enabled, row.updated_at = is_enabled, at
    if not is_enabled:
        _withdraw(session, row, outlet, metrics, at)
    record(session, by, "rule.enabled" if is_enabled else "rule.disabled", name, None, at)
    notify(session, "alerts,tower")


def send_test(session: Session, outlet: Outlet, *, by: str, at: datetime) -> int:
    """Put a test message into the outbox of every receiver; returns how many there are."""
    if not outlet.receivers:
        raise ConflictError(
            "Nobody is told of alerts yet", "Set PHAROS_MAIL_TO with PHAROS_SMTP_URL, or PHAROS_WEBHOOK_URL."
        )
    number = uuid4()
    dispatch(session, number, compose_test(str(number), outlet.base_url, at), outlet, at)
    record(session, by, "alerts.tested", str(number), {"receivers": [one.name for one in outlet.receivers]}, at)
    notify(session, "alerts")
    return len(outlet.receivers)


def _withdraw(session: Session, row: AlertRule, outlet: Outlet, metrics: Metrics, at: datetime) -> None:
    for alert in session.scalars(select(Alert).where(Alert.rule == row.name, Alert.resolved_at.is_(None))):
        if alert.state == State.PENDING:
            session.delete(alert)
            continue
        alert.state, alert.resolved_at = State.WITHDRAWN, at
        message = message_of(session, metrics, "withdrawn", _rule(row), alert, at, outlet.base_url)
        dispatch(session, alert.id, message, outlet, at)
    session.flush()


def _rule(row: AlertRule) -> Rule:
    try:
        return rule_of(row.definition)
    except ValueError:
        # Whoever was told of its alerts must hear of their end, whatever has become of the rule.
        return Rule(row.name, row.name, RISK, Limit("never"), "watch", owner="", summary="", runbook="")
