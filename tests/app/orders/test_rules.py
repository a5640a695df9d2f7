"""Where an order stands: level, needs, what is expected, the stage bar."""

from datetime import timedelta

import pytest

from app.events.event import Event
from app.orders.stages import list_stages
from tests.app.orders.journeys import DOWN, PROMISED, placed, refused, shipped, situation, told
from tests.builders import NOW

STUCK = [*placed(190), refused(187), refused(172, attempt=2)]
CLEAR = [*shipped(60), told("invoice.posted", 50, system="netsuite")]
DONE = [*CLEAR, told("fulfilment.delivered", 40), told("payout.settled", 30)]


@pytest.mark.parametrize(
    ("events", "level", "word"),
    [
        (STUCK, "act", "Act"),
        (placed(5), "ok", "On track"),
        (placed(12), "watch", "Watch"),
        ([*placed(2), refused(1, DOWN, outcome="retrying")], "watch", "Watch"),
        (CLEAR, "ok", "On track"),
        (DONE, "ok", "Completed"),
        ([*placed(5), told("order.cancelled", 3)], "quiet", "Closed"),
    ],
)
def test_the_level_follows_from_what_is_wrong(events: list[Event], level: str, word: str) -> None:
    assert situation(events).judgement == (level, word)


def test_a_document_without_its_order_is_unknown() -> None:
    assert situation([told("invoice.posted", 5)], is_provisional=True).judgement == ("unknown", "No order yet")


def test_a_step_that_failed_and_is_late_is_one_need() -> None:
    need = situation(STUCK).first_need
    assert need is not None
    assert (need.step, need.kind, need.level, need.follows) == ("erp.order.posted", "failed", "act", "")
    assert need.since_at == NOW - timedelta(minutes=187)
    assert need.due_at == NOW - timedelta(minutes=175)


def test_what_another_trouble_holds_up_follows_from_it() -> None:
    late = situation([*placed(3000, promised=NOW + timedelta(hours=2)), refused(2990)])
    assert [(need.step, need.level, need.follows) for need in late.needs] == [
        ("erp.order.posted", "act", ""),
        ("fulfilment.shipped", "watch", "erp.order.posted"),
    ]


def test_deadlines_are_projected_over_steps_that_have_not_happened() -> None:
    expected = {one.milestone.name: one for one in situation(STUCK).expected}
    assert expected["erp.order.posted"].due_at == NOW - timedelta(minutes=175)
    assert expected["fulfilment.released"].due_at == NOW + timedelta(minutes=5)
    assert expected["fulfilment.released"].is_projected
    assert expected["fulfilment.shipped"].due_at == PROMISED - timedelta(hours=4)


def test_nothing_is_expected_of_an_order_that_is_over() -> None:
    assert situation([*placed(5), told("order.cancelled", 3)]).expected == ()
    assert situation(DONE).expected == ()


def test_the_stage_bar_lights_the_choke_only() -> None:
    stages = {stage.name: (stage.state, stage.note) for stage in list_stages(situation(STUCK))}
    assert stages["Placed"] == ("done", "08:50, paid 08:50")
    assert stages["Posted to ERP"] == ("act", "2 h 55 m late")
    assert stages["Released"] == ("next", "by 12:05")
    assert stages["Shipped"] == ("next", "by Thu 18:00")
    assert stages["Delivered"] == ("next", "promised Thu 22:00")
    assert [state for state, _ in stages.values()].count("act") == 1


def test_the_stage_bar_of_a_cancelled_order_expects_nothing() -> None:
    stages = list_stages(situation([*placed(5), told("order.cancelled", 3)]))
    assert {stage.note for stage in stages[2:]} == {"not needed"}


def test_a_failure_before_its_deadline_says_since_when() -> None:
    notes = {stage.name: stage.note for stage in list_stages(situation([*placed(10), refused(8)]))}
    assert notes["Posted to ERP"] == "failed since 11:52"
