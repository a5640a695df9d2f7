"""The editor of a mapping: its document, a message to try it on, what came of it, and its versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.admin.sections import admin_tabs
from app.admin.set_aside import find_refusal, refusal_groups
from app.auth.commands import record
from app.auth.rules import allows
from app.web.frame import Frame
from app.web.templating import page
from app.web.user import CurrentUser
from collectors.mappings import queries
from collectors.mappings.trial import Trial

PATH = "/admin/mappings"
MOST_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the editor; `name` is empty while the mapping is new."""

    name: str
    document: str
    payload: str = ""
    problems: tuple[str, ...] = ()
    trial: Trial | None = None
    version: int | None = None
    sample: str = ""


def mappings_page(
    request: Request, template: str, frame: Frame, user: CurrentUser, *, status_code: int = 200, **shown: Any
) -> HTMLResponse:
    """Put what is shown of mappings into their frame."""
    shown |= {"tabs": admin_tabs(user.role, PATH), "may_edit": allows(user.role, "admin")}
    return page(request, template, frame.titled("Mappings", area="admin"), status_code=status_code, **shown)


def show_editor(request: Request, frame: Frame, session: Session, user: CurrentUser, draft: Draft) -> HTMLResponse:
    may_try = allows(user.role, "operator")
    return mappings_page(
        request,
        "mappings/edit.html",
        frame,
        user,
        status_code=422 if draft.problems else 200,
        draft=draft,
        row=queries.find_mapping(session, draft.name) if draft.name else None,
        versions=queries.list_versions(session, draft.name) if draft.name else [],
        samples=_samples(session) if may_try else [],
        may_try=may_try,
    )


def fetch_sample(session: Session, user: CurrentUser, refusal_id: UUID | None, now: datetime) -> bytes:
    """Fetch what was set aside; it is shown with its values, so only to those who may read them, and written down."""
    if refusal_id is None or not allows(user.role, "operator"):
        return b""
    refused = find_refusal(session, refusal_id)
    record(session, user.email, "quarantine.read", str(refusal_id), {"sender": refused.group.sender}, now)
    return refused.sample or b""


def _samples(session: Session) -> list[tuple[str, str]]:
    groups = refusal_groups(session, MOST_SAMPLES)
    return [(str(one.latest_id), f"{one.count:,} · {one.group.kind} · {one.group.sender}") for one in groups]


def as_text(body: bytes) -> str:
    """Write a message whole, so that it can be tried; a page in quarantine shows only its beginning."""
    return body.decode("utf-8", "replace")
