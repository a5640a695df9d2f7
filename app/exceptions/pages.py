"""The work-queue: groups by cause with their orders, the flat list, what is over, and the regions that refresh."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from app.auth.dependencies import ViewerDep
from app.core.errors import PayloadError
from app.exceptions.work_queue import WorkQueue
from app.web.dependencies import AskedAtDep, SessionDep
from app.web.frame import FrameDep
from app.web.templating import fragment, page

router = APIRouter(prefix="/exceptions", include_in_schema=False)

FilterText = Annotated[str, Query(alias="q", max_length=500)]
View = Annotated[Literal["groups", "list"], Query()]
AfterMark = Annotated[str | None, Query()]
OpenedCause = Annotated[str | None, Query(alias="open")]


def work_queue(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    asked: AskedAtDep,
    _user: ViewerDep,
    q: FilterText = "",
    view: View = "groups",
    after: AfterMark = None,
) -> WorkQueue:
    """Get ready to ask what this page or region shows."""
    state = request.app.state
    return WorkQueue(session, asked, frame, state.settings, state.judge_groups, q, view, after)


QueueDep = Annotated[WorkQueue, Depends(work_queue, scope="function")]


@router.get("")
def exceptions_page(request: Request, queue: QueueDep, opened: OpenedCause = None) -> HTMLResponse:
    frame = queue.frame.titled("Exceptions", area="exceptions", topics=() if queue.after else ("exceptions",))
    try:
        regions = queue.regions("tabs", "totals", "ageing", "listed", opened=opened)
        suggestions = queue.suggestions()
    except PayloadError as error:
        regions = {**queue.regions("tabs"), "totals": None, "ageing": None, "listed": None}
        return page(request, "exceptions/index.html", frame, status_code=422, fault=error, suggestions=(), **regions)
    return page(request, "exceptions/index.html", frame, fault=None, suggestions=suggestions, **regions)


@router.get("/_tabs")
def tabs_fragment(request: Request, queue: QueueDep) -> HTMLResponse:
    return fragment(request, "exceptions/_tabs.html", queue.frame, **queue.regions("tabs"))


@router.get("/_totals")
def totals_fragment(request: Request, queue: QueueDep) -> HTMLResponse:
    return fragment(request, "exceptions/_totals.html", queue.frame, **queue.regions("totals"))


@router.get("/_ageing")
def ageing_fragment(request: Request, queue: QueueDep) -> HTMLResponse:
    return fragment(request, "exceptions/_ageing.html", queue.frame, **queue.regions("ageing"))


@router.get("/_list")
def list_fragment(request: Request, queue: QueueDep) -> HTMLResponse:
    return fragment(request, "exceptions/_list.html", queue.frame, **queue.regions("listed"))


@router.get("/_group/{cause}")
def group_fragment(request: Request, queue: QueueDep, cause: str, is_closed: bool = False) -> HTMLResponse:
    return fragment(request, "exceptions/_group.html", queue.frame, **queue.group(cause, is_closed=is_closed))


@router.get("/_members/{cause}")
def members_fragment(request: Request, queue: QueueDep, cause: str) -> HTMLResponse:
    return fragment(request, "exceptions/_members.html", queue.frame, **queue.members(cause))
