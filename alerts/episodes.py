"""Turns a stored alert into the message that tells of it, with what stood at stake and names in plain words."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from alerts.facts import Episode
from alerts.message import compose
from alerts.notifier import Kind, Message, Stake
from alerts.readings import Metrics
from alerts.rules import Rule
from alerts.stakes import stakes_at
from alerts.words import fill_summary
from app.core.errors import PharosError
from app.exceptions.causes import system_name
from app.journeys.catalogue import order_flow
from app.models.alerts import Alert
from app.settings import get_settings

logger = logging.getLogger(__name__)


def message_of(
    session: Session, metrics: Metrics, kind: Kind, rule: Rule, alert: Alert, now: datetime, base_url: str
) -> Message:
    """Compose a message as of now; one that ends an alert also looks back at its worst moment."""
    times = [now]
    if kind != "firing" and alert.summary.get("peak_at"):
        times.append(datetime.fromisoformat(alert.summary["peak_at"]))
    wanted = {**dict(rule.where), **alert.labels}
    try:
        with session.begin_nested():
            stakes = stakes_at(session, metrics, rule.metric, wanted, times)
    except (SQLAlchemyError, PharosError) as error:
        # Better a message that calls the money unknown than none.
        logger.warning("stakes unknown", extra={"rule": rule.name, "error": str(error)[:300]})
        stakes = [Stake(at=at, currency="") for at in times]
    return compose(kind, rule, episode_of(alert), now, base_url, stakes)


def episode_of(alert: Alert) -> Episode:
    """Read an alert as its message needs it."""
    kept: dict[str, Any] = alert.summary
    return Episode(
        alert_id=str(alert.id),
        labels=alert.labels,
        names=label_names(alert.labels),
        unit=kept.get("unit", ""),
        began_at=alert.pending_at,
        value=alert.value,
        began=kept.get("began"),
        hour_ago=kept.get("hour_ago"),
        peak=kept.get("peak"),
        fired=kept.get("fired", ""),
    )


def sentence_of(rule: Rule, alert: Alert) -> str:
    """Say what is the case, in the rule's words."""
    names = {**alert.labels, **label_names(alert.labels)}
    return fill_summary(rule, alert.value, alert.summary["unit"], names)


def label_names(labels: dict[str, Any]) -> dict[str, str]:
    """Name what has a plainer name than its id: the steps of the order flow, and systems."""
    step = order_flow(get_settings().flow_dir).steps.get(labels.get("step", ""))
    names = {"step": f"to {step.say}"} if step is not None else {}
    return names | ({"system": system_name(labels["system"])} if "system" in labels else {})
