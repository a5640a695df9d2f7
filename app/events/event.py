"""The canonical Event: one observed fact about one sync step, whatever door it came through (pure)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

OUTCOMES = ("ok", "failed", "retrying", "dead_lettered", "skipped")

STEPS = frozenset(
    {
        *("order.placed", "order.accepted", "order.validated", "order.amended", "order.cancelled"),
        *("payment.captured", "payment.failed", "inventory.reserved", "erp.order.posted"),
        *("fulfilment.released", "fulfilment.shipped", "fulfilment.delivered", "invoice.posted"),
        *("return.requested", "return.received", "return.inspected"),
        *("refund.approved", "refund.issued", "creditmemo.posted", "payout.settled"),
        *("inventory.level", "inventory.published", "price.level", "price.published", "catalog.published"),
        *("connector.heartbeat", "queue.sample", "message.dead_lettered", "message.replayed"),
    }
)


class Line(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One order line; the price is in minor units of the event's currency."""

    sku: str
    quantity: int
    unit_price_minor: int | None = None


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One immutable fact; `payload` is what was sent, kept whole."""

    uid: UUID
    source: str
    id: str
    step: str
    occurred_at: datetime
    received_at: datetime
    is_timed: bool
    keys: tuple[tuple[str, str], ...]
    subject: str | None = None
    channel: str | None = None
    system: str | None = None
    connector: str | None = None
    outcome: str = "ok"
    error: str | None = None
    attempt: int = 1
    duration_ms: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    promised_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    attributes: dict[str, Any] = {}
    payload: bytes = b""

    @property
    def day(self) -> date:
        """The partition it is stored in: by its own time, so that a repeat meets the first; else by arrival."""
        return (self.occurred_at if self.is_timed else self.received_at).date()


class Refusal(msgspec.Struct, frozen=True):
    """What could not be understood: its place in the batch, why, the raw bytes, and how to read these again.

    `form` says how events lie in the bytes: one structured event, a whole request in another form, or a packed Event.
    """

    index: int
    reason: str
    body: bytes
    source: str | None = None
    event_id: str | None = None
    form: str = "structured"
    headers: list[tuple[str, str]] | None = None


_encoder = msgspec.msgpack.Encoder()
_event_decoder = msgspec.msgpack.Decoder(Event)
_events_decoder = msgspec.msgpack.Decoder(list[Event])


def pack_event(event: Event) -> bytes:
    """Write one event for the store."""
    return _encoder.encode(event)


def unpack_event(packed: bytes) -> Event:
    """Read one event from the store."""
    return _event_decoder.decode(packed)


def unpack_events(packed: bytes) -> list[Event]:
    """Read a batch as the first release left it in the inbox."""
    return _events_decoder.decode(packed)
