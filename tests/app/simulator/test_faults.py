"""Stories strike at their time, for their time, and nothing else."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from app.simulator.faults import DEMO, DURATIONS, STORIES, choose_story
from app.simulator.products import POISON_SKU

BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(**ago: float) -> float:
    return (BEGIN + timedelta(**ago)).timestamp()


def test_an_outage_lasts_its_time_and_strikes_the_erp_alone() -> None:
    story = choose_story("erp-outage", BEGIN)
    cases = [(at(seconds=-1), False), (at(), True), (at(minutes=54), True), (at(minutes=55), False)]
    assert [story.is_down("netsuite", moment) for moment, _ in cases] == [down for _, down in cases]
    assert not story.is_down("warehouse", at(minutes=5))
    assert not story.is_down("netsuite", at(hours=2, minutes=5))


def test_a_repeating_story_comes_back_every_two_hours() -> None:
    story = choose_story("erp-outage", BEGIN, repeats=True)
    assert story.is_down("netsuite", at(hours=200, minutes=5))


def test_the_demo_takes_every_fault_in_turn() -> None:
    story = choose_story("demo", BEGIN, repeats=True)
    met = [story.fault_at(at(hours=2 * turn, minutes=1)).kind for turn in range(len(DEMO) + 1)]
    assert met == [*DEMO, DEMO[0]]
    assert set(DEMO) == set(DURATIONS)


def test_a_calm_day_has_no_fault() -> None:
    assert choose_story("calm-day", BEGIN, repeats=True).fault_at(at(minutes=5)) is None


@pytest.mark.parametrize("name", STORIES)
def test_nothing_is_wrong_before_a_story_begins(name) -> None:
    assert choose_story(name, BEGIN, repeats=True).fault_at(at(seconds=-1)) is None


def test_faults_strike_what_they_are_meant_for() -> None:
    moment = at(minutes=15)
    assert choose_story("flash-sale", BEGIN).order_factor("shopify-us", moment) == 6
    assert choose_story("flash-sale", BEGIN).order_factor("walmart", moment) == 1
    assert choose_story("poison-message", BEGIN).unknown_sku(["MUG-OAT", POISON_SKU], moment).target == POISON_SKU
    assert choose_story("poison-message", BEGIN).unknown_sku(["MUG-OAT"], moment) is None
    assert choose_story("connector-quiet", BEGIN).quiet_seconds("netsuite-to-wms", moment) == 30 * 60
    assert choose_story("connector-quiet", BEGIN).quiet_seconds("payments", moment) == 0
    assert {choose_story("duplicate-storm", BEGIN).copies(Random(n), moment) for n in range(50)} == {3, 4, 5}


def test_an_unknown_story_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no story is called 'flood'; there are demo, calm-day"):
        choose_story("flood", BEGIN)
