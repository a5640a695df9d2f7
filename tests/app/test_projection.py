"""The fold and what follows from it: a function of the set of facts, true of any moment in the past (I2, I9)."""

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.events.fact import Fact, in_order, pack_facts, unpack_facts
from app.exceptions.risk import Stake, find_stakes
from app.exceptions.rules import Interval, find_exceptions
from app.journeys.catalogue import order_flow
from app.journeys.fold import advance, fold, fold_at
from app.journeys.journey import Journey, pack_journey, unpack_journey
from app.metrics.contributions import changed_marks, marks_of
from app.metrics.counts import Counts
from app.projection import pack_settled, project, unpack_settled
from app.series.series import series_id
from tests.builders import NOW, a_fact

FLOW = order_flow()
STEPS = sorted(FLOW.takes)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    step = draw(st.sampled_from([*FLOW.by_name, *FLOW.by_name, *STEPS]))
    minute = draw(st.sampled_from([0, 1, 5, 10, 15, 16, 60, 200, 400, 800, 3000, 30_000]))
    promise = draw(st.none() | st.integers(-100, 2000))
    return a_fact(
        step,
        minute,
        draw(st.sampled_from(["ok", "ok", "ok", "failed", "retrying", "dead_lettered", "skipped"])),
        id=draw(st.uuids()).hex,
        error=draw(st.sampled_from([None, "timeout", "Unknown SKU A-1"])),
        system=draw(st.sampled_from(["netsuite", "wms"])),
        channel=draw(st.sampled_from([None, "shopify-us", "amazon-uk"])),
        amount_minor=draw(st.none() | st.integers(0, 10_000)),
        currency="USD",
        promised_at=NOW + timedelta(minutes=promise) if promise is not None else None,
    )


JOURNEYS = st.lists(facts(), min_size=1, max_size=9, unique_by=lambda fact: fact.id)


@given(JOURNEYS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=300)
def test_any_order_of_facts_gives_the_same_projection(some: list[Fact], chance: Random) -> None:
    expected = fold(FLOW, some)
    chance.shuffle(some)
    assert fold(FLOW, some) == expected


@given(JOURNEYS, st.integers(0, 9))
@settings(deadline=None, max_examples=300)
def test_a_fold_goes_on_from_where_it_ended(some: list[Fact], cut: int) -> None:
    """Facts that come last can be added to the stored fold, wherever it was cut: the result is the whole fold."""
    ordered = sorted(some, key=in_order)
    first, later = ordered[: cut or 1], ordered[cut or 1 :]
    journey = unpack_journey(pack_journey(fold(FLOW, first)))
    if later and all(map(journey.takes_next, later)):
        advance(FLOW, journey, later)
        assert journey == fold(FLOW, some)


@given(JOURNEYS, st.integers(0, 9))
@settings(deadline=None, max_examples=100)
def test_counts_are_differences_of_marks(some: list[Fact], cut: int) -> None:
    first, whole = fold(FLOW, some[: cut or 1]), fold(FLOW, some)
    by_steps, at_once = Counts(), Counts()
    by_steps.add_marks(marks_of(FLOW, first), "shop")
    gone, come = changed_marks(FLOW, first, whole)
    by_steps.add_marks(gone, "shop", -1)
    by_steps.add_marks(come, "shop")
    at_once.add_marks(marks_of(FLOW, whole), "shop")
    assert {slot: n for slot, n in by_steps.slots.items() if n} == {slot: n for slot, n in at_once.slots.items() if n}


@given(JOURNEYS, st.integers(-5, 40_000))
@settings(deadline=None, max_examples=600)
def test_what_is_open_at_a_time_is_what_the_facts_up_to_then_say(some: list[Fact], minute: int) -> None:
    at = NOW + timedelta(minutes=minute)
    then = fold_at(FLOW, some, at)
    assert open_at(fold(FLOW, some), at) == (open_at(then, at) if then else ([], []))


@given(JOURNEYS)
@settings(deadline=None, max_examples=200)
def test_exceptions_and_stakes_make_sense(some: list[Fact]) -> None:
    journey = fold(FLOW, some)
    intervals, causes = find_exceptions(FLOW, journey)
    for one in intervals:
        assert one.since_at <= one.opened_at
        assert one.closed_at is None or one.opened_at < one.closed_at
        assert one.cause in causes
        assert journey.closed_at is None or (one.closed_at is not None and one.closed_at <= journey.closed_at)
    moments = {one.opened_at for one in intervals}
    stakes = find_stakes(FLOW, journey, intervals)
    for moment in moments:
        for impact in ("revenue", "cash"):
            assert sum(one.impact == impact and is_open(one, moment) for one in stakes) <= 1


@given(JOURNEYS)
@settings(deadline=None, max_examples=100)
def test_counts_of_a_closed_journey_leave_nothing_in_flight(some: list[Fact]) -> None:
    journey, counts = fold(FLOW, some), Counts()
    counts.add_marks(marks_of(FLOW, journey), journey.channel)
    if journey.closed_at is not None:
        names = {one for one in counts.series if one[0] in ("open", "in_flight", "in_flight_value")}
        wanted = {series_id(one) for one in names}
        assert sum(count for (series, _, _), count in counts.slots.items() if series in wanted) == 0


@given(JOURNEYS)
@settings(deadline=None, max_examples=100)
def test_what_is_stored_reads_back(some: list[Fact]) -> None:
    journey = fold(FLOW, some)
    settled = project(FLOW, journey).settled
    assert unpack_settled(pack_settled(settled)) == settled
    assert unpack_journey(pack_journey(journey)) == journey
    assert unpack_facts(pack_facts(some[:1]) + pack_facts(some[1:]), len(some)) == some


def open_at(journey: Journey, at: datetime) -> tuple[list[Interval], list[tuple[object, ...]]]:
    intervals, _ = find_exceptions(FLOW, journey)
    live = [(i.step, i.kind, i.opened_at, i.since_at, i.started_at, i.cause) for i in intervals if i.is_open(at)]
    stakes = [one for one in find_stakes(FLOW, journey, intervals) if is_open(one, at)]
    worth = [(one.impact, one.since_at, one.step, one.cause, one.value_minor) for one in stakes]
    return live, worth  # type: ignore[return-value]


def is_open(one: Stake, at: datetime) -> bool:
    return one.opened_at <= at and (one.closed_at is None or one.closed_at > at)
