"""POST /v1/events: takes CloudEvents, commits them, then answers."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker

from app.core import telemetry
from app.core.database import transaction
from app.core.errors import PayloadError, TooLargeError, UnsupportedMediaError
from app.events.inbox import append_events, quarantine
from app.settings import Settings
from app.web.dependencies import NowDep
from collectors.receivers.access import mode_of, unpack
from collectors.receivers.cloudevents_normalise import Limits, Reading, normalise, refuse
from collectors.receivers.door import BodyDep, IngestDep, inbox_gauge
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


@router.post(DOOR, status_code=202, response_model=Receipt, responses={400: {"description": "Unreadable"}})
def receive_events(request: Request, sender: IngestDep, body: BodyDep, now: NowDep) -> Response:
    """Take CloudEvents in binary, structured or batched mode, or one a line."""
    settings: Settings = request.app.state.settings
    sessions: sessionmaker[Session] = request.app.state.sessions
    check_room(inbox_gauge(request), sessions, settings.inbox_limit)
    reading = _read(request, body, settings, now)
    with transaction(sessions) as session:
        append_events(session, reading.events, now)
        quarantine(session, reading.refusals, DOOR, sender.name, now)
    telemetry.events_received.add(len(reading.events))
    telemetry.events_quarantined.add(len(reading.refusals))
    return _answer(reading)


@router.options(DOOR, include_in_schema=False)
def allow_webhook(_sender: IngestDep, webhook_request_origin: Annotated[str, Header()] = "") -> Response:
    """Agree to deliveries from a sender that asks first, as the CloudEvents webhook specification wants it."""
    headers = {"Allow": "POST, OPTIONS"}
    # A token of ours is the allow list: who holds one may say where it delivers from.
    if _DNS_NAME.fullmatch(webhook_request_origin):
        headers |= {"WebHook-Allowed-Origin": webhook_request_origin, "WebHook-Allowed-Rate": "*"}
    return Response(status_code=200, headers=headers)


def _read(request: Request, body: bytes, settings: Settings, now: datetime) -> Reading:
    mode = mode_of(request.headers)
    limits = Limits(known_steps(settings.flow_dir), settings.max_event_bytes)
    try:
        plain = unpack(body, request.headers.get("content-encoding", ""), settings.max_body_bytes)
    except (TooLargeError, UnsupportedMediaError):
        raise
    except PayloadError as error:
        return Reading([], [refuse(0, error.message, body)], is_unreadable=True)
    return normalise(mode, plain, request.headers.items(), limits, now)


def _answer(reading: Reading) -> Response:
    refused = [{"index": refusal.index, "reason": refusal.reason} for refusal in reading.refusals]
    receipt = {"received": len(reading.events), "quarantined": refused}
    if reading.is_unreadable:
        return JSONResponse({"error": reading.refusals[0].reason, "hint": KEPT, **receipt}, 400)
    return JSONResponse(receipt, 202)
