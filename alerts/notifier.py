"""What a message says, and the contract of everything that sends one (pure)."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

Kind = Literal["firing", "resolved", "withdrawn", "test"]


class Stake(msgspec.Struct, frozen=True, kw_only=True):
    """What stood at stake at one moment; amounts are minor units of `currency`, and None is unknown.

    `is_whole` says that it is that of all orders, because money does not know what the alert is about.
    """

    at: datetime
    currency: str
    risk_minor: int | None = None
    low_minor: int | None = None
    high_minor: int | None = None
    gross_minor: int | None = None
    coverage: float | None = None
    orders: int | None = None
    cause: str | None = None
    cause_orders: int | None = None
    cause_minor: int | None = None
    cause_owner: str | None = None
    action: str | None = None
    is_whole: bool = False


class Fact(msgspec.Struct, frozen=True):
    """One line of a message."""

    name: str
    text: str


class Links(msgspec.Struct, frozen=True):
    """Where to look: the state that the message speaks of, the same place now, and the alerts page."""

    then: str
    now: str
    alerts: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, as it is kept in the outbox: everything that any notifier needs, and nothing that changes."""

    kind: Kind
    alert_id: str
    rule: str
    severity: Literal["act", "watch"]
    owner: str
    subject: str
    sentence: str
    facts: tuple[Fact, ...]
    runbook: str
    links: Links
    at: datetime
    began_at: datetime
    metric: str
    unit: str
    cause: str = ""
    value: float | None = None
    labels: dict[str, str] = {}
    stake: Stake | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way to one receiver; `number` is the same at every attempt."""

    number: str
    receiver: str
    message: Message
    created_at: datetime
    first_number: str | None = None  # of the message that told this receiver of the alert


class Notifier(Protocol):
    """One way of telling somebody: sends once, or raises UnavailableError with the reason."""

    def send(self, delivery: Delivery, now: datetime) -> None: ...


def message_stored(message: Message) -> dict[str, object]:
    """Write a message for the outbox."""
    stored: dict[str, object] = msgspec.to_builtins(message)
    return stored


def message_read(stored: dict[str, object]) -> Message:
    """Read a message from the outbox."""
    return msgspec.convert(stored, Message, strict=False)
