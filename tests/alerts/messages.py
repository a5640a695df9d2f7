"""Messages and deliveries to send in tests."""

from datetime import timedelta
from typing import Any

from alerts.facts import Episode
from alerts.message import compose
from alerts.notifier import Delivery, Message, Stake
from tests.alerts.figures import NOON, a_rule

NOW = NOON + timedelta(minutes=42)
FIRST, SECOND = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


def a_stake(**given: Any) -> Stake:
    facts: dict[str, Any] = {
        "at": NOW,
        "currency": "GBP",
        "risk_minor": 2_941_700,
        "low_minor": 2_260_000,
        "high_minor": 3_790_000,
        "gross_minor": 14_083_600,
        "coverage": 0.97,
        "orders": 2105,
        "cause": "NetSuite rejects unknown SKUs",
        "cause_orders": 1284,
        "cause_minor": 2_095_500,
        "cause_owner": "ERP integration",
        "action": "Create the items",
        **given,
    }
    return Stake(**facts)


def an_episode(**given: Any) -> Episode:
    facts: dict[str, Any] = {
        "alert_id": FIRST,
        "labels": {},
        "names": {},
        "unit": "money:GBP",
        "began_at": NOON,
        "value": 2_941_700,
        "began": 812_000,
        "hour_ago": 1_200_000,
        "peak": 3_500_000,
        "fired": "Revenue at risk is £29,417.",
        **given,
    }
    return Episode(**facts)


def a_message(kind: Any = "firing", stakes: list[Stake] | None = None, **given: Any) -> Message:
    found = [a_stake()] if stakes is None else stakes
    return compose(kind, a_rule(), an_episode(**given), NOW, "https://tower.example", found)


def a_delivery(message: Message | None = None, **given: Any) -> Delivery:
    facts: dict[str, Any] = {
        "number": FIRST,
        "receiver": "ops@example.com",
        "message": message or a_message(),
        "created_at": NOW,
        **given,
    }
    return Delivery(**facts)
