"""Property: a journey asked with `known=` shows what the events received by then say, keys included."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import journey_id
from app.events.event import Event
from app.journeys.queries import journey_at
from tests.builders import NOW
from tests.oracle.correlation import correlate
from tests.oracle.export import facts_for
from tests.stories.journeys import work
from tests.stories.strategies import estates
from tests.stories.test_any_estate import LONG_RUN, Prepared, fresh, prepared, rolled_back, tried

__all__ = ["prepared"]

pytestmark = [pytest.mark.story, pytest.mark.timeout(max(LONG_RUN, 600))]

DELAYS = (0, 5, 60, 2_000)
DAY = timedelta(days=1)


@st.composite
def delayed(draw: st.DrawFn) -> list[Event]:
    """An estate whose events were received sooner or later after they happened."""
    return [
        msgspec.structs.replace(one, received_at=one.occurred_at + timedelta(minutes=draw(st.sampled_from(DELAYS))))
        for one in draw(estates())
    ]


@tried(25)
@given(events=delayed())
def test_known_by_a_time_is_what_was_received_by_then(prepared: Prepared, events: list[Event]) -> None:
    engine, estate = prepared
    once = list({event.id: event for event in events}.values())
    with rolled_back(engine) as session:
        work(session, fresh(estate), [once], NOW)
        for known in sorted({event.received_at for event in once})[::2]:
            for flow in estate.flows:
                now, _ = correlate(flow.keys, facts_for(flow, once))
                then, _ = correlate(flow.keys, facts_for(flow, [one for one in once if one.received_at <= known]))
                for name in now:
                    if not flow.keys.is_anchor(name):
                        continue
                    view = journey_at(session, estate.flows, journey_id(flow.kind, name), NOW + DAY, known)
                    told = {fact.id for fact in view.facts} if view else set()
                    expected = {fact.id for fact in then[name].facts} if name in then else set()
                    assert told == expected, (name, known)
