"""Whose an event is: taken by every flow that it concerns, counted by one, its trouble raised by one."""

import pytest

from app.events.fact import fact_of
from app.journeys.catalogue import load_flows
from app.journeys.concern import counts_fact, raises_trouble, takes_fact
from app.journeys.flow import Flow
from app.journeys.fold import fold
from tests.builders import a_fact, an_event

ORDER, RETURN, PARCEL = ("order", "A"), ("return", "R"), ("tracking", "P")


def flow_of(kind: str) -> Flow:
    return next(flow for flow in load_flows() if flow.kind == kind)


@pytest.mark.parametrize(
    ("step", "keys", "raised_by"),
    [
        ("refund.issued", (ORDER, RETURN), "return"),
        ("refund.issued", (RETURN,), "return"),
        ("refund.issued", (("netsuite.salesorder", "1"), ("rma", "7")), "return"),
        ("refund.issued", (ORDER,), "order"),
        ("refund.issued", (("invoice", "7"),), "order"),
        ("refund.issued", (ORDER, ("return", "n/a")), "order"),
        ("return.received", (PARCEL,), "return"),
        ("return.received", (ORDER, PARCEL), "order"),
    ],
)
def test_trouble_at_a_step_of_a_return_is_raised_by_one_journey(
    step: str, keys: tuple[tuple[str, str], ...], raised_by: str
) -> None:
    fact = a_fact(step, outcome="failed", keys=keys)
    assert [flow.kind for flow in load_flows() if raises_trouble(flow, fact, step)] == [raised_by]


def test_trouble_at_a_step_of_an_order_is_the_orders() -> None:
    assert raises_trouble(flow_of("order"), a_fact("erp.order.posted", keys=(ORDER, RETURN)), "erp.order.posted")


def test_a_return_that_fails_is_no_trouble_of_its_order_but_stands_in_it() -> None:
    facts = [a_fact("order.placed"), a_fact("refund.issued", 5, "failed", keys=(ORDER, RETURN))]
    journey = fold(flow_of("order"), facts)
    assert journey.troubles == {}
    assert journey.event_count == 2
    assert list(fold(flow_of("return"), facts[1:]).troubles) == ["refund.issued"]


def test_a_step_of_a_return_is_taken_by_both_flows_and_counted_by_its_own() -> None:
    event = an_event("return.received", keys=(ORDER, RETURN))
    assert all(takes_fact(flow, fact_of(event)) for flow in load_flows())
    assert [flow.kind for flow in load_flows() if counts_fact(flow, fact_of(event))] == ["return"]


@pytest.mark.parametrize(
    ("about", "taken", "counted"),
    [
        ("refund.issued", ["order", "return"], ["return"]),
        ("erp.order.posted", ["order"], ["order"]),
        (None, ["order"], ["order"]),
    ],
)
def test_a_message_is_of_the_flow_whose_step_it_is_about(
    about: str | None, taken: list[str], counted: list[str]
) -> None:
    event = an_event("message.dead_lettered", attributes={"step": about} if about else {})
    flows = [flow for flow in load_flows() if takes_fact(flow, fact_of(event))]
    assert [flow.kind for flow in flows] == taken
    assert [flow.kind for flow in flows if counts_fact(flow, fact_of(event))] == counted
