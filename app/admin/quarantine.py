"""Pages of what could not be understood: groups with a sample, taking in again, dismissing, and single refusals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from app.admin import commands, set_aside
from app.admin.retakes import list_retakes
from app.admin.rules import masked, readable
from app.admin.sections import admin_tabs
from app.admin.set_aside import Refused, group_href
from app.auth.commands import record
from app.auth.dependencies import OperatorDep, ViewerDep
from app.auth.rules import allows
from app.core.errors import PayloadError
from app.events.quarantine import Group, count_open
from app.orders.masks import mask_payload
from app.web.dependencies import NowDep, SessionDep
from app.web.forms import see_other
from app.web.frame import Frame, FrameDep
from app.web.templating import fragment, page
from app.web.user import CurrentUser

router = APIRouter(prefix="/admin/quarantine", include_in_schema=False)

PATH = "/admin/quarantine"


def asked_group(kind: str, sender: str, door: str, source: str | None = None) -> Group:
    """Read a group from the address."""
    return Group(kind, sender, door, source)


def sent_group(
    kind: Annotated[str, Form()],
    sender: Annotated[str, Form()],
    door: Annotated[str, Form()],
    source: Annotated[str | None, Form()] = None,
) -> Group:
    """Read a group from a form."""
    return Group(kind, sender, door, source)


AskedGroup = Annotated[Group, Depends(asked_group)]
SentGroup = Annotated[Group, Depends(sent_group)]


@router.get("")
def index(request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep, now: NowDep) -> HTMLResponse:
    return page(
        request,
        "admin/quarantine.html",
        frame.titled("Quarantine", area="admin", topics=("admin",)),
        tabs=admin_tabs(user.role, PATH),
        may_act=allows(user.role, "operator"),
        groups=set_aside.refusal_groups(session),
        retakes=list_retakes(session, now),
        batches=set_aside.troubled_batches(session),
    )


@router.get("/_open")
def open_fragment(request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep, now: NowDep) -> HTMLResponse:
    groups, retakes = set_aside.refusal_groups(session), list_retakes(session, now)
    may_act = allows(user.role, "operator")
    return fragment(request, "admin/_open.html", frame, may_act=may_act, groups=groups, retakes=retakes)


@router.get("/group")
def group(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    now: NowDep,
    group: AskedGroup,
    after: str | None = None,
) -> HTMLResponse:
    return _group_page(request, frame, session, user, now, group, after=after)


@router.post("/retakes")
def request_retake(session: SessionDep, user: OperatorDep, now: NowDep, group: SentGroup) -> Response:
    commands.request_retake(session, group, by=user.email, at=now)
    return see_other(PATH)


@router.post("/retakes/{job_id}/cancellation")
def cancel_retake(session: SessionDep, user: OperatorDep, now: NowDep, job_id: UUID) -> Response:
    commands.cancel_retake(session, job_id, by=user.email, at=now)
    return see_other(PATH)


@router.post("/dismissals")
def dismiss_group(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: OperatorDep,
    now: NowDep,
    group: SentGroup,
    why: Annotated[str, Form()] = "",
) -> Response:
    try:
        commands.dismiss_group(session, group, why, by=user.email, at=now)
    except PayloadError as error:
        return _group_page(request, frame, session, user, now, group, why=why, error=f"{error.message}. {error.hint}")
    return see_other(PATH)


@router.get("/{refusal_id}")
def show(
    request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep, now: NowDep, refusal_id: UUID
) -> HTMLResponse:
    """Show one refusal; whoever reads the values is written down."""
    refused = set_aside.find_refusal(session, refusal_id)
    may_read = allows(user.role, "operator")
    text = readable(refused.sample or b"")
    if may_read:
        _note_reading(session, user, refused, now)
    return page(
        request,
        "admin/refusal.html",
        frame.titled("Quarantine", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        refused=refused,
        may_act=may_read,
        text=text if may_read else masked(text),
        note="Reading this is written to the audit trail" if may_read else "Values are masked for your role",
    )


def _group_page(
    request: Request,
    frame: Frame,
    session: SessionDep,
    user: CurrentUser,
    now: NowDep,
    group: Group,
    *,
    after: str | None = None,
    why: str = "",
    error: str | None = None,
) -> HTMLResponse:
    """Show a group with a sample; its values are masked, and for viewers even their letters."""
    found = set_aside.refusals(session, group, after)
    may_act = allows(user.role, "operator")
    sample = set_aside.find_refusal(session, found.rows[0].id) if found.rows else None
    text = ""
    if sample is not None:
        text = mask_payload(sample.sample or b"").text if may_act else masked(readable(sample.sample or b""))
        if may_act:
            _note_reading(session, user, sample, now)
    return page(
        request,
        "admin/refusals.html",
        frame.titled("Quarantine", area="admin"),
        status_code=422 if error else 200,
        tabs=admin_tabs(user.role, PATH),
        group=group,
        total=count_open(session, group),
        sample=sample,
        text=text,
        may_act=may_act,
        rows=found.rows,
        next_href=f"{group_href(group)}&after={found.after}" if found.after else None,
        why=why,
        error=error,
    )


def _note_reading(session: SessionDep, user: CurrentUser, refused: Refused, now: NowDep) -> None:
    record(session, user.email, "quarantine.read", str(refused.id), {"sender": refused.group.sender}, now)
