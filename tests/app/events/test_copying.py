"""What COPY is given is what an insert of the same columns would store, and lies in one order."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.copying import copy_events
from app.events.event import Event, pack_event
from app.events.store import append_new
from app.models.events import StoredEvent
from tests.builders import NOW, an_event

COLUMNS = (
    StoredEvent.day,
    StoredEvent.uid,
    StoredEvent.occurred_at,
    StoredEvent.received_at,
    StoredEvent.step,
    StoredEvent.body,
)


@pytest.mark.parametrize(
    "event",
    [
        an_event(at=NOW + timedelta(microseconds=1)),
        an_event(at=datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC), received_at=NOW),
        an_event(at=datetime(2000, 1, 1, tzinfo=UTC), received_at=NOW),
        an_event(at=NOW - timedelta(days=3), received_at=NOW, is_timed=False),
        an_event(step="payment.für-später", payload=b"\x00\xff" * 5_000),
    ],
)
def test_every_column_comes_back(session: Session, event: Event) -> None:
    append_new(session, [event])
    stored = session.execute(select(*COLUMNS)).one()
    assert tuple(stored) == (event.day, event.uid, event.occurred_at, event.received_at, event.step, pack_event(event))


def test_rows_lie_in_the_order_of_days_and_uids() -> None:
    events = [an_event(id=f"e-{number}", at=NOW - timedelta(days=number % 3)) for number in range(30)]
    copied = copy_events(events)
    assert copied == copy_events(reversed(events))
    ordered = sorted(events, key=lambda event: (event.day, event.uid.int))
    places = [copied.index(event.uid.bytes) for event in ordered]
    assert places == sorted(places)
