"""After a migration that emptied what is derived, every stored event is worked again, once."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.inbox import inbox_length
from app.journeys.catalogue import load_flows
from app.pipeline import Estate, work_batch, work_events
from app.rebuild import rebuild_if_marked
from app.verify.run import verify
from tests.builders import NOW, an_event
from tests.stories.journeys import exported

RETENTION = timedelta(days=90)
DERIVED = "journeys, journey_keys, key_neighbours, waiting_events, closed_exceptions, closed_exposures, rollups"


def test_stored_events_are_worked_again_once(session: Session) -> None:
    events = [an_event(id="1", keys=(("order", "A"), ("invoice", "7"))), an_event("invoice.posted", id="2")]
    work_events(session, Estate(load_flows(), RETENTION), events, NOW)
    before = exported(session)
    assert rebuild_if_marked(session) == 0
    session.execute(text(f"TRUNCATE {DERIVED}, pending_troubles"))
    session.execute(text("INSERT INTO job_marks (name, at, seconds) VALUES ('rebuild', now(), 0)"))
    assert rebuild_if_marked(session) == inbox_length(session) == 2
    assert rebuild_if_marked(session) == 0
    work_batch(session, Estate(load_flows(), RETENTION), 10, NOW)
    assert exported(session) == before
    assert verify(session, load_flows(), RETENTION, NOW).is_clean
