"""A small estate for the tower's tests: two channels, an ERP that broke 40 minutes ago, and values to build with."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.money import Money
from app.events.event import Event
from app.exceptions.queries import ExceptionGroup
from app.journeys.catalogue import order_flow
from app.metrics.metric import Answer, Group
from app.metrics.money import seed_rates
from app.pipeline import Estate, work_events
from app.tower.flow import FlowPicture
from app.tower.rules import Stretch
from app.web.flow import Cell, Channel, Stage
from app.web.frame import Frame
from tests.builders import NOW, an_event

FLOW = order_flow()
BROKE = 40  # minutes ago
FRAME = Frame(
    path="/tower",
    query="",
    now=NOW,
    retailer="Test Retail",
    reporting_currency="GBP",
    simulated=False,
    locale="en_GB",
    theme=None,
)
NOTHING = MappingProxyType[str, object]({})


def work(session: Session, events: list[Event]) -> None:
    """Put events through the pipeline."""
    seed_rates(session)
    work_events(session, Estate((FLOW,), timedelta(days=90)), events, NOW)


def an_outage(session: Session) -> None:
    """Two hours of orders, one every two minutes and channel; NetSuite takes none of the last forty minutes'."""
    events = []
    for minutes in range(120, 0, -2):
        events += _an_order("shopify-us", minutes) + _an_order("amazon-uk", minutes + 1)
    work(session, events)


def _an_order(channel: str, minutes: int) -> list[Event]:
    name = f"{channel[:2].upper()}-{minutes}"
    placed = NOW - timedelta(minutes=minutes)
    is_failing = minutes <= BROKE
    told = {"keys": (("order", name),), "channel": channel}
    outcome = {"outcome": "failed", "error": "503: NetSuite is unavailable"} if is_failing else {}
    posted = {**told, "system": "netsuite", "connector": "orders-to-netsuite", **outcome}
    return [
        an_event("order.placed", id=f"{name}-1", at=placed, amount_minor=10_000, currency="GBP", **told),
        an_event("order.accepted", id=f"{name}-2", at=placed + timedelta(seconds=5), system="middleware", **told),
        an_event("erp.order.posted", id=f"{name}-3", at=placed + timedelta(seconds=30), **posted),
    ]


def a_group(**given: object) -> ExceptionGroup:
    """The group of an ERP that is down, unless told otherwise; money in whole pounds."""
    facts: dict[str, object] = {
        "cause": "c1",
        "title": "NetSuite is unavailable",
        "kind": "failed",
        "step": "erp.order.posted",
        "system": "netsuite",
        "owner": "ERP integration",
        "action": "Check the ERP connector",
        "channels": ("amazon-uk", "shopify-us"),
        "orders": 159,
        "at_risk": Money(7_500, "GBP"),
        "gross": Money(1_574_600, "GBP"),
        "coverage": 1.0,
        "oldest_at": NOW - timedelta(minutes=70),
        "first_seen_at": NOW - timedelta(minutes=70),
        "last_seen_at": NOW,
        "level": "act",
        **given,
    }
    return ExceptionGroup(**facts)  # type: ignore[arg-type]


def a_cell(state: str = "ok", **given: object) -> Cell:
    """A quiet cell, unless told otherwise."""
    facts: dict[str, object] = {
        "state": state,
        "in_flight": 3,
        "waiting": 0,
        "value": "",
        "short_value": "",
        "p95": "2 m",
        "target": "15 m",
        "per_minute": 1.0,
        "open": 0,
        "word": "",
        "href": "",
        **given,
    }
    return Cell(**facts)  # type: ignore[arg-type]


def a_picture(
    lit: Mapping[tuple[str, str], Cell] = MappingProxyType({}),
    quiet_seconds: float | None = None,
    channels: tuple[str, ...] = ("amazon-uk", "shopify-us", "walmart"),
) -> FlowPicture:
    """A map of quiet cells but for the lit ones."""
    places = [(channel, stage.name) for channel in channels for stage in FLOW.stages[1:]]
    names = {"amazon-uk": "Amazon UK", "shopify-us": "Shopify US", "walmart": "Walmart"}
    return FlowPicture(
        channels=tuple(Channel(channel, names[channel], 1.1) for channel in channels),
        stages=tuple(Stage(stage.name, stage.label, "", 1.0, ()) for stage in FLOW.stages),
        cells={place: lit.get(place, a_cell()) for place in places},
        stretches={place: Stretch(in_flight=3, quiet_seconds=quiet_seconds) for place in places},
    )


def an_answer(value: float | None = None, *groups: Group, at: datetime = NOW, **extra: object) -> Answer:
    """An answer of the catalogue, ten seconds old."""
    return Answer(at, value, data_age_seconds=10.0, groups=groups, extra=extra)


def a_journey(number: int) -> UUID:
    """Some journey."""
    return UUID(int=number)
