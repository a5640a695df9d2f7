"""POST /v1/map/{name}: takes a webhook's body through the mapping of that name."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from msgspec.structs import replace
from sqlalchemy.orm import Session, sessionmaker

from app.core.errors import NotFoundError, PayloadError
from app.events.event import Refusal
from app.settings import Settings
from app.web.dependencies import NowDep
from collectors.receivers.access import unpack
from collectors.receivers.cloudevents import SENDING_ERRORS, Receipt, keep_reading, shelved_mappings
from collectors.receivers.cloudevents_normalise import Limits, Reading, refuse
from collectors.receivers.door import BodyDep, IngestDep, inbox_gauge
from collectors.receivers.mapped import RAW, WEBHOOK_DOOR, read_webhook
from collectors.receivers.mapping import Mapping
from collectors.receivers.pressure import check_room
from collectors.receivers.steps import known_steps

router = APIRouter(tags=["intake"])


@router.post(
    WEBHOOK_DOOR + "/{name}",
    status_code=202,
    response_model=Receipt,
    responses=SENDING_ERRORS,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}},
)
def receive_webhook(
    request: Request,
    sender: IngestDep,
    name: Annotated[str, Path(description="The mapping, as it is called under Admin, Mappings.")],
    body: BodyDep,
    now: NowDep,
) -> Response:
    """Take one JSON body of any shape; what the mapping cannot read is kept and can be taken in once it is mended."""
    settings: Settings = request.app.state.settings
    sessions: sessionmaker[Session] = request.app.state.sessions
    check_room(inbox_gauge(request), sessions, settings.inbox_limit)
    limits = Limits(known_steps(settings.flow_dir), settings.max_event_bytes)
    mapping = next((one for one in shelved_mappings(request, limits.steps) if one.name == name), None)
    if mapping is None:
        raise NotFoundError(f"there is no mapping {name!r:.90} in use", "Write it under Admin, Mappings.")
    reading = _read(request, body, mapping, limits, settings.max_body_bytes, now)
    return keep_reading(sessions, reading, f"{WEBHOOK_DOOR}/{name}", sender, now)


def _read(request: Request, body: bytes, mapping: Mapping, limits: Limits, most: int, now: datetime) -> Reading:
    encoding = request.headers.get("content-encoding", "")
    try:
        return read_webhook(unpack(body, encoding, most, request.state.turn.take), mapping, limits, now)
    except PayloadError as error:
        refusal: Refusal = replace(refuse(0, error.message, body), form=RAW, headers=[("content-encoding", encoding)])
        return Reading([], [refusal], is_unreadable=True)
