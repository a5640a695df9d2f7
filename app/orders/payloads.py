"""What was sent for one event of an order, masked, for those who may read it; the reading goes into the audit trail."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.auth.commands import record
from app.auth.rules import allows
from app.core.ids import event_uid
from app.events.fact import Fact
from app.events.store import read_events
from app.journeys.queries import JourneyView
from app.orders.masks import Masked, mask_payload
from app.web.user import CurrentUser

NEEDED_ROLE = "operator"


@dataclass(frozen=True, slots=True)
class OpenedPayload:
    """A payload in its line; `masked` is None when it may not be read, or is no longer kept."""

    uid: UUID
    is_allowed: bool
    masked: Masked | None
    read_at: datetime
    read_by: str
    event: str = ""
    sender: str = ""
    received_at: datetime | None = None


def open_payload(session: Session, user: CurrentUser, view: JourneyView, uid: UUID, now: datetime) -> OpenedPayload:
    """Read the payload of an event of this journey, and note who did."""
    closed = OpenedPayload(uid, allows(user.role, NEEDED_ROLE), None, now, user.name)
    fact = next((fact for fact in view.facts if event_uid(fact.source, fact.id) == uid), None)
    if fact is None or not closed.is_allowed:
        return closed
    event = read_events(session, [(_day(fact), uid)]).get(uid)
    if event is None:
        return closed
    record(session, user.email, "payload.read", view.anchor, {"event": fact.name, "step": fact.step}, now)
    masked = mask_payload(event.payload)
    return OpenedPayload(uid, True, masked, now, user.name, fact.id, fact.source, fact.received_at)


def _day(fact: Fact) -> date:
    return (fact.occurred_at if fact.is_timed else fact.received_at).date()
