"""Pages of users: who there is, what they may do, and links that sign them in."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from app.admin.queries import list_users, user_email
from app.admin.sections import admin_tabs
from app.auth import commands
from app.auth.dependencies import AdminDep
from app.auth.rules import ROLES
from app.core.errors import ConflictError, PayloadError
from app.web.dependencies import NowDep, SessionDep
from app.web.forms import see_other
from app.web.frame import FrameDep
from app.web.templating import page

router = APIRouter(prefix="/admin/users", include_in_schema=False)

PATH = "/admin/users"


@dataclass(frozen=True, slots=True)
class UserForm:
    """What the form shows again when it was not taken."""

    email: str = ""
    name: str = ""
    role: str = "viewer"
    error: str | None = None


@router.get("")
def index(request: Request, frame: FrameDep, session: SessionDep, user: AdminDep) -> HTMLResponse:
    return _page(request, frame, session, user, UserForm())


@router.post("")
def create_user(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    now: NowDep,
    email: Annotated[str, Form()] = "",
    name: Annotated[str, Form(max_length=100)] = "",
    role: Annotated[str, Form()] = "viewer",
) -> Response:
    try:
        commands.create_user(session, email, name, role, now, by=user.email)
    except (PayloadError, ConflictError) as error:
        return _page(request, frame, session, user, UserForm(email, name, role, error.message))
    return _show_link(request, frame, session, user, now, email)


@router.post("/{user_id}/role")
def change_role(
    session: SessionDep, user: AdminDep, now: NowDep, user_id: UUID, role: Annotated[str, Form()]
) -> Response:
    commands.change_role(session, user_email(session, user_id), role, now, by=user.email)
    return see_other(PATH)


@router.post("/{user_id}/link")
def issue_link(
    request: Request, frame: FrameDep, session: SessionDep, user: AdminDep, now: NowDep, user_id: UUID
) -> Response:
    return _show_link(request, frame, session, user, now, user_email(session, user_id))


@router.post("/{user_id}/disablement")
def disable_user(session: SessionDep, user: AdminDep, now: NowDep, user_id: UUID) -> Response:
    commands.disable_user(session, user_email(session, user_id), now, by=user.email)
    return see_other(PATH)


@router.post("/{user_id}/enablement")
def enable_user(session: SessionDep, user: AdminDep, now: NowDep, user_id: UUID) -> Response:
    commands.enable_user(session, user_email(session, user_id), now, by=user.email)
    return see_other(PATH)


def _page(request: Request, frame: FrameDep, session: SessionDep, user: AdminDep, form: UserForm) -> HTMLResponse:
    return page(
        request,
        "admin/users.html",
        frame.titled("Users", area="admin"),
        status_code=422 if form.error else 200,
        tabs=admin_tabs(user.role, PATH),
        users=list_users(session),
        roles=[(role, role) for role in ROLES],
        form=form,
    )


def _show_link(
    request: Request, frame: FrameDep, session: SessionDep, user: AdminDep, now: NowDep, email: str
) -> HTMLResponse:
    token = commands.issue_link(session, email, now, by=user.email)
    shown = page(
        request,
        "admin/secret.html",
        frame.titled("Users", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        heading=f"Sign-in link for {email.strip()}",
        words="It signs this person in once, within 24 hours. Send it to nobody else: it is shown only now.",
        secret=f"{request.app.state.settings.base_url}/sign-in/link/{token}",
        back=PATH,
    )
    shown.headers["Cache-Control"] = "no-store"
    return shown
