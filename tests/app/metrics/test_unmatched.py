"""What waits for its order is counted once, and no longer when the order comes."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.metrics.catalogue import ask, ask_series
from app.pipeline import work_events
from tests.builders import NOW, an_event
from tests.stories.journeys import an_estate

PARCEL = (("tracking", "1Z-7"),)


def test_event_waits_until_a_key_of_it_leads_to_an_order(session: Session) -> None:
    estate = an_estate()
    earlier = NOW - timedelta(hours=1)
    work_events(session, estate, [an_event("fulfilment.delivered", at=earlier, keys=PARCEL)], NOW)
    answer = ask(session, "events.unmatched", NOW)
    assert (answer.value, answer.extra) == (1, {"oldest_at": earlier})
    assert ask(session, "events.unmatched", earlier - timedelta(seconds=1)).value in (0, None)
    asked = [NOW, earlier, earlier - timedelta(minutes=1), NOW - timedelta(minutes=5)]
    assert [one.value for one in ask_series(session, "events.unmatched", asked)] == [1, 1, None, 1]
    work_events(session, estate, [an_event("fulfilment.shipped", keys=(("order", "SO-1"), *PARCEL))], NOW)
    assert ask(session, "events.unmatched", NOW + timedelta(minutes=1)).value == 0
