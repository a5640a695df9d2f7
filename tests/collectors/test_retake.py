"""What was set aside is taken in again once it can be read: piece by piece, each exactly once, whatever is killed."""

import gzip
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.admin.commands import cancel_retake, dismiss_group, request_retake
from app.core.database import transaction
from app.core.errors import ConflictError
from app.events.event import STEPS, Event, Refusal, pack_event
from app.events.inbox import quarantine
from app.events.quarantine import Group
from app.events.store import all_events
from app.models.events import InboxBatch, QuarantinedEvent
from app.models.operations import LongJob
from app.settings import Settings
from collectors.mappings.commands import save_mapping
from collectors.retake import work_piece
from tests.builders import NOW, an_event
from tests.collectors.receivers.mappings import WMS, shipment
from tests.collectors.receivers.native_events import native

LATER = NOW + timedelta(hours=2)
EVENTS = "/v1/events"


class Killed(Exception):
    """A power cut."""


def set_aside(session: Session, *refusals: Refusal, door: str = EVENTS) -> Group:
    """Set refusals aside as a door does; returns the group of the first."""
    quarantine(session, refusals, door, "wms", NOW)
    session.flush()
    row = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.reason == refusals[0].reason)).first()
    assert row is not None
    return Group(row.kind, row.sender, row.door, row.source)


def shipments(count: int) -> list[Refusal]:
    bodies = [
        json.dumps(shipment(confirmation=f"C-{number}") | {"id": f"w-{number}"}).encode() for number in range(count)
    ]
    return [Refusal(0, "unknown step 'com.northwind'", body, "/wms/berlin") for body in bodies]


def foreign(**changes: Any) -> Refusal:
    return Refusal(0, "unknown step 'x'", json.dumps(shipment(**changes)).encode())


def stored(session: Session) -> list[Event]:
    return sorted((event for batch in all_events(session) for event in batch), key=lambda event: event.id)


def left(session: Session) -> list[str]:
    rows = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.settled_at.is_(None)))
    return [row.reason for row in rows]


@pytest.fixture
def mapped(session: Session) -> None:
    save_mapping(session, WMS, STEPS, by="kim", at=NOW)


def work(sessions: sessionmaker[Session], size: int = 300) -> int:
    """Work pieces until nothing is left to do; returns how many there were."""
    pieces = 0
    while True:
        with transaction(sessions) as session:
            if not work_piece(session, Settings(), LATER, size):
                return pieces
        pieces += 1


def retake(session: Session, group: Group) -> UUID:
    return request_retake(session, group, by="kim", at=LATER)


@pytest.mark.usefixtures("mapped")
def test_group_heals_once_however_often_the_worker_is_killed(sessions: sessionmaker[Session], session: Session) -> None:
    job_id = retake(session, set_aside(session, *shipments(25)))
    for survives in (True, False, True, False, False):
        with suppress(Killed), transaction(sessions) as opened:
            assert work_piece(opened, Settings(), LATER, 4)
            if not survives:
                raise Killed
    session.expire_all()
    job = session.get_one(LongJob, job_id)
    assert (job.state, job.total, job.worked, job.good) == ("running", 25, 8, 8)
    assert len(stored(session)) == 16
    work(sessions, 4)
    session.expire_all()
    job = session.get_one(LongJob, job_id)
    assert (job.state, job.worked, job.good, job.finished_at) == ("done", 25, 25, LATER)
    events = stored(session)
    assert len(events) == len({event.uid for event in events}) == 50
    assert {event.received_at for event in events} == {NOW}
    assert left(session) == []
    assert set(session.scalars(select(QuarantinedEvent.settlement))) == {"taken in"}


@pytest.mark.usefixtures("mapped")
def test_what_still_cannot_be_read_stays_with_its_new_reason(sessions: sessionmaker[Session], session: Session) -> None:
    job_id = retake(session, set_aside(session, foreign(), foreign(status="LOST")))
    work(sessions)
    session.expire_all()
    (reason,) = left(session)
    assert reason.startswith("mapping 'wms-shipments', line 26, event.outcome: item 0: =data.status gives 'LOST'")
    row = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.settled_at.is_(None))).one()
    assert row.kind == "mapping 'wms-shipments', line 26, event.outcome"
    job = session.get_one(LongJob, job_id)
    assert (job.worked, job.good, job.state) == (2, 1, "done")


def test_broken_batch_is_told_apart(sessions: sessionmaker[Session], session: Session) -> None:
    body = gzip.compress(json.dumps([native(), native(id="e-2", time="x")]).encode())
    headers = [("content-encoding", "gzip")]
    retake(session, set_aside(session, Refusal(0, "broken gzip: x", body, form="batched", headers=headers)))
    work(sessions)
    assert [event.id for event in stored(session)] == ["e-17"]
    (row,) = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.settled_at.is_(None)))
    assert (row.kind, row.form, row.received_at, row.sender) == (
        "time: invalid RFC3339 encoded datetime",
        "structured",
        NOW,
        "wms",
    )


def test_binary_event_is_read_with_its_headers(sessions: sessionmaker[Session], session: Session) -> None:
    event = native()
    headers = [(f"ce-{name}", event[name]) for name in ("specversion", "id", "source", "type", "time")]
    body = json.dumps(event["data"]).encode()
    retake(session, set_aside(session, Refusal(0, "header ce-x", body, form="binary", headers=headers)))
    work(sessions)
    assert [event.id for event in stored(session)] == ["e-17"]


def test_parked_event_goes_back_as_it_was_read(sessions: sessionmaker[Session], session: Session) -> None:
    parked = an_event(payload=b"")
    refusal = Refusal(0, "the pipeline could not work it: X", pack_event(parked), form="packed")
    retake(session, set_aside(session, refusal, door="pipeline"))
    work(sessions)
    assert stored(session) == [parked]


@pytest.mark.usefixtures("mapped")
def test_webhook_is_read_by_the_mapping_of_its_address(sessions: sessionmaker[Session], session: Session) -> None:
    body = json.dumps(shipment()["data"]).encode()
    for door, count in (("/v1/map/wms-shipments", 2), ("/v1/map/none", 0)):
        retake(session, set_aside(session, Refusal(0, f"mapping {door}", body, form="raw"), door=door))
        work(sessions)
        assert len(stored(session)) == 2
        assert left(session) == ([] if count else ["mapping 'none' is not in use"])


@pytest.mark.parametrize(
    ("door", "form", "reason"),
    [
        ("/v1/gone", "structured", "no reader: this release has no door '/v1/gone'"),
        (EVENTS, "nonsense", "it could not be read again: ValueError"),
        ("pipeline", "packed", "it could not be read again: ValidationError"),
    ],
)
def test_what_has_no_reader_stays(
    sessions: sessionmaker[Session], session: Session, door: str, form: str, reason: str
) -> None:
    retake(session, set_aside(session, Refusal(0, "x", b"{}", form=form), door=door))
    assert work(sessions) == 1
    session.expire_all()
    assert left(session) == [reason]


@pytest.mark.usefixtures("mapped")
def test_cancelled_job_stops_and_keeps_what_it_did(sessions: sessionmaker[Session], session: Session) -> None:
    job_id = retake(session, set_aside(session, *shipments(6)))
    with transaction(sessions) as opened:
        work_piece(opened, Settings(), LATER, 2)
    session.expire_all()
    cancel_retake(session, job_id, by="kim", at=LATER)
    session.flush()
    assert work(sessions) == 0
    assert (len(stored(session)), len(left(session))) == (4, 4)


@pytest.mark.usefixtures("mapped")
def test_what_is_dismissed_meanwhile_is_not_taken(sessions: sessionmaker[Session], session: Session) -> None:
    group = set_aside(session, *shipments(3))
    retake(session, group)
    assert dismiss_group(session, group, "a test of theirs", by="kim", at=LATER) == 3
    session.flush()
    work(sessions)
    assert stored(session) == []
    with pytest.raises(ConflictError):
        retake(session, group)


def test_full_inbox_makes_the_job_wait(sessions: sessionmaker[Session], session: Session) -> None:
    retake(session, set_aside(session, *shipments(1)))
    session.add(InboxBatch(id=UUID(int=1), received_at=NOW, event_count=10**9, facts=b""))
    session.flush()
    assert work(sessions) == 0


@pytest.mark.usefixtures("mapped")
def test_large_bodies_make_small_pieces(
    sessions: sessionmaker[Session], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.events.quarantine.MOST_BYTES", 1)
    retake(session, set_aside(session, *shipments(3)))
    assert work(sessions) == 3
    assert len(stored(session)) == 6
