"""What waits can be read by the keys it waits under: in pages, by the beginning of a key, as of a time."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.journeys import unmatched
from app.journeys.unmatched import (
    count_by_namespace,
    find_waiting_key,
    list_waiting_events,
    list_waiting_keys,
    named_waiting_keys,
)
from app.pipeline import work_events
from tests.builders import NOW, an_event
from tests.stories.journeys import an_estate

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def parcels(session: Session) -> None:
    told = [
        ("fulfilment.shipped", "1Z-1", 5),
        ("fulfilment.delivered", "1Z-1", 1),
        ("fulfilment.shipped", "1Z-2", 4),
        ("fulfilment.shipped", "JD-3", 3),
    ]
    events = [an_event(step, at=NOW - HOUR * hours, keys=(("tracking", parcel),)) for step, parcel, hours in told]
    work_events(session, an_estate(), [*events, an_event("inventory.reserved", keys=(("sku", "A-1"),))], NOW)


def test_keys_are_listed_by_how_long_they_wait(session: Session) -> None:
    found = list_waiting_keys(session, "", NOW).rows
    assert [(one.value, one.count) for one in found] == [("1Z-1", 2), ("1Z-2", 1), ("JD-3", 1), ("", 1)]
    assert (found[0].namespace, found[0].kind, found[0].first_at) == ("tracking", "order", NOW - 5 * HOUR)
    assert [fact.step for fact in found[0].facts] == ["fulfilment.shipped", "fulfilment.delivered"]


def test_keys_are_listed_by_their_latest_event(session: Session) -> None:
    found = list_waiting_keys(session, "", NOW, newest_first=True).rows
    assert [one.value for one in found] == ["", "1Z-1", "JD-3", "1Z-2"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_of_keys_and_events_leave_nothing_out(
    session: Session, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    every = list_waiting_keys(session, "", NOW, newest_first=newest_first).rows
    monkeypatch.setattr(unmatched, "PAGE_ROWS", 1)
    seen, after = [], None
    for _ in every:
        page = list_waiting_keys(session, "", NOW, newest_first=newest_first, after=after)
        seen, after = [*seen, *page.rows], page.after
    assert (tuple(seen), after) == (every, None)
    first = list_waiting_events(session, "tracking:1Z-1", "order", NOW, newest_first=newest_first)
    rest = list_waiting_events(session, "tracking:1Z-1", "order", NOW, newest_first=newest_first, after=first.after)
    steps = [fact.step for _, fact in (*first.rows, *rest.rows)]
    assert steps == ["fulfilment.shipped", "fulfilment.delivered"][:: -1 if newest_first else 1]


def test_keys_are_found_by_their_beginning_and_their_namespace(session: Session) -> None:
    assert [one.value for one in list_waiting_keys(session, "1z", NOW).rows] == ["1Z-1", "1Z-2"]
    assert [one.value for one in list_waiting_keys(session, "tracking:JD-3", NOW).rows] == ["JD-3"]
    assert len(list_waiting_keys(session, "", NOW, namespace="tracking").rows) == 3
    assert count_by_namespace(session, NOW) == {"tracking": 4}


def test_what_had_not_happened_does_not_wait_yet(session: Session) -> None:
    then = NOW - 2 * HOUR
    found = find_waiting_key(session, "tracking:1Z-1", "order", then)
    assert found is not None
    assert found.count == 1
    assert find_waiting_key(session, "tracking:1Z-1", "return", NOW) is None
    assert named_waiting_keys(session, ["tracking:1Z-1"], NOW - 9 * HOUR) == ()
