"""What the API says of journeys: typed answers, and the columns of the CSV."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from app.core.money import Money
from app.events.fact import Fact
from app.journeys.queries import JourneyView
from app.orders.row import OrderRow
from app.orders.troubles import OrderTrouble
from app.web.listing import Amount, Cell, amount_of


class JourneyListed(BaseModel):
    """A journey of a list, as it was at the asked time."""

    id: UUID
    anchor: str
    is_provisional: bool
    channel: str
    stage: str | None
    value: Amount | None
    opened_at: datetime
    promised_at: datetime | None
    closed_at: datetime | None
    ending: str | None
    last_at: datetime
    causes: list[str]
    trouble_since_at: datetime | None


class JourneyPage(BaseModel):
    """A page of journeys; ask again with `after` for the next one, null on the last."""

    at: datetime
    rows: list[JourneyListed]
    after: str | None


class KeyHeld(BaseModel):
    """A key that leads to the journey."""

    namespace: str
    value: str
    role: str


class Trouble(BaseModel):
    """An exception; one whose `opened_at` lies after the asked time is a deadline to come."""

    step: str
    kind: str
    cause: str
    title: str
    owner: str
    action: str
    opened_at: datetime
    closed_at: datetime | None
    since_at: datetime


class LineSold(BaseModel):
    """An order line."""

    sku: str
    quantity: int
    unit_price: Amount | None


class FactSeen(BaseModel):
    """An event of the journey, without its payload."""

    source: str
    id: str
    step: str
    occurred_at: datetime
    received_at: datetime
    outcome: str
    channel: str | None
    system: str | None
    connector: str | None
    error: str | None
    attempt: int


class JourneyShown(BaseModel):
    """One journey as it was at the asked time and, where `known` is given, as it was known then."""

    id: UUID
    kind: str
    anchor: str
    at: datetime
    known: datetime | None
    is_provisional: bool
    channel: str
    stage: str | None
    value: Amount | None
    opened_at: datetime
    promised_at: datetime | None
    closed_at: datetime | None
    ending: str | None
    milestones: dict[str, datetime]
    keys: list[KeyHeld]
    lines: list[LineSold]
    exceptions: list[Trouble]
    events: list[FactSeen]


COLUMNS = [
    "id",
    "anchor",
    "channel",
    "stage",
    "value",
    "currency",
    "opened_at",
    "promised_at",
    "closed_at",
    "ending",
    "causes",
]


def listed(row: OrderRow) -> JourneyListed:
    """Write one row of a list."""
    return JourneyListed(
        id=row.journey_id,
        anchor=row.anchor,
        is_provisional=row.is_provisional,
        channel=row.channel,
        stage=row.stage,
        value=amount_of(row.value),
        opened_at=row.opened_at,
        promised_at=row.promised_at,
        closed_at=row.closed_at,
        ending=row.ending,
        last_at=row.last_at,
        causes=list(row.troubles),
        trouble_since_at=row.trouble_since_at,
    )


def cells(row: OrderRow) -> list[Cell]:
    """Write one row of the CSV."""
    currency = row.value.currency if row.value else None
    start: list[Cell] = [str(row.journey_id), row.anchor, row.channel, row.stage, row.value, currency]
    return [*start, row.opened_at, row.promised_at, row.closed_at, row.ending, "; ".join(row.troubles)]


def shown(view: JourneyView, troubles: list[OrderTrouble], at: datetime, known: datetime | None) -> JourneyShown:
    """Write one journey whole."""
    journey = view.journey
    stated = journey.values[-1] if journey.values else None
    money = Money(stated[1], stated[2]) if stated else None
    prices = [
        Money(one.unit_price_minor, stated[2]) if stated and one.unit_price_minor is not None else None
        for one in journey.lines
    ]
    return JourneyShown(
        id=view.id,
        kind=view.kind,
        anchor=view.anchor,
        at=at,
        known=known,
        is_provisional=view.is_provisional,
        channel=journey.channel,
        stage=journey.stage,
        value=amount_of(money),
        opened_at=journey.opened_at,
        promised_at=journey.promises[-1][1] if journey.promises else None,
        closed_at=journey.closed_at,
        ending=journey.ending,
        milestones=journey.reached,
        keys=[KeyHeld(namespace=key.namespace, value=key.value, role=key.role) for key in view.keys],
        lines=[
            LineSold(sku=line.sku, quantity=line.quantity, unit_price=amount_of(price))
            for line, price in zip(journey.lines, prices, strict=True)
        ],
        exceptions=[trouble_of(one) for one in troubles],
        events=[fact_seen(fact) for fact in view.facts],
    )


def trouble_of(one: OrderTrouble) -> Trouble:
    """Write one exception."""
    return Trouble(**{name: getattr(one, name) for name in Trouble.model_fields})


def fact_seen(fact: Fact) -> FactSeen:
    """Write one event."""
    return FactSeen(**{name: getattr(fact, name) for name in FactSeen.model_fields})
