"""Posts a message as signed JSON to one address."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

import msgspec

from alerts.notifier import Delivery
from app.core import http
from app.core.money import Money, exponent


@dataclass(frozen=True, slots=True, repr=False)
class WebhookNotifier:
    """Sends every message to the same address; without a secret there is no signature."""

    url: str
    secret: str
    allow_private_addresses: bool = True

    def send(self, delivery: Delivery, now: datetime) -> None:
        body = render(delivery)
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Pharos",
            "Idempotency-Key": delivery.number,
            "X-Pharos-Timestamp": timestamp,
        }
        if self.secret:
            headers["X-Pharos-Signature"] = signature(self.secret, timestamp, body)
        http.post(self.url, body, headers, allow_private_addresses=self.allow_private_addresses)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign time and body together, so that an old message cannot be sent again as a new one."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def render(delivery: Delivery) -> bytes:
    """Write the body: the same bytes at every attempt; amounts are decimals in text, as in events."""
    message = delivery.message
    fields = msgspec.to_builtins(message)
    stake = message.stake
    fields |= {
        "id": delivery.number,
        "value": _amount(message.value, message.unit),
        "facts": {fact.name: fact.text for fact in message.facts},
        "orders": stake.orders if stake else None,
        "money": _money(delivery),
    }
    fields.pop("stake")
    return msgspec.json.encode(fields, order="sorted")


def _money(delivery: Delivery) -> dict[str, str | float | None] | None:
    stake = delivery.message.stake
    if stake is None:
        return None
    amounts = {
        "at_risk": stake.risk_minor,
        "low": stake.low_minor,
        "high": stake.high_minor,
        "gross": stake.gross_minor,
    }
    written = {name: None if minor is None else _decimal(minor, stake.currency) for name, minor in amounts.items()}
    return {**written, "currency": stake.currency, "coverage": stake.coverage}


def _amount(value: float | None, unit: str) -> float | str | None:
    kind, _, currency = unit.partition(":")
    return value if value is None or kind != "money" else _decimal(int(value), currency)


def _decimal(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).major:.{exponent(currency)}f}"
