"""Plain builders of what many tests need; each takes only what a test cares about."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.auth.queries import Account
from app.auth.secret import secret_hash
from app.auth.sessions import start_session
from app.core.ids import event_uid
from app.events.event import Event
from app.events.fact import Fact, fact_of
from app.models.users import User, UserSession

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def an_event(step: str = "order.placed", *, id: str | None = None, at: datetime = NOW, **given: object) -> Event:
    """One event of order SO-1001, unless told otherwise."""
    name = id or uuid4().hex
    facts: dict[str, object] = {
        "uid": event_uid("/test", name),
        "source": "/test",
        "id": name,
        "step": step,
        "occurred_at": at,
        "received_at": at,
        "is_timed": True,
        "keys": (("order", "SO-1001"),),
        "channel": "shopify-us",
        **given,
    }
    return Event(**facts)  # type: ignore[arg-type]


def a_fact(step: str = "order.placed", minute: float = 0, outcome: str = "ok", **given: object) -> Fact:
    """What a journey keeps of one event, so many minutes after NOW."""
    at = NOW + timedelta(minutes=minute)
    name = str(given.pop("id", f"{step}@{minute}/{outcome}"))
    event = an_event(step, id=name, at=at, outcome=outcome, **given)
    return fact_of(event)


def a_user(session: Session, role: str = "viewer", *, email: str = "", password_hash: str | None = None) -> UUID:
    """A user of this role, flushed."""
    email = email or f"{role}-{uuid4().hex[:6]}@example.com"
    user = User(
        id=uuid4(), email=email, name=f"Robin {role.title()}", role=role, password_hash=password_hash, created_at=NOW
    )
    session.add(user)
    session.flush()
    return user.id


def signed_in(session: Session, role: str, now: datetime = NOW) -> tuple[str, str]:
    """Sign a new user of this role in; returns the cookie's secret and the token of its forms."""
    user = session.get_one(User, a_user(session, role))
    secret = start_session(session, Account(user.id, user.name, user.email, user.role, None), "test", now)
    return secret, session.get_one(UserSession, secret_hash(secret)).csrf
