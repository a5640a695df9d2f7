"""Orders told as a few events before the tests' present, and what is made of them."""

from datetime import datetime, timedelta

from app.events.event import Event
from app.events.fact import Fact, fact_of
from app.journeys.catalogue import order_flow
from app.journeys.fold import fold_at
from app.orders.rules import Situation, judge
from tests.builders import NOW, an_event

UNKNOWN_SKU = "UNKNOWN_SKU: Unknown SKU WB-CANDLE-SET-3"
DOWN = "503: NetSuite is unavailable"
PROMISED = NOW + timedelta(days=3, hours=10)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def told(step: str, minutes: float, **given: object) -> Event:
    """An event of the order so many minutes ago."""
    return an_event(step, id=f"{step}-{minutes:g}", at=ago(minutes), **given)


def placed(minutes: float, *, promised: datetime | None = PROMISED) -> list[Event]:
    """Placed, paid and taken in, worth $189.70."""
    money = {"amount_minor": 18_970, "currency": "USD"}
    return [
        told("order.placed", minutes, system="shopify", promised_at=promised, **money),
        told("payment.captured", minutes - 0.1, system="payments", **money),
        told("order.accepted", minutes - 0.2, system="middleware"),
    ]


def shipped(minutes: float, *, promised: datetime | None = PROMISED) -> list[Event]:
    """Placed, posted, released and handed to the carrier."""
    return [
        *placed(minutes + 240, promised=promised),
        told("erp.order.posted", minutes + 235, system="netsuite"),
        told("fulfilment.released", minutes + 200, system="warehouse"),
        told("fulfilment.shipped", minutes, system="warehouse"),
    ]


def refused(minutes: float, error: str = UNKNOWN_SKU, attempt: int = 1, outcome: str = "failed") -> Event:
    """An attempt to post to the ERP that did not work."""
    return told("erp.order.posted", minutes, system="netsuite", outcome=outcome, error=error, attempt=attempt)


def facts_of(events: list[Event], at: datetime = NOW) -> list[Fact]:
    """What the journey keeps of them by then, in order."""
    return sorted((fact_of(event) for event in events if event.occurred_at <= at), key=lambda fact: fact.occurred_at)


def situation(events: list[Event], at: datetime = NOW, *, is_provisional: bool = False) -> Situation:
    """Judge an order that went through these events."""
    flow = order_flow()
    journey = fold_at(flow, [fact_of(event) for event in events], at)
    assert journey is not None
    return judge(flow, journey, at, is_provisional=is_provisional)
