"""The tower's own health and the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.admin import queries
from app.admin.own_health import OwnHealth, own_health
from app.admin.rules import Level, inbox_level, job_level, worker_level
from app.admin.sections import admin_tabs
from app.auth.dependencies import AdminDep
from app.metrics.catalogue import ask
from app.web.dependencies import NowDep, SessionDep
from app.web.frame import Frame, FrameDep
from app.web.templating import fragment, page

router = APIRouter(prefix="/admin", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class HealthView:
    """The tower's health with the words that the page shows."""

    health: OwnHealth
    worker: Level
    inbox: Level
    jobs: tuple[Level, ...]
    is_listening: bool
    unmatched: int | None
    unmatched_since: datetime | None


@router.get("")
def index(request: Request, frame: FrameDep, session: SessionDep, user: AdminDep, now: NowDep) -> HTMLResponse:
    frame = frame.titled("Admin", area="admin", topics=("admin",))
    view = _health(request, session, now)
    return page(request, "admin/index.html", frame, tabs=admin_tabs(user.role, "/admin"), view=view)


@router.get("/_health")
def health_fragment(
    request: Request, frame: FrameDep, session: SessionDep, user: AdminDep, now: NowDep
) -> HTMLResponse:
    return fragment(request, "admin/_health.html", frame, view=_health(request, session, now))


@router.get("/audit")
def audit(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    q: Annotated[str, Query(max_length=200)] = "",
    after: str | None = None,
) -> HTMLResponse:
    rows = queries.list_audit(session, q.strip(), after)
    return page(
        request,
        "admin/audit.html",
        frame.titled("Audit trail", area="admin"),
        tabs=admin_tabs(user.role, "/admin/audit"),
        rows=rows.rows,
        next_href=_next(frame, rows.after),
        q=q,
    )


def _next(frame: Frame, after: str | None) -> str | None:
    return frame.url_with(after=after) if after else None


def _health(request: Request, session: SessionDep, now: NowDep) -> HealthView:
    health, unmatched = own_health(session), ask(session, "events.unmatched", now)
    limit = request.app.state.settings.inbox_limit
    return HealthView(
        health=health,
        worker=worker_level((job.at for job in health.jobs), now),
        inbox=inbox_level(health.inbox.oldest_at, limit, health.inbox.events, now),
        jobs=tuple(job_level(job.error) for job in health.jobs),
        is_listening=request.app.state.live.is_listening.is_set(),
        unmatched=None if unmatched.value is None else int(unmatched.value),
        unmatched_since=unmatched.extra.get("oldest_at"),
    )
