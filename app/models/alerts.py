"""Alert rules, the alerts they raise, and the outbox of notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class AlertRule(Base):
    """A rule as it stands: shipped ones are upserted by name unless somebody edited them here."""

    __tablename__ = "alert_rules"

    name: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    is_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    is_edited: Mapped[bool] = mapped_column(server_default=text("false"))
    updated_at: Mapped[datetime]
    evaluated_at: Mapped[datetime | None]
    reading: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]


class Alert(Base):
    """One rule and one set of labels: inactive, pending, firing or resolved, with what it said last."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_live", "fingerprint", unique=True, postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    rule: Mapped[str] = mapped_column(index=True)
    labels: Mapped[dict[str, Any]]
    state: Mapped[str]
    value: Mapped[float | None]
    summary: Mapped[dict[str, Any]]
    pending_at: Mapped[datetime]
    firing_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    clear_since: Mapped[datetime | None]
    evaluated_at: Mapped[datetime]


class Notification(Base):
    """One message to one receiver: the outbox while it waits, the log when it is done.

    States: waiting, sending (until `next_attempt_at`, when whoever took it is given up), sent, failed.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_due", "next_attempt_at", postgresql_where=text("state IN ('waiting', 'sending')")),
        Index("uq_notifications_once", "alert_id", "transition", "receiver", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID]
    transition: Mapped[str]
    receiver: Mapped[str]
    notifier: Mapped[str]
    message: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
