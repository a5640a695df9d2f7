"""Decides who is told, and puts their messages into the outbox; grouping, silences and escalation go here later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from alerts.notifier import Message, message_stored
from app.core.ids import fingerprint
from app.models.alerts import Notification
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody or something that is told: `name` says who, without secrets."""

    name: str
    notifier: str


@dataclass(frozen=True, slots=True)
class Outlet:
    """The default route: everyone who is told everything, and where links lead."""

    receivers: tuple[Receiver, ...]
    base_url: str


def outlet_of(settings: Settings) -> Outlet:
    """Read the default route from the settings: each mail address, and the webhook."""
    addresses = dict.fromkeys(address for _, address in getaddresses([settings.mail_to]) if address)
    receivers = [Receiver(address, "email") for address in addresses]
    if settings.webhook_url:
        # The path of a webhook is often its secret: only the host is shown.
        receivers.append(Receiver(urlsplit(settings.webhook_url).hostname or "webhook", "webhook"))
    return Outlet(tuple(receivers), settings.base_url)


def route(message: Message, outlet: Outlet) -> Sequence[Receiver]:
    """Pick who hears of this message: with the one default route, everyone."""
    return outlet.receivers


def dispatch(session: Session, alert_id: UUID, message: Message, outlet: Outlet, now: datetime) -> None:
    """Put one message for each receiver into the outbox; what is there already stays as it is."""
    rows = [
        {
            "id": fingerprint("notification", str(alert_id), message.kind, receiver.notifier, receiver.name),
            "alert_id": alert_id,
            "transition": message.kind,
            "receiver": receiver.name,
            "notifier": receiver.notifier,
            "message": message_stored(message),
            "state": "waiting",
            "created_at": now,
            "next_attempt_at": now,
        }
        for receiver in route(message, outlet)
    ]
    if rows:
        session.execute(insert(Notification).on_conflict_do_nothing(), rows)
