"""The pipeline on a real database: the examples of docs/correlation.md, repeats, and disorder."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import pipeline, refold
from app.core.ids import journey_id
from app.events.event import Event, unpack_event
from app.events.fact import Fact, unpack_facts
from app.events.inbox import append_events, claim, inbox_length
from app.exceptions.risk import find_stakes
from app.exceptions.rules import find_exceptions
from app.journeys.catalogue import order_flow
from app.journeys.flow import Flow
from app.journeys.fold import fold
from app.journeys.journey import Journey, unpack_journey
from app.metrics.contributions import marks_of
from app.metrics.counts import Counts
from app.pipeline import Estate, work_events
from tests.builders import NOW, an_event

A, B = "order:A", "order:B"


def work(session: Session, *batches: list[Event]) -> Estate:
    estate = Estate((order_flow(),), timedelta(days=90))
    for batch in batches:
        work_events(session, estate, batch, NOW)
    return estate


def journeys(session: Session) -> dict[str, int]:
    return {anchor: count for anchor, count in session.execute(text("SELECT anchor, event_count FROM journeys"))}


def carrying(*keys: dict[str, str]) -> list[Event]:
    return [an_event("order.validated", id=f"e{place}", keys=tuple(one.items())) for place, one in enumerate(keys)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([{"order": "A", "fulfilment": "1"}, {"fulfilment": "1", "invoice": "7"}, {"invoice": "7"}], {A: 3}),
        ([{"order": "A", "invoice": "1"}, {"order": "B", "invoice": "1"}, {"invoice": "1"}], {A: 2, B: 2}),
        (
            [
                {"order": "A", "fulfilment": "1"},
                {"fulfilment": "1", "invoice": "7"},
                {"invoice": "7"},
                {"order": "B", "fulfilment": "1"},
            ],
            {A: 1, B: 1, "invoice:7": 2},
        ),
        (
            [{"order": "A", "fulfilment": "x"}, {"fulfilment": "x", "invoice": "y"}, {"invoice": "y", "order": "B"}],
            {A: 2, B: 2},
        ),
        ([{"order": "A", "fulfilment": "1"}, {"order": "B", "fulfilment": "2"}, {"tracking": "P"}], {A: 1, B: 1}),
        ([{"order": "A", "tracking": "P"}, {"order": "B", "tracking": "P"}, {"tracking": "P"}], {A: 2, B: 2}),
        ([{"order": "A", "payout": "Z"}, {"payout": "Z"}], {A: 2}),
        ([{"netsuite.salesorder": "5"}], {"netsuite.salesorder:5": 1}),
        ([{"sku": "S"}], {}),
        ([{"order": "A", "invoice": "N/A"}, {"order": "B", "invoice": "n/a"}], {A: 1, B: 1}),
    ],
)
def test_examples_of_the_definition_hold_in_any_order(
    session: Session, keys: list[dict[str, str]], expected: dict[str, int]
) -> None:
    events = carrying(*keys)
    for order in permutations(events):
        with session.begin_nested() as savepoint:
            work(session, *([event] for event in order))
            assert journeys(session) == expected, [event.keys for event in order]
            savepoint.rollback()


def test_a_whole_batch_gives_the_same_as_single_events(session: Session) -> None:
    work(session, carrying({"invoice": "7"}, {"fulfilment": "1", "invoice": "7"}, {"order": "A", "fulfilment": "1"}))
    assert journeys(session) == {A: 3}


def test_repeats_change_nothing(session: Session) -> None:
    events = carrying({"order": "A"}, {"order": "A", "invoice": "7"})
    work(session, events, events, [*events, *events])
    assert journeys(session) == {A: 2}
    assert session.execute(text("SELECT count(*) FROM events")).scalar_one() == 2


def test_read_models_hold_exactly_what_the_journeys_say(session: Session) -> None:
    """However often journeys are folded again, their rows and counts are those of the last fold."""
    keys = (("order", "A"), ("sku", "S-1"))
    told = [
        an_event(
            "order.placed", at=NOW, keys=keys, amount_minor=100, currency="USD", promised_at=NOW + timedelta(hours=9)
        ),
        an_event("order.accepted", at=NOW + timedelta(minutes=30), keys=keys),
        an_event("erp.order.posted", at=NOW + timedelta(minutes=31), keys=keys, outcome="failed", error="no"),
        an_event("order.amended", at=NOW + timedelta(minutes=20), keys=keys, amount_minor=70, currency="USD"),
        an_event("erp.order.posted", at=NOW + timedelta(minutes=50), keys=(*keys, ("netsuite.salesorder", "1"))),
        an_event("order.cancelled", at=NOW + timedelta(minutes=60), keys=(("netsuite.salesorder", "1"),)),
    ]
    for order in list(permutations(told))[::97]:
        with session.begin_nested() as savepoint:
            work(session, *([event] for event in order))
            assert stored(session) == expected_of(session)
            savepoint.rollback()


def stored(session: Session) -> tuple[list[object], list[object], dict[tuple[int, int, int], int], list[str]]:
    exceptions = session.execute(text("SELECT step, kind, opened_at, closed_at, since_at, cause FROM exceptions"))
    stakes = session.execute(text("SELECT impact, opened_at, closed_at, since_at, value_minor FROM exposures"))
    minutes = text(
        "SELECT series_id, extract(epoch FROM at)::bigint / 60 AS m, bucket, count FROM rollups WHERE grain = 60"
    )
    counts = {(row.series_id, row.m, row.bucket): row.count for row in session.execute(minutes) if row.count}
    facets = session.execute(text("SELECT key FROM journey_keys WHERE role = 'facet'")).scalars()
    return sorted(map(tuple, exceptions), key=str), sorted(map(tuple, stakes), key=str), counts, sorted(facets)


def expected_of(session: Session) -> tuple[list[object], list[object], dict[tuple[int, int, int], int], list[str]]:
    row = session.execute(text("SELECT facts, event_count, state FROM journeys")).one()
    facts = unpack_facts(row.facts, row.event_count)
    journey, counts = fold(order_flow(), facts), Counts()
    assert unpack_journey(row.state) == journey
    intervals, _ = find_exceptions(order_flow(), journey)
    stakes = find_stakes(order_flow(), journey, intervals)
    counts.add_marks(marks_of(order_flow(), journey), journey.channel)
    for fact in facts:
        counts.add_fact(fact, journey.channel)
    return (
        sorted([(i.step, i.kind, i.opened_at, i.closed_at, i.since_at, i.cause) for i in intervals], key=str),
        sorted([(s.impact, s.opened_at, s.closed_at, s.since_at, s.value_minor) for s in stakes], key=str),
        {slot: count for slot, count in counts.slots.items() if count},
        sorted(journey.facets),
    )


def test_day_counts_are_the_sum_of_minute_counts(session: Session) -> None:
    work(session, carrying({"order": "A"}), [an_event("order.placed", keys=(("order", "A"),))])
    days = text(
        "SELECT sum(count) FILTER (WHERE grain = 60) AS minutes, sum(count) FILTER (WHERE grain = 86400) AS days"
        " FROM rollups GROUP BY series_id"
    )
    rows = session.execute(days).all()
    assert rows
    assert all(row.minutes == row.days for row in rows)


def test_a_provisional_journey_that_finds_its_anchor_leaves_a_redirect(session: Session) -> None:
    work(session, carrying({"invoice": "7"}), [an_event(id="late", keys=(("order", "A"), ("invoice", "7")))])
    assert journeys(session) == {A: 2}
    moved = session.execute(text("SELECT id, journey_id FROM journey_redirects")).all()
    assert moved == [(journey_id("order", "invoice:7"), journey_id("order", A))]


def test_a_fact_that_waits_is_counted_once_wherever_it_ends(session: Session) -> None:
    parcel = an_event("fulfilment.delivered", id="p", keys=(("tracking", "P"),), channel=None)
    work(session, [parcel])
    assert waiting(session) == 1
    work(session, [an_event("fulfilment.shipped", id="s", keys=(("order", "A"), ("tracking", "P")))])
    assert waiting(session) == 0
    assert journeys(session) == {A: 2}
    total = text(
        "SELECT sum(count) FROM rollups JOIN series ON series.id = series_id WHERE metric = 'events' AND grain = 60"
    )
    assert session.execute(total).scalar_one() == 2


def waiting(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM waiting_events")).scalar_one())


def test_an_event_that_breaks_the_pipeline_is_set_aside_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = an_event(id="good", keys=(("order", "A"),)), an_event(id="bad", keys=(("order", "B"),), payload=b"{}")
    whole = refold.fold_ordered

    def fold_or_break(flow: Flow, facts: list[Fact]) -> Journey:
        if any(fact.id == "bad" for fact in facts):
            raise RuntimeError("broken")
        return whole(flow, facts)

    monkeypatch.setattr(refold, "fold_ordered", fold_or_break)
    append_events(session, [good, bad], NOW)
    assert pipeline.work_singly(session, Estate((order_flow(),), timedelta(days=90)), 10, NOW) == 1
    assert journeys(session) == {A: 1}
    row = session.execute(text("SELECT source, event_id, reason, body FROM quarantine")).one()
    assert row[:3] == ("/test", "bad", "the pipeline could not work it: RuntimeError")
    assert unpack_event(row.body) == bad
    assert append_events(session, [good, bad], NOW) == [bad], "once mended it must not look like a repeat"


def test_a_batch_takes_the_oldest_and_leaves_the_rest(session: Session) -> None:
    for minute in range(3):
        append_events(
            session,
            [an_event(id=f"{name}{minute}", keys=(("order", f"{name}{minute}"),)) for name in "OP"],
            NOW + timedelta(minutes=minute),
        )
    first = claim(session, 3)
    assert {key for event in first for _, key in event.keys} == {"O0", "P0", "O1", "P1"}
    assert inbox_length(session) == 2
