"""A file of events is taken in line by line, as the receiver would."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.events.event import STEPS
from app.events.inbox import inbox_length
from app.models.events import QuarantinedEvent
from collectors.load import load_events
from collectors.mappings.commands import save_mapping
from tests.collectors.receivers.mappings import WMS, shipment
from tests.collectors.receivers.native_events import LIMITS, NOW, native, with_data


def test_file_is_loaded_and_bad_lines_are_named(sessions: sessionmaker[Session], session: Session) -> None:
    lines = [json.dumps(native(id=f"e-{number}")).encode() + b"\n" for number in range(2_500)]
    lines[7] = b"{broken\n"
    lines[1_500] = json.dumps(with_data(outcome="maybe")).encode() + b"\n"
    lines[2_000] = b"\n"
    heard: list[int] = []
    result = load_events(sessions, iter(lines), limits=LIMITS, now=NOW, on_progress=heard.append)
    assert (result.received, result.quarantined) == (2_497, 2)
    assert [number for number, _ in result.examples] == [8, 1_501]
    assert set(result.reasons) == {"broken JSON", "unknown outcome 'maybe'"}
    assert sum(heard) == sum(len(line) for line in lines)
    assert inbox_length(session) == 2_497
    assert {row.door for row in session.scalars(select(QuarantinedEvent))} == {"load"}


def test_foreign_lines_are_loaded_by_their_mapping(sessions: sessionmaker[Session], session: Session) -> None:
    save_mapping(session, WMS, STEPS, by="kim", at=NOW)
    result = load_events(sessions, [json.dumps(shipment()).encode(), b"{}"], limits=LIMITS, now=NOW)
    assert (result.received, result.quarantined) == (2, 1)
