"""One observed fact in the envelope that every door of Pharos understands (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.simulator.estate import Queue
from app.simulator.names import name_order
from app.simulator.orders import Order

CloudEvent = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvent with the time of the fact and the connector that carries it."""

    occurred_at: float
    connector: str
    event: CloudEvent


def tell(order: Order, step: str, at: float, system: str, connector: str, **facts: Any) -> Message:
    """Say that a step of an order happened; `facts` are the native profile, its first key the system's name for it."""
    name = name_order(order)
    attempt, outcome = facts.get("attempt", 1), facts.setdefault("outcome", "ok")
    keys = facts.pop("keys", None) or {"order": name}
    told = {"keys": keys, "system": system, "connector": connector, **facts}
    # A step parked after its last attempt is a second fact about that attempt.
    tag = f"{attempt}.parked" if outcome == "dead_lettered" else attempt
    place, subject = f"{system}/{connector}", next(iter(keys.values()))
    return Message(at, connector, _envelop(f"{name}/{step}/{tag}", place, step, at, subject, told))


def beat(connector: str, at: float) -> Message:
    """Say that a connector is alive."""
    told = {"keys": {}, "system": "middleware", "connector": connector, "outcome": "ok"}
    name = f"{connector}/beat/{int(at)}"
    return Message(at, connector, _envelop(name, f"middleware/{connector}", "connector.heartbeat", at, connector, told))


def sample(queue: Queue, at: float, counts: dict[str, Any]) -> Message:
    """Say how full a queue is."""
    told = {
        "keys": {},
        "system": "rabbitmq",
        "outcome": "ok",
        "attributes": {"queue": queue.name, "broker": "rabbitmq", **counts},
    }
    return Message(at, "", _envelop(f"{queue.name}/{int(at)}", "rabbitmq", "queue.sample", at, queue.name, told))


def write_money(minor: int) -> str:
    """All of the retailer's currencies have two decimals."""
    return f"{minor // 100}.{minor % 100:02d}"


def write_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def describe(order: Order) -> dict[str, Any]:
    """What the shop itself says about an order."""
    channel = order.channel
    lines = [
        {"sku": product.sku, "quantity": quantity, "unit_price": write_money(product.price_minor[channel.currency])}
        for product, quantity in order.lines
    ]
    service = "express" if order.is_express else "standard"
    return {
        "amount": price(order),
        "promised_at": write_time(order.promised_at),
        "lines": lines,
        "attributes": {"simulated": True, "ship_to": channel.country, "service": service},
    }


def price(order: Order) -> dict[str, str]:
    return {"value": write_money(order.amount_minor), "currency": order.channel.currency}


def _envelop(event_id: str, place: str, step: str, at: float, subject: str, told: dict[str, Any]) -> CloudEvent:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/simulator/{place}",
        "type": f"retail.{step}",
        "time": write_time(at),
        "subject": subject,
        "datacontenttype": "application/json",
        "data": told,
    }
