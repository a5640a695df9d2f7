"""Reads of users, sessions and tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.auth.secret import secret_hash
from app.models.users import ApiToken, SignInLink, User, UserSession
from app.web.user import CurrentUser


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A valid session: its user and its times."""

    user: CurrentUser
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A user who may sign in, with the hash to check against."""

    id: UUID
    name: str
    email: str
    role: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that has not been revoked."""

    name: str
    scopes: frozenset[str]


def find_session(session: Session, secret: str, now: datetime) -> SignedIn | None:
    """Find who is signed in with this cookie."""
    found = session.execute(
        select(User.id, User.name, User.email, User.role, UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.token_hash == secret_hash(secret), UserSession.expires_at > now, User.disabled_at.is_(None))
    ).first()
    if found is None:
        return None
    row: UserSession = found[4]
    user = CurrentUser(id=found[0], name=found[1], email=found[2], role=found[3], csrf=row.csrf)
    return SignedIn(user, row.created_at, row.expires_at)


def find_account(session: Session, email: str) -> Account | None:
    """Find a user by e-mail, whatever its case; one who was disabled is not there."""
    return _account(session, func.lower(User.email) == email.strip().lower())


def find_link_account(session: Session, token: str, now: datetime) -> Account | None:
    """Find whom an unused link signs in."""
    link = select(SignInLink.user_id).where(
        SignInLink.token_hash == secret_hash(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now
    )
    return _account(session, User.id == link.scalar_subquery())


def find_token(session: Session, secret: str) -> KnownToken | None:
    """Find a sender's or reader's token."""
    found = session.execute(
        select(ApiToken.name, ApiToken.scopes).where(
            ApiToken.token_hash == secret_hash(secret), ApiToken.revoked_at.is_(None)
        )
    ).first()
    return KnownToken(found.name, frozenset(found.scopes)) if found else None


def _account(session: Session, which: ColumnElement[bool]) -> Account | None:
    columns = (User.id, User.name, User.email, User.role, User.password_hash)
    found = session.execute(select(*columns).where(which, User.disabled_at.is_(None))).first()
    return Account(*found) if found else None
