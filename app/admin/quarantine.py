"""Pages of what could not be understood: reasons, members, and the raw bytes, masked for viewers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.admin import set_aside
from app.admin.rules import masked, readable
from app.admin.sections import admin_tabs
from app.auth.commands import record
from app.auth.dependencies import ViewerDep
from app.auth.rules import allows
from app.web.dependencies import NowDep, SessionDep
from app.web.frame import FrameDep
from app.web.templating import page

router = APIRouter(prefix="/admin/quarantine", include_in_schema=False)

PATH = "/admin/quarantine"


@router.get("")
def index(request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep) -> HTMLResponse:
    return page(
        request,
        "admin/quarantine.html",
        frame.titled("Quarantine", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        groups=set_aside.refusal_groups(session),
        batches=set_aside.troubled_batches(session),
    )


@router.get("/group")
def group(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    reason: str,
    sender: Annotated[str, Query()] = "",
    after: str | None = None,
) -> HTMLResponse:
    found = set_aside.refusals(session, reason, sender, after)
    return page(
        request,
        "admin/refusals.html",
        frame.titled("Quarantine", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        reason=reason,
        sender=sender,
        rows=found.rows,
        next_href=frame.url_with(after=found.after) if found.after else None,
    )


@router.get("/{refusal_id}")
def show(
    request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep, now: NowDep, refusal_id: UUID
) -> HTMLResponse:
    """Show one refusal; whoever reads the values is written down."""
    refused = set_aside.find_refusal(session, refusal_id)
    may_read = allows(user.role, "operator")
    text = readable(refused.body or b"")
    if may_read:
        record(session, user.email, "quarantine.read", str(refusal_id), {"sender": refused.sender}, now)
    return page(
        request,
        "admin/refusal.html",
        frame.titled("Quarantine", area="admin"),
        tabs=admin_tabs(user.role, PATH),
        refused=refused,
        text=text if may_read else masked(text),
        note="Reading this is written to the audit trail" if may_read else "Values are masked for your role",
    )
