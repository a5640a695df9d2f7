"""What is worked with of an event: all of it but the payload, packed so that more can be appended (pure)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

import msgspec

from app.events.event import Event, Line


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a journey keeps of an event; `told` is what a broker said of a queue, and only that."""

    occurred_at: datetime
    id: str
    source: str
    step: str
    outcome: str
    keys: tuple[tuple[str, str], ...]
    received_at: datetime
    is_timed: bool
    channel: str | None = None
    system: str | None = None
    connector: str | None = None
    error: str | None = None
    attempt: int = 1
    duration_ms: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    promised_at: datetime | None = None
    about: str | None = None
    lines: tuple[Line, ...] = ()
    told: dict[str, Any] | None = None

    @property
    def day(self) -> date:
        """The partition that its event is stored in: by its own time, so that a repeat meets the first."""
        return (self.occurred_at if self.is_timed else self.received_at).date()

    @property
    def name(self) -> str:
        """The event's name in an export: `source|id`."""
        return f"{self.source}|{self.id}"


def fact_of(event: Event) -> Fact:
    """Take from an event what its journey keeps."""
    about = event.attributes.get("step") if event.step.startswith("message.") else None
    told = (
        {**event.attributes, "queue": event.attributes.get("queue") or event.subject}
        if event.step == "queue.sample"
        else None
    )
    return Fact(
        event.occurred_at,
        event.id,
        event.source,
        event.step,
        event.outcome,
        event.keys,
        event.received_at,
        event.is_timed,
        event.channel,
        event.system,
        event.connector,
        event.error,
        event.attempt,
        event.duration_ms,
        event.amount_minor,
        event.currency,
        event.promised_at,
        about if isinstance(about, str) else None,
        event.lines,
        told,
    )


# The order in which facts are folded: by their own time, then by id.
in_order: Callable[[Fact], tuple[datetime, str, str]] = attrgetter("occurred_at", "id", "source")


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Fact])
_ARRAY = b"\xdd"  # MessagePack's array 32: the count follows in four bytes


def pack_facts(facts: Sequence[Fact]) -> bytes:
    """Write facts one after another, without a count, so that others can be appended."""
    # One list is written sooner than its facts; MessagePack puts their count into one, three or five bytes before them.
    count = len(facts)
    return _encoder.encode(facts)[1 if count < 16 else 3 if count < 65_536 else 5 :]


def unpack_facts(packed: bytes, count: int) -> list[Fact]:
    """Read back so many facts."""
    return _decoder.decode(_ARRAY + count.to_bytes(4) + packed)


def unpack_fact(packed: bytes) -> Fact:
    """Read back a fact that was packed alone."""
    return unpack_facts(packed, 1)[0]
