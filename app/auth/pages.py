"""The sign-in page, one-time links, and signing out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from app.auth import sessions
from app.auth.attempts import Attempts
from app.auth.dependencies import ViewerDep
from app.auth.queries import find_link_account
from app.web.dependencies import NowDep, SessionDep
from app.web.filters import duration
from app.web.forms import local_path, see_other
from app.web.frame import BareFrameDep
from app.web.templating import page

router = APIRouter(include_in_schema=False)

WRONG = "E-mail and password do not match"
NO_REFERRER = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What the sign-in page shows again after a failed try."""

    email: str = ""
    error: str | None = None
    next: str = "/"


@router.get("/sign-in")
def sign_in_page(request: Request, frame: BareFrameDep, next: str = "/") -> HTMLResponse:
    return page(request, "auth/sign_in.html", frame.titled("Sign in"), form=SignInForm(next=local_path(next)))


@router.post("/sign-in")
def sign_in(
    request: Request,
    frame: BareFrameDep,
    session: SessionDep,
    now: NowDep,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    attempts: Attempts = request.app.state.attempts
    address = request.client.host if request.client else "unknown"
    wait = attempts.wait(email, address, now)
    secret = None if wait else sessions.sign_in(session, email, password, now)
    if secret is not None:
        attempts.forget(email)
        return _welcome(request, secret, next)
    if wait is None:
        attempts.fail(email, address, now)
    error = f"Too many tries: wait {duration(wait)}" if wait else WRONG
    form = SignInForm(email=email, error=error, next=local_path(next))
    shown = page(request, "auth/sign_in.html", frame.titled("Sign in"), status_code=429 if wait else 422, form=form)
    if wait:
        shown.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return shown


@router.get("/sign-in/link/{token}")
def link_page(request: Request, frame: BareFrameDep, session: SessionDep, now: NowDep, token: str) -> HTMLResponse:
    """Ask for a click: scanners of mails open links too, and must not use them up."""
    account = find_link_account(session, token, now)
    return _link_page(request, frame, account.email if account else None)


@router.post("/sign-in/link/{token}")
def use_link(request: Request, frame: BareFrameDep, session: SessionDep, now: NowDep, token: str) -> Response:
    secret = sessions.use_link(session, token, now)
    return _welcome(request, secret, "/") if secret else _link_page(request, frame, None)


@router.post("/sign-out")
def sign_out(request: Request, session: SessionDep, user: ViewerDep, now: NowDep) -> Response:
    sessions.end_session(session, sessions.session_secret(request), user.id, user.email, now)
    response = see_other("/sign-in")
    sessions.clear_cookie(response, request.app.state.settings)
    return response


def _welcome(request: Request, secret: str, next_url: str) -> Response:
    response = see_other(local_path(next_url))
    sessions.set_cookie(response, request.app.state.settings, secret)
    return response


def _link_page(request: Request, frame: BareFrameDep, email: str | None) -> HTMLResponse:
    shown = page(request, "auth/link.html", frame.titled("Sign in"), status_code=200 if email else 404, email=email)
    shown.headers.update(NO_REFERRER)
    return shown
