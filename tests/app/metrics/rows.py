"""Rows of the read models, written by hand: what the pipeline would have left behind."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.database import raw
from app.core.ids import journey_id
from app.models.exceptions import Cause, ClosedException, ClosedExposure, PendingTrouble
from app.models.journeys import JourneyKey, JourneyRow
from app.models.metrics import QueueSample
from app.models.operations import ExchangeRate
from app.series.rollup import add_differences, name_series
from app.series.series import COLUMNS
from tests.builders import NOW

POSTED = "erp.order.posted"


def ago(minutes: float) -> datetime:
    """So many minutes before the tests' present."""
    return NOW - timedelta(minutes=minutes)


def order(name: str) -> UUID:
    """The journey of an order."""
    return journey_id("order", f"order:{name}")


def an_order(session: Session, name: str, *, opened: float = 60, **given: object) -> UUID:
    """A journey row with its anchor, opened so many minutes ago."""
    facts: dict[str, object] = {
        "kind": "order",
        "flow": "order-to-cash",
        "is_provisional": False,
        "channel": "shopify-us",
        "value_minor": 10_000,
        "currency": "USD",
        "stage": "order.placed",
        "last_at": ago(opened),
        "event_count": 1,
        "facts": b"",
        "state": b"",
        **given,
    }
    session.add(JourneyRow(id=order(name), anchor=f"order:{name}", opened_at=ago(opened), **facts))
    a_key(session, name, f"order:{name}", "anchor")
    return order(name)


def a_key(session: Session, name: str, key: str, role: str = "identity", kind: str = "order") -> None:
    """A key that leads to an order."""
    session.add(JourneyKey(key=key, kind=kind, journey_id=order(name), role=role))


def a_cause(session: Session, name: str = "c1", **given: str) -> str:
    """A cause in plain words."""
    facts = {
        "title": f"Cause {name}",
        "kind": "overdue",
        "flow": "order-to-cash",
        "step": POSTED,
        "system": "netsuite",
        "owner": "ERP integration",
        "action": "Check the ERP connector",
        **given,
    }
    session.add(Cause(id=name, **facts))
    return name


def an_exception(session: Session, name: str, *, opened: float, closed: float | None = None, **given: object) -> None:
    """An exception that opened, and perhaps closed, so many minutes ago; the future is negative."""
    facts: dict[str, object] = {
        "step": POSTED,
        "kind": "overdue",
        "since_at": ago(opened),
        "started_at": ago(opened + 15),
        "cause": "c1",
        "channel": "shopify-us",
        **given,
    }
    if closed is not None:
        session.add(ClosedException(journey_id=order(name), opened_at=ago(opened), closed_at=ago(closed), **facts))
        return
    words = [facts[one] for one in ("step", "kind", "cause")]
    row = a_pending(session, name, ago(opened), str(facts["channel"]))
    row.words, row.times = [*row.words, *words], [*row.times, ago(opened), facts["since_at"], facts["started_at"]]
    session.flush()


def a_stake(
    session: Session,
    name: str,
    minor: int | None = 10_000,
    currency: str | None = "GBP",
    *,
    opened: float,
    closed: float | None = None,
    **given: object,
) -> None:
    """An exposure of an order over a stretch of time."""
    facts: dict[str, object] = {
        "impact": "revenue",
        "since_at": ago(opened),
        "flow": "order-to-cash",
        "step": POSTED,
        "cause": "c1",
        "channel": "shopify-us",
        **given,
    }
    if closed is not None:
        money = {"value_minor": minor, "currency": currency}
        times = {"opened_at": ago(opened), "closed_at": ago(closed)}
        session.add(ClosedExposure(journey_id=order(name), **times, **money, **facts))
        return
    words = [facts[one] for one in ("impact", "step", "cause")]
    row = a_pending(session, name, ago(opened), str(facts["channel"]))
    row.stake_words, row.stake_times = [*row.stake_words, *words], [*row.stake_times, ago(opened), facts["since_at"]]
    row.flow, row.value_minor, row.currency = facts["flow"], minor, currency
    session.flush()


def a_pending(session: Session, name: str, due_at: datetime, channel: str) -> PendingTrouble:
    """The row of what is pending in an order."""
    row = session.get(PendingTrouble, order(name))
    if row is None:
        empty: dict[str, list[object]] = {one: [] for one in ("words", "times", "stake_words", "stake_times")}
        row = PendingTrouble(journey_id=order(name), due_at=due_at, channel=channel, flow="order-to-cash", **empty)
        session.add(row)
    row.due_at = min(row.due_at, due_at)
    return row


def a_rate(session: Session, currency: str, euros: str, day: date = date(2026, 1, 1)) -> None:
    """A dated exchange rate."""
    session.add(ExchangeRate(currency=currency, day=day, euros=Decimal(euros)))


def a_sample(session: Session, queue: str = "orders.us", *, at: float, depth: int | None = 0, **given: object) -> None:
    """What a broker said so many minutes ago."""
    facts: dict[str, object] = {"broker": "rabbitmq", "published": 0, "consumed": 0, **given}
    session.add(QueueSample(queue=queue, at=ago(at), depth=depth, **facts))


def count(session: Session, metric: str, minutes: float, number: int = 1, bucket: int = 0, **dimensions: str) -> None:
    """Count something so many minutes ago, in both grains."""
    one = (metric, *(dimensions.get(name, "") for name in COLUMNS[1:]))
    write = raw(session).execute
    name_series(write, [one])
    add_differences(write, {(*one, bucket): {int(ago(minutes).timestamp() // 60): number}})
