"""POST /v1/traces, /v1/metrics and /v1/logs: takes OTLP, commits what is business, then answers."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session, sessionmaker

from app.core import telemetry
from app.core.database import transaction
from app.core.errors import PayloadError
from app.events.event import Refusal
from app.events.inbox import append_events, quarantine
from app.settings import Settings
from app.web.dependencies import NowDep
from collectors.receivers.access import unpack
from collectors.receivers.door import BodyDep, IngestDep, inbox_gauge
from collectors.receivers.otlp_answers import write_response
from collectors.receivers.otlp_documentation import describe
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_reading import Reading, Rules
from collectors.receivers.otlp_route import OtlpRoute, answer, encoding_of
from collectors.receivers.otlp_signals import LOGS, METRICS, SIGNALS, TRACES, Signal
from collectors.receivers.pressure import check_room
from collectors.receivers.steps import known_steps

KEPT_HEADERS = ("content-type", "content-encoding")
PATHS = tuple(f"/v1/{signal.name}" for signal in SIGNALS)

router = APIRouter(tags=["intake"], route_class=OtlpRoute)


@router.post("/v1/traces", response_class=Response, **describe(TRACES))
def receive_traces(request: Request, sender: IngestDep, body: BodyDep, now: NowDep) -> Response:
    """Take spans over OTLP/HTTP; those that name a milestone become events."""
    return _receive(TRACES, request, sender.name, body, now)


@router.post("/v1/metrics", response_class=Response, **describe(METRICS))
def receive_metrics(request: Request, sender: IngestDep, body: BodyDep, now: NowDep) -> Response:
    """Take metrics over OTLP/HTTP; those of queues and connectors become samples and heartbeats."""
    return _receive(METRICS, request, sender.name, body, now)


@router.post("/v1/logs", response_class=Response, **describe(LOGS))
def receive_logs(request: Request, sender: IngestDep, body: BodyDep, now: NowDep) -> Response:
    """Take log records over OTLP/HTTP; those that name a milestone become events."""
    return _receive(LOGS, request, sender.name, body, now)


def _receive(signal: Signal, request: Request, sender: str, body: bytes, now: datetime) -> Response:
    settings: Settings = request.app.state.settings
    sessions: sessionmaker[Session] = request.app.state.sessions
    encoding, rules = encoding_of(request), _rules(settings)
    check_room(inbox_gauge(request), sessions, settings.inbox_limit)
    try:
        coding, most = request.headers.get("content-encoding", ""), settings.otlp_max_body_bytes
        reading = normalise(signal, encoding, unpack(body, coding, most, request.state.turn.take), rules, now)
    except PayloadError as error:
        # What cannot be read at all is looked at from its beginning; the whole may be 64 MiB of something else.
        kept = [(name, request.headers[name]) for name in KEPT_HEADERS if name in request.headers]
        refusal = Refusal(0, error.message, body[: settings.max_event_bytes], headers=kept)
        _keep(sessions, Reading(signal, refusals=[refusal]), sender, now)
        raise
    _keep(sessions, reading, sender, now)
    return answer(write_response(reading, rules.steps, encoding), encoding)


def _rules(settings: Settings) -> Rules:
    return Rules(
        known_steps(settings.flow_dir),
        settings.max_event_bytes,
        settings.otlp_prefix,
        settings.otlp_max_records,
        settings.otlp_max_body_bytes,
    )


def _keep(sessions: sessionmaker[Session], reading: Reading, sender: str, now: datetime) -> None:
    with transaction(sessions) as session:
        append_events(session, reading.events, now)
        quarantine(session, reading.refusals, f"/v1/{reading.signal.name}", sender, now)
    telemetry.events_received.add(len(reading.events))
    telemetry.events_quarantined.add(len(reading.refusals))
    for reason, count in reading.left.items():
        telemetry.records_left.add(count, {"signal": reading.signal.name, "reason": reason})
