"""Everything that is sent is a CloudEvent 1.0 with the native profile of the design."""

import re
from decimal import Decimal

import pytest

from app.simulator.faults import STORIES
from tests.app.simulator.runs import events, played, time_of

ATTRIBUTE = re.compile(r"^[a-z0-9]{1,20}$")
FIELDS = {
    "keys", "channel", "system", "connector", "outcome", "error", "attempt", "duration_ms", "amount", "promised_at",
    "lines", "attributes",
}  # fmt: skip
STEPS = {
    "order.placed", "order.accepted", "order.validated", "order.cancelled", "payment.captured", "inventory.reserved",
    "erp.order.posted", "fulfilment.released", "fulfilment.shipped", "fulfilment.delivered", "invoice.posted",
    "payout.settled", "message.replayed", "connector.heartbeat", "queue.sample",
}  # fmt: skip


def faults_of(event: dict) -> list[str]:
    """What CloudEvents 1.0 and the profile would find wrong with an event."""
    told = event["data"]
    checks = {
        "specversion": event["specversion"] == "1.0",
        "attribute names": all(ATTRIBUTE.match(name) for name in event),
        "id, subject": all(isinstance(event[name], str) and event[name] for name in ("id", "subject")),
        "source": event["source"].startswith("/simulator/") and " " not in event["source"],
        "type": event["type"].removeprefix("retail.") in STEPS,
        "time": event["time"].endswith("Z") and time_of(event).tzinfo is not None,
        "datacontenttype": event["datacontenttype"] == "application/json",
        "fields": set(told) <= FIELDS and {"keys", "system", "outcome"} <= set(told),
        "keys": all(key and value for key, value in told["keys"].items()),
        "outcome": told["outcome"] in {"ok", "failed", "retrying", "dead_lettered"},
        "error": ("error" in told) == (told["outcome"] != "ok"),
        "error words": set(told.get("error", {"code": 1, "message": 1})) == {"code", "message"},
        "attempt": told.get("attempt", 1) >= 1 and told.get("duration_ms", 0) >= 0,
    }
    return [name for name, holds in checks.items() if not holds]


@pytest.mark.parametrize("story", STORIES)
def test_every_message_is_a_valid_native_event(story) -> None:
    wrong = {event["id"]: found for event in events(played(story)) if (found := faults_of(event))}
    assert wrong == {}


def test_placed_orders_are_marked_and_their_money_adds_up() -> None:
    placed = events(played(), "order.placed")
    assert len(placed) > 500
    for event in placed:
        told = event["data"]
        total = sum(line["quantity"] * Decimal(line["unit_price"]) for line in told["lines"])
        assert Decimal(told["amount"]["value"]) == total > 0
        assert told["attributes"]["simulated"] is True
        assert told["keys"]["order"] == event["subject"]
        assert told["keys"]["sku"] == [line["sku"] for line in told["lines"]]
