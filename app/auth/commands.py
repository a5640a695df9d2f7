"""Changes to users and tokens, each with its line in the audit trail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.auth.passwords import hash_password
from app.auth.rules import LINK_LENGTH, ROLES, SCOPES, password_fault
from app.auth.secret import new_secret, secret_hash
from app.core.errors import ConflictError, NotFoundError, PayloadError
from app.models.users import ApiToken, AuditEntry, SignInLink, User, UserSession

COMMAND_LINE = "command line"


def record(
    session: Session, actor: str, action: str, subject: str, details: Mapping[str, Any] | None, at: datetime
) -> None:
    """Write who changed what, in the transaction of the change; never a secret."""
    session.add(AuditEntry(id=uuid4(), at=at, actor=actor, action=action, subject=subject, details=dict(details or {})))
    session.flush()


def create_user(
    session: Session, email: str, name: str, role: str, now: datetime, *, password: str = "", by: str = COMMAND_LINE
) -> UUID:
    """Add a user; without a password one signs in by link."""
    email = check_email(email)
    check_role(role)
    if _find(session, email):
        raise ConflictError(f"there is a user {email} already", "Change that one instead")
    hashed = _hash(password, email) if password else None
    user = User(id=uuid4(), email=email, name=name.strip() or email, role=role, password_hash=hashed, created_at=now)
    session.add(user)
    record(session, by, "user.created", email, {"role": role}, now)
    return user.id


def set_password(session: Session, email: str, password: str, now: datetime, *, by: str = COMMAND_LINE) -> None:
    """Give a user a new password and sign them out everywhere."""
    user = _get(session, email)
    user.password_hash = _hash(password, user.email)
    _end_sessions(session, user)
    record(session, by, "user.password_set", user.email, None, now)


def change_role(session: Session, email: str, role: str, now: datetime, *, by: str) -> None:
    """Let a user do more or less; it holds from their next request."""
    check_role(role)
    user = _get(session, email)
    if user.role == "admin" and role != "admin":
        _keep_one_admin(session, user)
    before, user.role = user.role, role
    record(session, by, "user.role_changed", user.email, {"from": before, "to": role}, now)


def disable_user(session: Session, email: str, now: datetime, *, by: str) -> None:
    """Shut a user out at once."""
    user = _get(session, email)
    _keep_one_admin(session, user)
    user.disabled_at = now
    _end_sessions(session, user)
    record(session, by, "user.disabled", user.email, None, now)


def enable_user(session: Session, email: str, now: datetime, *, by: str) -> None:
    """Let a user in again."""
    user = _get(session, email)
    user.disabled_at = None
    record(session, by, "user.enabled", user.email, None, now)


def issue_link(session: Session, email: str, now: datetime, *, by: str = COMMAND_LINE) -> str:
    """Make a link that signs a user in once; returns the secret part of its address."""
    user = _get(session, email)
    if user.disabled_at:
        raise ConflictError(f"{user.email} is disabled", "Enable the user first")
    token = new_secret()
    session.add(SignInLink(token_hash=secret_hash(token), user_id=user.id, expires_at=now + LINK_LENGTH))
    record(session, by, "user.link_issued", user.email, None, now)
    return token


def ensure_first_admin(session: Session, email: str, now: datetime) -> str:
    """Make the first administrator where there is none of that name, and a link for them."""
    if _find(session, check_email(email)) is None:
        create_user(session, email, "Administrator", "admin", now)
    return issue_link(session, email, now)


def issue_token(session: Session, name: str, scopes: Iterable[str], now: datetime, *, by: str = COMMAND_LINE) -> str:
    """Make a token for a sender or reader; the secret is returned here and never again."""
    wanted = sorted(set(scopes))
    if not name.strip():
        raise PayloadError("a token needs a name", "Name it after the system that uses it")
    if not wanted or not set(wanted) <= set(SCOPES):
        raise PayloadError(f"unknown scope in {wanted}", f"Choose from: {', '.join(SCOPES)}")
    secret = new_secret()
    token = ApiToken(id=uuid4(), name=name.strip(), token_hash=secret_hash(secret), scopes=wanted, created_at=now)
    session.add(token)
    record(session, by, "token.issued", token.name, {"id": str(token.id), "scopes": wanted}, now)
    return secret


def revoke_token(session: Session, token_id: UUID, now: datetime, *, by: str = COMMAND_LINE) -> None:
    """Refuse a token from now on."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFoundError("there is no such token")
    if token.revoked_at is None:
        token.revoked_at = now
        record(session, by, "token.revoked", token.name, {"id": str(token.id)}, now)


def check_email(email: str) -> str:
    """Clean an e-mail address; it need only be plausible, for the mail itself is the proof."""
    email = email.strip()
    name, at, host = email.rpartition("@")
    if not at or not name or not host or len(email) > 254 or any(mark.isspace() or mark in "<>,;" for mark in email):
        raise PayloadError(f"{email!r} is not an e-mail address")
    return email


def check_role(role: str) -> None:
    """Refuse a role that does not exist."""
    if role not in ROLES:
        raise PayloadError(f"unknown role {role!r}", f"Choose from: {', '.join(ROLES)}")


def _find(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def _get(session: Session, email: str) -> User:
    user = _find(session, email)
    if user is None:
        raise NotFoundError(f"there is no user {email}")
    return user


def _hash(password: str, email: str) -> str:
    fault = password_fault(password, email)
    if fault:
        raise PayloadError(fault)
    return hash_password(password)


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def _keep_one_admin(session: Session, user: User) -> None:
    others = select(User.id).where(User.role == "admin", User.disabled_at.is_(None), User.id != user.id)
    if user.role == "admin" and session.scalar(others.limit(1)) is None:
        raise ConflictError("this is the last administrator", "Make somebody else administrator first")
