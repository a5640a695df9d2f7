"""Pages of tokens: which programs may send and read, and new tokens, shown once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from app.admin.queries import list_tokens
from app.admin.sections import admin_tabs
from app.auth import commands
from app.auth.dependencies import AdminDep
from app.auth.rules import SCOPES
from app.core.errors import PayloadError
from app.web.dependencies import NowDep, SessionDep
from app.web.forms import see_other
from app.web.frame import FrameDep
from app.web.templating import page

router = APIRouter(prefix="/admin/tokens", include_in_schema=False)

PATH = "/admin/tokens"


@router.get("")
def index(request: Request, frame: FrameDep, session: SessionDep, user: AdminDep) -> HTMLResponse:
    return _page(request, frame, session, user, "", (), None)


@router.post("")
def issue_token(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    now: NowDep,
    name: Annotated[str, Form(max_length=100)] = "",
    scope: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    try:
        secret = commands.issue_token(session, name, scope, now, by=user.email)
    except PayloadError as error:
        return _page(request, frame, session, user, name, scope, f"{error.message}. {error.hint}")
    shown = page(
        request,
        "admin/secret.html",
        frame.titled("Tokens", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        heading=f"Token for {name.strip()}",
        words="Keep it where the program finds it. It is shown only now: here only its hash is stored.",
        secret=secret,
        back=PATH,
    )
    shown.headers["Cache-Control"] = "no-store"
    return shown


@router.post("/{token_id}/revocation")
def revoke_token(session: SessionDep, user: AdminDep, now: NowDep, token_id: UUID) -> Response:
    commands.revoke_token(session, token_id, now, by=user.email)
    return see_other(PATH)


def _page(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    name: str,
    chosen: tuple[str, ...],
    error: str | None,
) -> HTMLResponse:
    return page(
        request,
        "admin/tokens.html",
        frame.titled("Tokens", area="admin"),
        status_code=422 if error else 200,
        tabs=admin_tabs(user.role, PATH),
        tokens=list_tokens(session),
        scopes=SCOPES,
        name=name,
        chosen=chosen,
        error=error,
    )
