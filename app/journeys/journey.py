"""The values of a journey: its facts, and what they amount to (pure)."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from app.events.event import Event, Line


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a journey keeps of an event: all of it but the payload."""

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

    @property
    def name(self) -> str:
        """The event's name in an export: `source|id`."""
        return f"{self.source}|{self.id}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An attempt at a step that did not succeed."""

    at: datetime
    outcome: str
    error: str
    system: str


@dataclass(slots=True)
class Journey:
    """The fold of a journey's facts; histories are in time order, one entry a change."""

    kind: str
    channel: str
    opened_at: datetime
    last_at: datetime
    reached: dict[str, datetime] = field(default_factory=dict)
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    values: list[tuple[datetime, int, str]] = field(default_factory=list)
    promises: list[tuple[datetime, datetime]] = field(default_factory=list)
    lines: tuple[Line, ...] = ()
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    ending: str | None = None
    stage: str | None = None
    event_count: int = 0


def fact_of(event: Event) -> Fact:
    """Take from an event what its journey keeps."""
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
        about_of(event),
        event.lines,
    )


def about_of(event: Event) -> str | None:
    """The step that a message of the middleware is about."""
    about = event.attributes.get("step") if event.step.startswith("message.") else None
    return about if isinstance(about, str) else None


def in_order(fact: Fact) -> tuple[datetime, str, str]:
    """The order in which facts are folded: by their own time, then by id."""
    return fact.occurred_at, fact.id, fact.source


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Fact])


def pack_facts(facts: list[Fact]) -> bytes:
    """Write facts compactly."""
    return _encoder.encode(facts)


def unpack_facts(packed: bytes) -> list[Fact]:
    """Read facts."""
    return _decoder.decode(packed)
