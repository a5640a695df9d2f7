"""Reads of users, tokens and the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.core.paging import Page, cut_page, read_place
from app.models.users import ApiToken, AuditEntry, User, UserSession

PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as the list shows them; `seen_at` is when the latest open session began."""

    id: UUID
    name: str
    email: str
    role: str
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as the list shows it: never its secret."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit trail."""

    id: UUID
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]


def list_users(session: Session) -> list[UserRow]:
    """List everybody by name; the disabled stand last."""
    columns = (User.id, User.name, User.email, User.role, User.password_hash.is_not(None), User.created_at)
    seen = select(func.max(UserSession.created_at)).where(UserSession.user_id == User.id).scalar_subquery()
    rows = session.execute(
        select(*columns, User.disabled_at, seen).order_by(
            User.disabled_at.is_not(None), func.lower(User.name), User.email
        )
    )
    return [UserRow(*row) for row in rows]


def user_email(session: Session, user_id: UUID) -> str:
    """Read the e-mail by which commands name a user."""
    email = session.scalar(select(User.email).where(User.id == user_id))
    if email is None:
        raise NotFoundError("there is no such user")
    return email


def list_tokens(session: Session) -> list[TokenRow]:
    """List the tokens, the newest first; the revoked stand last."""
    rows = session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.created_at, ApiToken.revoked_at).order_by(
            ApiToken.revoked_at.is_not(None), ApiToken.created_at.desc()
        )
    )
    return [TokenRow(row[0], row[1], tuple(row[2]), row[3], row[4]) for row in rows]


def list_audit(session: Session, text: str, after: str | None) -> Page[AuditRow]:
    """List the audit trail, the latest first; `text` is looked for in who, what and to what."""
    place = (AuditEntry.at, AuditEntry.id)
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.actor, AuditEntry.action, AuditEntry.subject)
    wanted = select(*columns, AuditEntry.details).order_by(place[0].desc(), place[1].desc()).limit(PAGE_ROWS + 1)
    if text:
        searched = (AuditEntry.actor, AuditEntry.action, AuditEntry.subject)
        wanted = wanted.where(or_(*(column.icontains(text, autoescape=True) for column in searched)))
    if after:
        wanted = wanted.where(tuple_(*place) < read_place(after))
    rows = [AuditRow(*row) for row in session.execute(wanted)]
    return cut_page(rows, PAGE_ROWS, lambda row: (row.at.isoformat(), str(row.id)))
