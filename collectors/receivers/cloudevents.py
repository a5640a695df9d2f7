"""POST /v1/events: takes CloudEvents, commits them, then answers."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from msgspec.structs import replace
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker
from starlette.datastructures import Headers

from app.auth.dependencies import Sender
from app.core import telemetry
from app.core.database import transaction
from app.core.errors import PayloadError
from app.events.event import Refusal
from app.events.inbox import append_events, quarantine
from app.settings import Settings
from app.web.dependencies import NowDep
from app.web.error_answers import Answers, ErrorAnswer, errors_of
from collectors.mappings.queries import Shelf
from collectors.receivers.access import mode_of, unpack
from collectors.receivers.cloudevents_normalise import Limits, Mode, Reading, normalise, refuse
from collectors.receivers.door import BodyDep, IngestDep, inbox_gauge
from collectors.receivers.mapped import map_foreign
from collectors.receivers.mapping import Mapping
from collectors.receivers.pressure import check_room
from collectors.receivers.steps import known_steps

DOOR = "/v1/events"
KEPT = "What you sent is kept in quarantine with this reason; mend it and send it again."

router = APIRouter(tags=["intake"])
_DNS_NAME = re.compile(r"[A-Za-z0-9*_.:-]{1,253}")


class Quarantined(BaseModel):
    """One event that was set aside: its place in the request (from 0) and why."""

    index: int
    reason: str


class Receipt(BaseModel):
    """What was taken in, and what was set aside."""

    received: int
    quarantined: list[Quarantined]


class Unreadable(Receipt, ErrorAnswer):
    """Nothing in it could be read; what was sent is kept."""


SENDING_ERRORS: Answers = {
    **errors_of(404, 413, 415, 422, 429),
    400: {"model": Unreadable, "description": "Unreadable; what was sent is kept in quarantine"},
}
# A body of any kind may be tried; what it should look like is told in docs/events.md.
BODY = {"requestBody": {"required": True, "content": {"application/cloudevents-batch+json": {"schema": {}}}}}


@router.post(DOOR, status_code=202, response_model=Receipt, responses=SENDING_ERRORS, openapi_extra=BODY)
def receive_events(request: Request, sender: IngestDep, body: BodyDep, now: NowDep) -> Response:
    """Take CloudEvents in binary, structured or batched mode, or one a line."""
    settings: Settings = request.app.state.settings
    sessions: sessionmaker[Session] = request.app.state.sessions
    check_room(inbox_gauge(request), sessions, settings.inbox_limit)
    return keep_reading(sessions, _read(request, body, settings, now), DOOR, sender, now)


@router.options(DOOR, include_in_schema=False)
def allow_webhook(_sender: IngestDep, webhook_request_origin: Annotated[str, Header()] = "") -> Response:
    """Agree to deliveries from a sender that asks first, as the CloudEvents webhook specification wants it."""
    headers = {"Allow": "POST, OPTIONS"}
    # A token of ours is the allow list: who holds one may say where it delivers from.
    if _DNS_NAME.fullmatch(webhook_request_origin):
        headers |= {"WebHook-Allowed-Origin": webhook_request_origin, "WebHook-Allowed-Rate": "*"}
    return Response(status_code=200, headers=headers)


def keep_reading(
    sessions: sessionmaker[Session], reading: Reading, door: str, sender: Sender, now: datetime
) -> Response:
    """Commit what was read and what was refused, and only then answer."""
    with transaction(sessions) as session:
        append_events(session, reading.events, now)
        quarantine(session, reading.refusals, door, sender.name, now)
    telemetry.events_received.add(len(reading.events))
    telemetry.events_quarantined.add(len(reading.refusals))
    return _answer(reading)


def _read(request: Request, body: bytes, settings: Settings, now: datetime) -> Reading:
    mode = mode_of(request.headers)
    limits = Limits(known_steps(settings.flow_dir), settings.max_event_bytes)
    try:
        coding = request.headers.get("content-encoding", "")
        plain = unpack(body, coding, settings.max_body_bytes, request.state.turn.take)
    except PayloadError as error:
        packed = [("content-encoding", request.headers["content-encoding"])]
        refusal = _read_again(refuse(0, error.message, body), mode, request.headers, packed)
        return Reading([], [refusal], is_unreadable=True)
    reading = normalise(mode, plain, request.headers.items(), limits, now)
    if not reading.refusals:
        return reading
    # A request that was refused whole is read again as what it was; an event by itself is structured.
    refusals = [_read_again(one, mode, request.headers) if one.body is plain else one for one in reading.refusals]
    reading = Reading(reading.events, refusals, reading.is_unreadable)
    return map_foreign(reading, DOOR, lambda: shelved_mappings(request, limits.steps), limits, now)


def shelved_mappings(request: Request, steps: frozenset[str]) -> Sequence[Mapping]:
    """Read the mappings that are switched on."""
    state = request.app.state
    if not hasattr(state, "mapping_shelf"):
        state.mapping_shelf = Shelf()
    with transaction(state.sessions) as session:
        shelf: Shelf = state.mapping_shelf
        return shelf.read(session, steps)


def _read_again(refusal: Refusal, mode: Mode, headers: Headers, more: Sequence[tuple[str, str]] = ()) -> Refusal:
    """Keep with a body what its next reading needs."""
    kept = [(name, value) for name, value in headers.items() if name == "content-type" or name.startswith("ce-")]
    return replace(refusal, form=mode.value, headers=[*kept, *more])


def _answer(reading: Reading) -> Response:
    refused = [{"index": refusal.index, "reason": refusal.reason} for refusal in reading.refusals]
    receipt = {"received": len(reading.events), "quarantined": refused}
    if reading.is_unreadable:
        return JSONResponse({"error": reading.refusals[0].reason, "hint": KEPT, **receipt}, 400)
    return JSONResponse(receipt, 202)
