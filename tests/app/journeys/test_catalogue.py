"""Flow files: what is wrong with one is said with its line and its field."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.core.documents import DocumentError
from app.journeys.catalogue import SHIPPED, load_flows, order_flow, read_flow
from app.journeys.flow import Span

TEXT = (SHIPPED / "order-to-cash.yaml").read_text(encoding="utf-8")


def line_of(needle: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if needle in line)


@pytest.mark.parametrize(
    ("right", "wrong", "place", "reason"),
    [
        ("within: 15m", "within: 15x", "milestones.erp.order.posted.within", "is not a duration"),
        ("impact: cash", "impakt: cash", "milestones.invoice.posted.impakt", "Extra inputs are not permitted"),
        (
            "after: fulfilment.delivered",
            "after: fulfilment.deliverd",
            "milestones.payout.settled.after",
            "is not a step of this flow",
        ),
        ("[order.placed, order.amended]", "[order.plaeced]", "value.0", "is not a step of this flow"),
        ("order: anchor", "order: identity", "keys", "exactly one namespace as anchor"),
        ("[24h, 0.25]", "[2h, 0.25]", "loss", "ages must rise"),
        ("[24h, 0.25]", "[24h, 1.25]", "loss.2.1", "less than or equal to 1"),
        ("    less: 4h", "    less: 4h\n    after: order.placed", "milestones.fulfilment.shipped", "two deadlines"),
        ("  payment.captured: {say", "  paymentcaptured: {say", "steps.paymentcaptured", "is not a step"),
        ("steps: [return.requested,", "steps: [return.asked,", "guests.steps.0", "is not a step of this flow"),
        ("named_by: [return,", "named_by: [invoice,", "guests.named_by.0", "is not a facet key of this flow"),
    ],
)
def test_problems_name_line_and_field(right: str, wrong: str, place: str, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_flow(TEXT.replace(right, wrong, 1), "flow.yaml")
    problem = caught.value.problems[0]
    assert problem.startswith("flow.yaml:")
    assert place in problem
    assert reason in problem


def test_the_line_is_the_right_one() -> None:
    with pytest.raises(DocumentError) as caught:
        read_flow(TEXT.replace("within: 15m", "within: 15x"), "flow.yaml")
    assert caught.value.problems[0].startswith(f"flow.yaml:{line_of('within: 15m')}:")


@pytest.mark.parametrize("text", ["", "flow: [", "a: 1\na: 2"])
def test_what_is_not_a_document_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match=r"flow.yaml:\d"):
        read_flow(text, "flow.yaml")


def test_two_flows_for_one_kind_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    with pytest.raises(DocumentError, match="2 flows for journey 'order'"):
        load_flows(tmp_path)


def test_a_guest_step_without_a_flow_of_its_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "order.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(DocumentError, match=r"order-to-cash: guest 'return.received' is a step of no other flow"):
        load_flows(tmp_path)


def test_both_kinds_of_journey_are_shipped() -> None:
    assert [(flow.kind, flow.name) for flow in load_flows()] == [
        ("order", "order-to-cash"),
        ("return", "return-to-refund"),
    ]


def test_the_shipped_flow_reads_as_it_is_written() -> None:
    flow = order_flow()
    posted = flow.by_name["erp.order.posted"]
    assert posted.within == Span(timedelta(minutes=15))
    assert flow.by_name["invoice.posted"].within == Span(timedelta(hours=24), is_business=True)
    assert [stage.label for stage in flow.stages] == [
        *("Placed", "Queued", "Posted to ERP", "Released", "Shipped", "Invoiced", "Settled")
    ]


@pytest.mark.parametrize(
    ("hours", "chance"), [(-1, 0.01), (0, 0.01), (2, 0.03), (4, 0.05), (14, 0.15), (72, 0.6), (900, 0.6)]
)
def test_the_loss_curve_runs_straight_between_its_points(hours: float, chance: float) -> None:
    assert order_flow().loss_at(hours * 3600) == pytest.approx(chance)
