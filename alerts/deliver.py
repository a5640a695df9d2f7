"""Delivers what waits in the outbox: takes one message, sends it outside any transaction, records how it went."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session, sessionmaker

from alerts.backoff import next_attempt
from alerts.notifier import Delivery, Notifier, message_read
from app.core.database import notify, transaction
from app.core.errors import UnavailableError
from app.core.telemetry import tracer

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
# One run ends well before the lease of what it took last.
MOST_SECONDS = 60.0

# A message that ends an alert waits for the one that began it. The lease of a dead worker ends like any pause.
_CLAIM = text("""
    UPDATE notifications SET state = 'sending', attempts = attempts + 1, next_attempt_at = :lease
    WHERE id = (
        SELECT due.id FROM notifications AS due
        WHERE due.state IN ('waiting', 'sending') AND due.next_attempt_at <= :now
          AND NOT EXISTS (
              SELECT FROM notifications AS earlier
              WHERE earlier.alert_id = due.alert_id AND earlier.receiver = due.receiver
                AND earlier.created_at < due.created_at AND earlier.state IN ('waiting', 'sending'))
        ORDER BY due.next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, alert_id, receiver, notifier, message, attempts, created_at,
        (SELECT first.id FROM notifications AS first
         WHERE first.alert_id = notifications.alert_id AND first.receiver = notifications.receiver
           AND first.transition = 'firing' AND notifications.transition <> 'firing') AS first_id
""")

# Whoever lost its lease has no say any more: the attempt has another number by then.
_RECORD = text("""
    UPDATE notifications SET state = :state, next_attempt_at = :next, sent_at = :sent, error = :error
    WHERE id = :id AND state = 'sending' AND attempts = :attempts
""")


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many messages one run sent, put off and gave up."""

    sent: int = 0
    retried: int = 0
    failed: int = 0


def deliver_due(sessions: sessionmaker[Session], now: datetime, notifiers: Mapping[str, Notifier]) -> Delivered:
    """Send what is due, one by one; a crash in between repeats at most the message that was being sent."""
    begun = monotonic()
    counts = {"sent": 0, "waiting": 0, "failed": 0}
    while (spent := monotonic() - begun) < MOST_SECONDS:
        moment = now + timedelta(seconds=spent)
        row = _claim(sessions, moment)
        if row is None:
            break
        problem = _send(row, notifiers, moment)
        counts[_record(sessions, row, problem, now + timedelta(seconds=monotonic() - begun))] += 1
    return Delivered(counts["sent"], counts["waiting"], counts["failed"])


def _claim(sessions: sessionmaker[Session], now: datetime) -> Row[Any] | None:
    with transaction(sessions) as session:
        return session.execute(_CLAIM, {"now": now, "lease": now + LEASE}).one_or_none()


def _send(row: Row[Any], notifiers: Mapping[str, Notifier], now: datetime) -> UnavailableError | None:
    with tracer.start_as_current_span("deliver", attributes={"pharos.notifier": row.notifier}):
        try:
            notifier = notifiers.get(row.notifier)
            if notifier is None:
                raise UnavailableError(f"{row.notifier} is not set up", "Set it up, or take its receiver away.")
            notifier.send(_delivery(row), now)
        except UnavailableError as error:
            return error
        except Exception as error:  # one delivery: whatever goes wrong with it is in its log
            logger.exception("delivery broke", extra={"notification": str(row.id), "notifier": row.notifier})
            return UnavailableError(f"{type(error).__name__}: {error}")
    return None


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        number=str(row.id),
        receiver=row.receiver,
        message=message_read(row.message),
        created_at=row.created_at,
        first_number=str(row.first_id) if row.first_id else None,
    )


def _record(sessions: sessionmaker[Session], row: Row[Any], problem: UnavailableError | None, now: datetime) -> str:
    again = None
    if problem is not None and not problem.permanent:
        again = next_attempt(str(row.id), row.attempts, row.created_at, now)
    state = "sent" if problem is None else "waiting" if again else "failed"
    facts = {"state": state, "sent": now if problem is None else None, "next": again or now}
    error = problem.message[:500].replace("\0", "") if problem else None
    with transaction(sessions) as session:
        session.execute(_RECORD, {"id": row.id, "attempts": row.attempts, "error": error, **facts})
        notify(session, "alerts")
    if problem is not None:
        logger.warning("message not delivered", extra={"notification": str(row.id), "state": state, "error": error})
    return state
