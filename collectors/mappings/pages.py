"""Pages of mappings: the list, one with its versions, and trying it on a message without keeping anything."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from app.auth.dependencies import AdminDep, OperatorDep, ViewerDep
from app.core.documents import DocumentError
from app.core.errors import ConflictError
from app.web.dependencies import NowDep, SessionDep
from app.web.forms import see_other
from app.web.frame import Frame, FrameDep
from app.web.user import CurrentUser
from collectors.mappings import commands, queries
from collectors.mappings.editor import PATH, Draft, as_text, fetch_sample, mappings_page, show_editor
from collectors.mappings.starter import begin_mapping
from collectors.mappings.trial import try_mapping
from collectors.receivers.cloudevents_normalise import Limits
from collectors.receivers.steps import known_steps

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
def index(request: Request, frame: FrameDep, session: SessionDep, user: ViewerDep) -> HTMLResponse:
    rows, steps = queries.list_mappings(session), _steps(request)
    return mappings_page(
        request,
        "mappings/index.html",
        frame,
        user,
        rows=[(row, queries.faults_of(row, steps)) for row in rows],
        examples=list(queries.shipped_examples()),
    )


@router.get("/new")
def begin(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    now: NowDep,
    example: str = "",
    sample: UUID | None = None,
) -> HTMLResponse:
    payload = fetch_sample(session, user, sample, now)
    document = queries.shipped_examples().get(example) or begin_mapping(payload)
    return show_editor(request, frame, session, user, Draft("", document, as_text(payload)))


@router.post("")
def create_mapping(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    now: NowDep,
    document: Annotated[str, Form()] = "",
    payload: Annotated[str, Form()] = "",
) -> Response:
    return _save(request, frame, session, user, now, Draft("", document, payload))


@router.post("/trials")
def try_draft(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: OperatorDep,
    now: NowDep,
    document: Annotated[str, Form()] = "",
    payload: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    sample: Annotated[UUID | None, Form()] = None,
    use: Annotated[Literal["", "sample"], Form()] = "",
) -> HTMLResponse:
    """Answer with the page as it is being edited, and what the mapping makes of the message, or of one set aside."""
    if use:
        payload = as_text(fetch_sample(session, user, sample, now))
    limits = Limits(_steps(request), request.app.state.settings.max_event_bytes)
    trial = try_mapping(document, payload, limits, now)
    draft = Draft(name, document, payload, trial=trial, sample=str(sample or ""))
    return show_editor(request, frame, session, user, draft)


@router.get("/{name}")
def show(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: ViewerDep,
    now: NowDep,
    name: str,
    version: int | None = None,
    sample: UUID | None = None,
) -> HTMLResponse:
    row = queries.find_mapping(session, name)
    document = row.document if version is None else queries.find_version(session, name, version).document
    payload = as_text(fetch_sample(session, user, sample, now))
    return show_editor(request, frame, session, user, Draft(name, document, payload, version=version))


@router.post("/{name}/versions")
def save_version(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    now: NowDep,
    name: str,
    document: Annotated[str, Form()] = "",
    payload: Annotated[str, Form()] = "",
) -> Response:
    queries.find_mapping(session, name)
    return _save(request, frame, session, user, now, Draft(name, document, payload))


@router.post("/{name}/restorations")
def restore_version(
    request: Request,
    frame: FrameDep,
    session: SessionDep,
    user: AdminDep,
    now: NowDep,
    name: str,
    version: Annotated[int, Form()] = 0,
) -> Response:
    try:
        commands.restore_version(session, name, version, _steps(request), by=user.email, at=now)
    except DocumentError as error:
        old = queries.find_version(session, name, version).document
        draft = Draft(name, old, problems=tuple(error.problems), version=version)
        return show_editor(request, frame, session, user, draft)
    return see_other(f"{PATH}/{name}")


@router.post("/{name}/enablement")
def enable_mapping(session: SessionDep, user: AdminDep, now: NowDep, name: str) -> Response:
    commands.set_mapping_enabled(session, name, True, by=user.email, at=now)
    return see_other(PATH)


@router.post("/{name}/disablement")
def disable_mapping(session: SessionDep, user: AdminDep, now: NowDep, name: str) -> Response:
    commands.set_mapping_enabled(session, name, False, by=user.email, at=now)
    return see_other(PATH)


def _save(
    request: Request, frame: Frame, session: SessionDep, user: CurrentUser, now: NowDep, draft: Draft
) -> Response:
    try:
        name = commands.save_mapping(
            session, draft.document, _steps(request), by=user.email, at=now, name=draft.name or None
        )
    except (DocumentError, ConflictError) as error:
        problems = tuple(error.problems) if isinstance(error, DocumentError) else (f"{error.message}. {error.hint}",)
        back = Draft(draft.name, draft.document, draft.payload, problems)
        return show_editor(request, frame, session, user, back)
    return see_other(f"{PATH}/{name}")


def _steps(request: Request) -> frozenset[str]:
    return known_steps(request.app.state.settings.flow_dir)
