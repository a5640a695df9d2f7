"""What a span and a log record have in common: that something happened, how it went, and its name (pure)."""

import re
from dataclasses import dataclass

from app.core.ids import fingerprint
from collectors.receivers.otlp_attributes import SHOWN
from collectors.receivers.otlp_records import Value
from collectors.receivers.otlp_told import Attributes, Told

FAILED, OK, RETRYING, DEAD_LETTERED = "failed", "ok", "retrying", "dead_lettered"
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN_ID = re.compile(r"(?!0{16})[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """When it was (nanoseconds since the epoch), what to call it so that a repeat meets it, and how it went."""

    at: int
    name: str
    outcome: str
    error: str | None
    duration_ms: int | None
    shown: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Thrown:
    """An exception by its type and message."""

    kind: str
    message: str

    @property
    def text(self) -> str:
        """Write it as most languages print it."""
        return ": ".join(part for part in (self.kind, self.message) if part)


def find_thrown(attributes: Attributes) -> Thrown | None:
    """Read the exception that attributes describe."""
    kind, message = (str(attributes.get(f"exception.{name}") or "").strip() for name in ("type", "message"))
    return Thrown(kind, message) if kind or message else None


def name_span(trace_id: str | None, span_id: str | None) -> str | None:
    """Name a span by its ids; None when they are not valid ones."""
    trace, span = (trace_id or "").lower(), (span_id or "").lower()
    return f"{trace}/{span}" if _TRACE_ID.fullmatch(trace) and _SPAN_ID.fullmatch(span) else None


def name_failure(span: str, thrown: Thrown) -> str:
    """Name a span's failure by its exception, for libraries may tell it in a log record as well."""
    # Spans have the type with its module, log records often without.
    return f"{span}/{fingerprint(thrown.kind.rpartition('.')[2], thrown.message).hex[:16]}"


def read_outcome(told: Told, otherwise: str) -> str:
    """Read how it went: what the sender says itself goes first, then where the broker put the message."""
    if said := told.near_retail("outcome"):
        return said
    if told.text("messaging.servicebus.disposition_status") == "dead_letter":
        return DEAD_LETTERED
    return otherwise


def show(told: Told, **more: Value) -> dict[str, Value]:
    """Choose what is shown beside the event."""
    told_more = {name: told.first(name) for name in SHOWN}
    return {name: value for name, value in (more | told_more).items() if value is not None}
