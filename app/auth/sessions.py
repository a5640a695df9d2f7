"""Signing in and out: sessions in the database, their cookie, and one-time links."""

import secrets
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.auth.commands import record
from app.auth.passwords import hash_password, is_outdated, is_password
from app.auth.queries import Account, find_account, find_link_account
from app.auth.rules import SESSION_LENGTH
from app.auth.secret import new_secret, secret_hash
from app.models.users import SignInLink, User, UserSession
from app.settings import Settings


def sign_in(session: Session, email: str, password: str, now: datetime) -> str | None:
    """Check e-mail and password; returns the new session's secret, or None."""
    account = find_account(session, email)
    if not is_password(account.password_hash if account else None, password) or account is None:
        return None
    if account.password_hash and is_outdated(account.password_hash):
        session.execute(update(User).where(User.id == account.id).values(password_hash=hash_password(password)))
    return start_session(session, account, "password", now)


def use_link(session: Session, token: str, now: datetime) -> str | None:
    """Sign in by link, once: of two requests at the same time one wins."""
    account = find_link_account(session, token, now)
    used = update(SignInLink).where(SignInLink.token_hash == secret_hash(token), SignInLink.used_at.is_(None))
    if account is None or session.execute(used.values(used_at=now).returning(SignInLink.user_id)).first() is None:
        return None
    return start_session(session, account, "link", now)


def start_session(session: Session, account: Account, means: str, now: datetime) -> str:
    """Open a session; those that have run out are cleared away on the way."""
    secret = new_secret()
    session.execute(delete(UserSession).where(UserSession.user_id == account.id, UserSession.expires_at <= now))
    session.add(
        UserSession(
            token_hash=secret_hash(secret),
            user_id=account.id,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
            csrf=secrets.token_urlsafe(24),
        )
    )
    record(session, account.email, "session.started", account.email, {"by": means}, now)
    return secret


def lengthen_session(session: Session, secret: str, expires_at: datetime) -> None:
    """Move the end of a session that is in use."""
    row = UserSession.token_hash == secret_hash(secret)
    session.execute(update(UserSession).where(row).values(expires_at=expires_at))


def end_session(session: Session, secret: str, user: UUID, email: str, now: datetime) -> None:
    """Sign out."""
    row = (UserSession.token_hash == secret_hash(secret), UserSession.user_id == user)
    if session.execute(delete(UserSession).where(*row).returning(UserSession.user_id)).first():
        record(session, email, "session.ended", email, None, now)


def cookie_name(settings: Settings) -> str:
    """Name the cookie; over HTTPS the prefix makes browsers refuse one that another host or path has set."""
    return "__Host-pharos" if settings.secure_cookies else "pharos"


def session_secret(request: Request) -> str:
    """Read the cookie; empty when there is none."""
    return request.cookies.get(cookie_name(request.app.state.settings), "")


def set_cookie(response: Response, settings: Settings, secret: str) -> None:
    """Hand the session to the browser; how long it holds is the server's business."""
    response.set_cookie(
        cookie_name(settings), secret, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies
    )


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        cookie_name(settings), path="/", httponly=True, samesite="lax", secure=settings.secure_cookies
    )
