"""Causes: one fault, one group, whatever differs from order to order."""

import pytest

from app.exceptions.causes import failure_cause, without_particulars
from app.journeys.catalogue import order_flow
from app.journeys.journey import Trouble
from tests.builders import NOW

FLOW = order_flow()


@pytest.mark.parametrize(
    ("error", "pattern"),
    [
        ("Unknown SKU WB-CANDLE-SET-3", "Unknown SKU …"),
        ("503: NetSuite is unavailable", "503: NetSuite is unavailable"),
        ("INVALID_KEY_OR_REF: Invalid item 'A 1'", "INVALID_KEY_OR_REF: Invalid item …"),
        ("order 104877 of 2026-11-23 rejected", "order … of … rejected"),
        ("ref 9f86d081884c7d65 missing", "ref … missing"),
        ("  spaced   out ", "spaced out"),
        ("", ""),
    ],
)
def test_particulars_are_blanked_out(error: str, pattern: str) -> None:
    assert without_particulars(error) == pattern


def cause(error: str, system: str = "netsuite") -> tuple[str, str]:
    note = failure_cause(FLOW, FLOW.steps["erp.order.posted"], Trouble(NOW, "failed", error, system), is_dead=False)
    return note.id, note.title


def test_the_same_fault_of_two_orders_is_one_cause() -> None:
    assert cause("Unknown SKU WB-1") == cause("Unknown SKU WB-CANDLE-9")


def test_another_system_is_another_cause() -> None:
    assert cause("timeout")[0] != cause("timeout", "middleware")[0]


def test_titles_are_plain_words() -> None:
    assert cause("503: NetSuite is unavailable")[1] == "Post to ERP: NetSuite is unavailable"
    assert cause("")[1] == "Post to ERP: failed without a reason"
