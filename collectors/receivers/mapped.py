"""Messages that are no native events → events, by a mapping and then the native reading (pure)."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from app.core.errors import PayloadError
from app.events.event import Event, Refusal
from collectors.receivers.cloudevents_normalise import UNREADABLE, Limits, Mode, Reading, normalise
from collectors.receivers.mapping import Mapping, choose
from collectors.receivers.native import PREFIX
from collectors.receivers.reasons import explain
from collectors.receivers.terms import Message
from collectors.receivers.translate import MappingError, translate

WEBHOOK_DOOR = "/v1/map"
RAW = "raw"
_ATTRIBUTES = ("id", "source", "type", "time", "subject")
_ABSENT = {"specversion", "datacontenttype", "dataschema", "data", "data_base64", *_ATTRIBUTES}

Mappings = Callable[[], Sequence[Mapping]]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a message became, and what of it could not be read."""

    events: list[Event] = field(default_factory=list)
    problems: list[PayloadError] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """The first problem, and how many there are beside it."""
        more = len(self.problems) - 1
        text = f"{self.problems[0].message}{f' (and {more:,} more)' if more else ''}"
        return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def map_foreign(reading: Reading, door: str, mappings: Mappings, limits: Limits, now: datetime) -> Reading:
    """Try the mappings on what was refused for being no native event; what none takes stays refused."""
    if not any(_foreign_type(refusal.body, limits.steps) for refusal in reading.refusals):
        return reading
    known = mappings()
    events, refusals = list(reading.events), []
    for refusal in reading.refusals:
        kind = _foreign_type(refusal.body, limits.steps)
        mapped = _map_event(refusal.body, kind, door, known, limits, now) if kind else None
        if mapped is None:
            refusals.append(_unmapped(refusal, kind))
            continue
        events += mapped.events
        if mapped.problems:
            refusals.append(msgspec.structs.replace(refusal, reason=mapped.reason))
    is_unreadable = reading.is_unreadable and not events and bool(refusals)
    return Reading(events, refusals, is_unreadable)


def read_webhook(body: bytes, mapping: Mapping, limits: Limits, now: datetime) -> Reading:
    """Read a webhook's body by a mapping; a body that is no JSON is a PayloadError.

    What the mapping cannot read is set aside and counts as taken: the sender can do nothing about it.
    """
    mapped = apply(mapping, webhook_message(body, mapping.name, limits), body, limits, now)
    refusals = [Refusal(0, mapped.reason, body, form=RAW)] if mapped.problems else []
    return Reading(mapped.events, refusals)


def apply(mapping: Mapping, message: Message, payload: bytes, limits: Limits, now: datetime) -> Mapped:
    """Translate a message, and read each document that it became as if it had been sent natively."""
    translation = translate(mapping, message)
    made = Mapped(problems=list(translation.problems))
    for item, document in translation.documents:
        reading = normalise(Mode.STRUCTURED, msgspec.json.encode(document), (), limits, now)
        made.events.extend(msgspec.structs.replace(event, payload=payload) for event in reading.events)
        for refusal in reading.refusals:
            place = mapping.place_of(refusal.reason)
            made.problems.append(MappingError(mapping.name, place, refusal.reason, item))
    return made


def event_message(body: bytes, limits: Limits) -> Message:
    """Make the message that expressions see out of a structured CloudEvent."""
    event = _decode(body, limits)
    if not isinstance(event, dict):
        raise PayloadError("not a CloudEvent: send a JSON object")
    message: Message = {name: event.get(name) for name in _ATTRIBUTES}
    content = _from_base64(event["data_base64"]) if event.get("data_base64") else event.get("data")
    extensions = {name: value for name, value in event.items() if name not in _ABSENT}
    return message | {"data": content, "extensions": extensions}


def webhook_message(body: bytes, name: str, limits: Limits) -> Message:
    """Make the message that expressions see out of a webhook's body."""
    named = {"id": blake2b(body, digest_size=16).hexdigest(), "source": f"{WEBHOOK_DOOR}/{name}"}
    return {**dict.fromkeys(_ATTRIBUTES), **named, "data": _decode(body, limits), "extensions": {}}


def _map_event(
    body: bytes, kind: str, door: str, mappings: Iterable[Mapping], limits: Limits, now: datetime
) -> Mapped | None:
    try:
        message = event_message(body, limits)
    except PayloadError as error:
        return Mapped(problems=[error])
    source = message["source"] if isinstance(message["source"], str) else None
    mapping = choose(mappings, {"type": kind, "source": source, "door": door})
    return apply(mapping, message, body, limits, now) if mapping else None


class _Kind(msgspec.Struct):
    type: Any = None
    specversion: Any = None


_decode_kind = msgspec.json.Decoder(_Kind).decode


def _foreign_type(body: bytes, steps: frozenset[str]) -> str:
    """The type of a CloudEvent that is about no step we know; empty for anything else."""
    try:
        found = _decode_kind(body)
    except UNREADABLE:
        return ""
    kind = found.type if isinstance(found.type, str) and found.specversion else ""
    return "" if kind.startswith(PREFIX) and kind.removeprefix(PREFIX) in steps else kind


def _unmapped(refusal: Refusal, kind: str) -> Refusal:
    """A type that is none of ours needs a mapping, whatever else the native reading would have wanted of it."""
    if not kind or kind.startswith(PREFIX):
        return refusal
    advice = "no mapping takes it: write one under Admin, Mappings, or send a native step"
    return msgspec.structs.replace(refusal, reason=f"unknown step {kind[:200]!r}: {advice}")


def _decode(body: bytes, limits: Limits) -> Any:
    if len(body) > limits.max_event_bytes:
        raise PayloadError(f"the message has {len(body):,} bytes, at most {limits.max_event_bytes:,} are taken")
    try:
        return msgspec.json.decode(body)
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(body))) from None


def _from_base64(text: Any) -> Any:
    try:
        return msgspec.json.decode(b64decode(text, validate=True))
    except (ValueError, TypeError, RecursionError):
        raise PayloadError("data_base64 is no JSON in base64: a mapping cannot look into it") from None
