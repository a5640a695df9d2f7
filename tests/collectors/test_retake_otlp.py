"""What OpenTelemetry sent and was refused is taken in again once it can be read: each record exactly once."""

import gzip
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.admin.commands import request_retake
from app.core.database import transaction
from app.events.event import Event, Refusal
from app.events.inbox import quarantine
from app.events.quarantine import Group
from app.events.store import all_events
from app.journeys.catalogue import SHIPPED
from app.models.events import QuarantinedEvent
from app.settings import Settings
from collectors.receivers.otlp_signals import LOGS, METRICS, TRACES, Signal
from collectors.retake import work_piece
from tests.builders import NOW
from tests.collectors.receivers.otlp_requests import RULES, a_gauge, a_log, a_span, in_json, in_protobuf, read

BAD_AMOUNT = a_span({"retail.amount.value": "5", "retail.amount.currency": "XQZ"})
LARGE = a_span({"note": "x" * RULES.max_event_bytes})
PROTOBUF = [("content-type", "application/x-protobuf")]


def set_aside(session: Session, signal: Signal, *refusals: Refusal) -> None:
    quarantine(session, refusals, f"/v1/{signal.name}", "collector", NOW)
    session.flush()


def retake(sessions: sessionmaker[Session], session: Session, settings: Settings | None = None) -> list[str]:
    """Take every open group in again; returns the reasons of what stays."""
    columns = (QuarantinedEvent.kind, QuarantinedEvent.sender, QuarantinedEvent.door, QuarantinedEvent.source)
    is_open = QuarantinedEvent.settled_at.is_(None)
    for row in session.execute(select(*columns).where(is_open).distinct()).all():
        request_retake(session, Group(*row), by="kim", at=NOW)
    session.flush()
    while True:
        with transaction(sessions) as opened:
            if not work_piece(opened, settings or Settings(), NOW):
                break
    session.expire_all()
    return list(session.scalars(select(QuarantinedEvent.reason).where(is_open)))


def stored(session: Session) -> list[Event]:
    return [event for batch in all_events(session) for event in batch]


def test_span_with_a_bad_amount_stays_with_its_reason(sessions: sessionmaker[Session], session: Session) -> None:
    refused = read(TRACES, BAD_AMOUNT).refusals
    set_aside(session, TRACES, *refused)
    assert retake(sessions, session) == [refused[0].reason]
    assert "unknown currency 'XQZ'" in refused[0].reason
    assert stored(session) == []


def test_record_that_fits_now_is_taken_in_exactly_once(sessions: sessionmaker[Session], session: Session) -> None:
    (refusal,) = read(TRACES, LARGE).refusals
    set_aside(session, TRACES, refusal, refusal)
    small = Settings(max_event_bytes=RULES.max_event_bytes)
    assert retake(sessions, session, small) == [refusal.reason] * 2
    assert retake(sessions, session) == []
    assert retake(sessions, session) == []
    (event,) = stored(session)
    assert (event.step, event.received_at) == ("erp.order.posted", NOW)


def test_span_stays_until_a_flow_knows_its_milestone(
    sessions: sessionmaker[Session], session: Session, tmp_path: Path
) -> None:
    span = a_span({"retail.milestone": "gift.wrapped"})
    set_aside(session, TRACES, Refusal(0, "an earlier release refused it", in_json(TRACES, span)))
    assert retake(sessions, session) == ["unknown milestone"]
    for file in SHIPPED.glob("*.yaml"):
        words = file.read_text(encoding="utf-8").replace("fulfilment.released", "gift.wrapped")
        (tmp_path / file.name).write_text(words, encoding="utf-8")
    assert retake(sessions, session, Settings(flow_dir=tmp_path)) == []
    assert [event.step for event in stored(session)] == ["gift.wrapped"]


def test_log_and_point_are_read_as_what_they_are(sessions: sessionmaker[Session], session: Session) -> None:
    set_aside(session, LOGS, Refusal(0, "x", in_json(LOGS, a_log())))
    set_aside(session, METRICS, Refusal(0, "x", in_json(METRICS, a_gauge("messaging.queue.depth", 5))))
    assert retake(sessions, session) == []
    assert sorted(event.step for event in stored(session)) == ["erp.order.posted", "queue.sample"]


def test_unreadable_request_is_read_in_the_encoding_it_came_in(
    sessions: sessionmaker[Session], session: Session
) -> None:
    body = in_protobuf(TRACES, a_span(), BAD_AMOUNT)
    set_aside(session, TRACES, Refusal(0, "broken", body, headers=PROTOBUF))
    packed = [*PROTOBUF, ("content-encoding", "gzip")]
    set_aside(session, TRACES, Refusal(0, "broken gzip", gzip.compress(body)[:-9], headers=packed))
    reasons = retake(sessions, session)
    assert sorted(reasons) == ["broken gzip: it ends too early", read(TRACES, BAD_AMOUNT).refusals[0].reason]
    assert len(stored(session)) == 1
