"""Who may come in: people by session cookie and role, programs by bearer token and scope."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.auth.queries import KnownToken, find_session, find_token
from app.auth.rules import allows, next_expiry
from app.auth.sessions import lengthen_session, session_secret
from app.auth.tokens import TokenMemory
from app.core.database import transaction
from app.core.errors import ForbiddenError, UnauthenticatedError
from app.web.dependencies import NowDep, SessionDep
from app.web.middleware import SAFE_METHODS
from app.web.user import CurrentUser

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"


@dataclass(frozen=True, slots=True)
class Sender:
    """The program, or the person, behind a request to an API."""

    name: str


def identify(request: Request, session: Session, now: datetime) -> CurrentUser | None:
    """Find who is signed in, once a request, and lengthen the session that is in use."""
    if hasattr(request.state, "user"):
        return request.state.user  # type: ignore[no-any-return]  # a request's state is untyped
    secret = session_secret(request)
    signed_in = find_session(session, secret, now) if secret else None
    if signed_in and (expires_at := next_expiry(signed_in.created_at, signed_in.expires_at, now)):
        lengthen_session(session, secret, expires_at)
    request.state.user = signed_in.user if signed_in else None
    return signed_in.user if signed_in else None


async def csrf_given(request: Request) -> str:
    """Read the token that a form or script sent with a change."""
    if request.method in SAFE_METHODS:
        return ""
    header = request.headers.get(CSRF_HEADER)
    if header is not None:
        return header
    is_form = request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    )
    return str((await request.form()).get(CSRF_FIELD, "")) if is_form else ""


def viewer(
    request: Request, session: SessionDep, now: NowDep, given: Annotated[str, Depends(csrf_given)]
) -> CurrentUser:
    """Let in who is signed in; a change needs the session's token as well, which other sites cannot know."""
    user = identify(request, session, now)
    if user is None:
        raise UnauthenticatedError("Sign in first")
    if request.method not in SAFE_METHODS and not secrets.compare_digest(user.csrf.encode(), given.encode()):
        raise ForbiddenError("This form is out of date", "Load the page again and repeat what you did")
    return user


def _require_role(needed: str) -> Callable[[CurrentUser], CurrentUser]:
    def check(user: Annotated[CurrentUser, Depends(viewer)]) -> CurrentUser:
        if not allows(user.role, needed):
            raise ForbiddenError(f"This takes the role {needed}; yours is {user.role}", "Ask an administrator")
        return user

    return check


operator = _require_role("operator")
admin = _require_role("admin")

ViewerDep = Annotated[CurrentUser, Depends(viewer)]
OperatorDep = Annotated[CurrentUser, Depends(operator)]
AdminDep = Annotated[CurrentUser, Depends(admin)]


def require_scope(scope: str) -> Callable[[Request, datetime], Awaitable[Sender]]:
    """Make the dependency of an API route: a token with this scope; to read, a signed-in person will do."""

    async def check(request: Request, now: NowDep) -> Sender:
        secret = bearer_token(request)
        if secret is None:
            return await run_in_threadpool(_person, request, scope, now)
        memory: TokenMemory = request.app.state.tokens
        known = memory.recall(secret, now) or await run_in_threadpool(_look_up, request, secret, now)
        if known is None:
            raise UnauthenticatedError("unknown or revoked token", "Make one with: pharos token create")
        if scope not in known.scopes:
            raise ForbiddenError(f"this token may not {scope}", f"Make one with: pharos token create --scope {scope}")
        return Sender(known.name)

    return check


def bearer_token(request: Request) -> str | None:
    """Read the Authorization header; None when there is none of this kind."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _look_up(request: Request, secret: str, now: datetime) -> KnownToken | None:
    # A transaction of its own, closed at once: a receiver must not hold two connections.
    with transaction(request.app.state.sessions) as session:
        known = find_token(session, secret)
    memory: TokenMemory = request.app.state.tokens
    memory.keep(secret, known, now)
    return known


def _person(request: Request, scope: str, now: datetime) -> Sender:
    user = None
    if scope == "read" and request.method in SAFE_METHODS:
        with transaction(request.app.state.sessions) as session:
            user = identify(request, session, now)
    if user is None:
        raise UnauthenticatedError("no token", "Send the header: Authorization: Bearer phr_…")
    return Sender(user.email)
