"""Tries a mapping on a message, as its door would, and keeps nothing (pure)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from app.core.documents import DocumentError
from app.core.errors import PayloadError
from collectors.receivers.cloudevents_normalise import Limits, Mode, normalise
from collectors.receivers.mapped import WEBHOOK_DOOR, apply, event_message, webhook_message
from collectors.receivers.mapping import Mapping
from collectors.receivers.mapping_file import read_mapping
from collectors.receivers.terms import Message
from collectors.receivers.translate import translate


@dataclass(frozen=True, slots=True)
class Made:
    """One native event that came out: in a line, and as it would be sent."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: how the message was read, whether the pattern takes it, the events, and every problem."""

    read_as: str = ""
    miss: str = ""
    made: tuple[Made, ...] = ()
    problems: tuple[str, ...] = ()


def try_mapping(document: str, payload: str, limits: Limits, now: datetime) -> Trial:
    """Read the document, then the message by it; a CloudEvent is known by its specversion."""
    try:
        mapping = read_mapping(document.replace("\r\n", "\n"), limits.steps)
    except DocumentError as error:
        return Trial(problems=tuple(error.problems))
    body = payload.strip().encode()
    if not body:
        return Trial(problems=("Paste a message, or pick one that was set aside",))
    try:
        message, read_as, miss = _read(mapping, body, limits)
    except PayloadError as error:
        return Trial(problems=(f"message: {error.message}",))
    mapped = apply(mapping, message, body, limits, now)
    made = tuple(_made(native) for _, native in translate(mapping, message).documents if _is_good(native, limits, now))
    return Trial(read_as, miss, made, tuple(problem.message for problem in mapped.problems))


def _read(mapping: Mapping, body: bytes, limits: Limits) -> tuple[Message, str, str]:
    event = webhook_message(body, mapping.name, limits)["data"]
    if not (isinstance(event, dict) and "specversion" in event):
        door = f"{WEBHOOK_DOOR}/{mapping.name}"
        return webhook_message(body, mapping.name, limits), f"a webhook body, as {door} would take it", ""
    message = event_message(body, limits)
    known = {name: message[name] if isinstance(message[name], str) else None for name in ("type", "source")}
    if mapping.takes({**known, "door": "/v1/events"}):
        return message, "a CloudEvent, as /v1/events would take it", ""
    miss = f"Its match does not take this message: type is {known['type']!r}, source is {known['source']!r}."
    return message, "a CloudEvent", miss


def _is_good(native: Message, limits: Limits, now: datetime) -> bool:
    return bool(normalise(Mode.STRUCTURED, msgspec.json.encode(native), (), limits, now).events)


def _made(native: Message) -> Made:
    shown = _without_nothing(native)
    keys = [f"{name} {key if isinstance(key, str) else ', '.join(key)}" for name, key in shown["data"]["keys"].items()]
    title = " · ".join([str(shown["type"]).removeprefix("retail."), *keys])
    return Made(title, json.dumps(shown, indent=2, ensure_ascii=False))


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(one) for name, one in value.items() if one is not None}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value
