"""The page of one journey, the fragments that refresh it, and the payloads of its events."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.auth.dependencies import ViewerDep
from app.core.errors import NotFoundError
from app.journeys.catalogue import SHIPPED, load_flows
from app.journeys.queries import JourneyView, journey_at
from app.orders.case import Case, read_case, read_lines
from app.orders.payloads import open_payload
from app.settings import Settings
from app.web.dependencies import AskedAt, AskedAtDep, SessionDep, parse_at
from app.web.filters import iso
from app.web.forms import see_other
from app.web.frame import Frame, FrameDep
from app.web.lanes import journey_lanes
from app.web.templating import fragment, page

router = APIRouter(prefix="/orders", include_in_schema=False)

VIEWS = {"compact": "Compact", "scale": "To scale", "failed": "Failed only"}

KnownTime = Annotated[str | None, Query()]
ViewName = Annotated[str, Query(alias="view")]
OpenEvent = Annotated[UUID | None, Query(alias="event")]


@router.get("/{journey_id}")
def journey_page(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    asked: AskedAtDep,
    journey_id: str,
    known: KnownTime = None,
    view: ViewName = "compact",
    event: OpenEvent = None,
) -> Response:
    wanted = _read_id(journey_id)
    if wanted is None:
        return see_other(frame.link("/search", q=journey_id))
    found = _view(request, session, wanted, asked, known)
    if found is None:
        return _absent(request, frame, asked, known)
    if found.id != wanted:
        return see_other(frame.link(f"/orders/{found.id}"))
    case = read_case(session, found, asked.at, _settings(request).reporting_currency)
    topics = (f"journey-{found.id}", "journeys")
    shown = open_payload(session, user, found, event, asked.now) if event else None
    parts = _parts(request, frame, case, asked, known, view)
    return page(
        request, "orders/show.html", frame.titled(case.title, area="orders", topics=topics), payload=shown, **parts
    )


@router.get("/{journey_id}/_journey")
def journey_fragment(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    _user: ViewerDep,
    asked: AskedAtDep,
    journey_id: UUID,
    known: KnownTime = None,
    view: ViewName = "compact",
) -> HTMLResponse:
    found = _found(request, session, journey_id, asked, known)
    case = read_case(session, found, asked.at, _settings(request).reporting_currency)
    parts = _parts(request, frame, case, asked, known, view)
    return fragment(request, "orders/_journey.html", frame, payload=None, **parts)


@router.get("/{journey_id}/_events")
def events_fragment(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    _user: ViewerDep,
    asked: AskedAtDep,
    journey_id: UUID,
    known: KnownTime = None,
) -> HTMLResponse:
    found = _found(request, session, journey_id, asked, known)
    lines = read_lines(found, asked.at)
    return fragment(request, "orders/_events.html", frame, journey=found, lines=lines, known=known, payload=None)


@router.get("/{journey_id}/_payload/{event_uid}")
def payload_fragment(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    asked: AskedAtDep,
    journey_id: UUID,
    event_uid: UUID,
    known: KnownTime = None,
) -> HTMLResponse:
    found = _found(request, session, journey_id, asked, known)
    line = next((line for line in read_lines(found, asked.at) if line.uid == event_uid), None)
    if line is None:
        raise NotFoundError("This event does not belong to this order", "Load the page again.")
    shown = open_payload(session, user, found, event_uid, asked.now)
    answer = fragment(request, "orders/_payload.html", frame, journey=found, line=line, known=known, payload=shown)
    answer.status_code = 200 if shown.is_allowed else 403
    return answer


def _parts(request: Request, frame: Frame, case: Case, asked: AskedAt, known: str | None, view: str) -> dict[str, Any]:
    """What the journey's template needs; an unknown view is the compact one."""
    chosen = view if view in VIEWS else "compact"
    steps = [step for step in case.steps if step.outcome != "ok"] if chosen == "failed" else case.steps
    lanes = journey_lanes(steps, case.dues, case.gap, asked.at, "linear" if chosen == "scale" else "log")
    path = f"/orders/{case.view.id}"
    base = _settings(request).public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return {
        "case": case,
        "aside": case.aside,
        "journey": case.view,
        "lines": case.lines,
        "at": asked.at,
        "known": known,
        "known_at": parse_at(known) if known else None,
        "view": chosen,
        "views": [
            {
                "href": frame.link(path, view=None if key == "compact" else key, known=known),
                "text": text,
                "current": key == chosen,
            }
            for key, text in VIEWS.items()
        ],
        "lanes": lanes,
        "moment_url": f"{base}{frame.link(path, at=iso(asked.at))}",
    }


def _absent(request: Request, frame: Frame, asked: AskedAt, known: str | None) -> HTMLResponse:
    framed, known_at = frame.titled("Order", area="orders"), parse_at(known) if known else None
    shown = {"is_past": asked.is_past, "at": asked.at, "known_at": known_at}
    return page(request, "orders/absent.html", framed, status_code=404, **shown)


def _found(request: Request, session: SessionDep, journey_id: UUID, asked: AskedAt, known: str | None) -> JourneyView:
    found = _view(request, session, journey_id, asked, known)
    if found is None:
        raise NotFoundError("There is no such order at that time", "Search for one of its numbers.")
    return found


def _view(
    request: Request, session: SessionDep, journey_id: UUID, asked: AskedAt, known: str | None
) -> JourneyView | None:
    flows = load_flows(_settings(request).flow_dir or SHIPPED)
    return journey_at(session, flows, journey_id, asked.at, parse_at(known) if known else None)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
