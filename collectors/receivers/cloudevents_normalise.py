"""CloudEvents 1.0 in four forms → events, and refusals that say what to mend (pure)."""

import re
from array import array
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import accumulate
from typing import Any

import msgspec

from app.core.errors import PayloadError, TooLargeError
from app.events.event import Event, Refusal
from collectors.receivers.binary import to_structured
from collectors.receivers.json_lists import holds_more
from collectors.receivers.native import MAX_NAME, Envelope, Profile, to_event
from collectors.receivers.reasons import explain

MAX_DEPTH = 64
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Mode(Enum):
    """How events lie in a request: CloudEvents' three content modes, and one event a line."""

    BATCHED = "batched"
    STRUCTURED = "structured"
    BINARY = "binary"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a door takes: known steps, the size of an event, how many at once, and how many values in all of them."""

    steps: frozenset[str]
    max_event_bytes: int = 1024 * 1024
    max_events: int = 20_000
    max_values: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request held; `is_unreadable` when there was nothing to tell good from bad by."""

    events: list[Event]
    refusals: list[Refusal]
    is_unreadable: bool = False


class _Names(msgspec.Struct):
    id: Any = None
    source: Any = None


_LINE = re.compile(rb"\S[^\n]*")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.S)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_BACKSLASH = ord("\\")
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_decode_envelope = msgspec.json.Decoder(Envelope).decode
_decode_profile = msgspec.json.Decoder(Profile).decode
_decode_names = msgspec.json.Decoder(_Names).decode
_decode_batch = msgspec.json.Decoder(list[msgspec.Raw]).decode


def normalise(mode: Mode, body: bytes, headers: Iterable[tuple[str, str]], limits: Limits, now: datetime) -> Reading:
    """Read one request: the good events, and each bad one with its place, reason and bytes."""
    # There is a comma between two values: in a short body there is no need to count them.
    if len(body) > limits.max_values and body.count(b",") > limits.max_values:
        raise TooLargeError(f"more than {limits.max_values:,} values in one request", "Send smaller batches.")
    if mode is Mode.BATCHED:
        return _read_batch(body, limits, now)
    if mode is Mode.LINES:
        return read_lines(_split_lines(body), limits, now)
    if mode is Mode.BINARY:
        return _read_binary(body, headers, limits, now)
    return _read_one(body, limits, now)


def read_lines(lines: Iterable[tuple[int, bytes]], limits: Limits, now: datetime) -> Reading:
    """Read numbered lines of one structured event each; empty lines count as lines and nothing else."""
    return _collect(((number, stripped) for number, line in lines if (stripped := line.strip())), limits, now)


def _read_batch(body: bytes, limits: Limits, now: datetime) -> Reading:
    try:
        if holds_more(body, limits.max_events):
            raise _too_many(limits)
        items = _decode_batch(body)
    except UNREADABLE as error:
        return Reading([], [refuse(0, explain(error, len(body)), body)], is_unreadable=True)
    return _collect(enumerate(map(bytes, items)), limits, now)


def _read_binary(body: bytes, headers: Iterable[tuple[str, str]], limits: Limits, now: datetime) -> Reading:
    try:
        return _read_one(to_structured(headers, body), limits, now)
    except PayloadError as error:
        return Reading([], [refuse(0, error.message, body)], is_unreadable=True)


def _read_one(body: bytes, limits: Limits, now: datetime) -> Reading:
    reading = _collect([(0, body)], limits, now)
    return reading if reading.events else Reading([], reading.refusals, is_unreadable=True)


def _collect(items: Iterable[tuple[int, bytes]], limits: Limits, now: datetime) -> Reading:
    reading = Reading([], [])
    for taken, (index, body) in enumerate(items):
        if taken >= limits.max_events:
            raise _too_many(limits)
        try:
            reading.events.append(_read_event(body, limits, now))
        except PayloadError as error:
            reading.refusals.append(refuse(index, error.message, body))
    return reading


def _split_lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Number the lines that hold something, one after another: a request may be nothing but ends of lines."""
    number = place = 0
    for line in _LINE.finditer(body):
        number += body.count(b"\n", place, line.start())
        place = line.start()
        yield number, line[0]


def _too_many(limits: Limits) -> TooLargeError:
    return TooLargeError(f"more than {limits.max_events:,} events in one request", "Send smaller batches.")


def _read_event(body: bytes, limits: Limits, now: datetime) -> Event:
    if len(body) > limits.max_event_bytes:
        raise PayloadError(f"the event has {len(body):,} bytes, at most {limits.max_event_bytes:,} are taken")
    try:
        envelope = _decode_envelope(body)
        examine(body)
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(body))) from None
    profile = envelope.data if envelope.data_base64 is None else _read_base64(envelope)
    return to_event(envelope, profile, body, limits.steps, now)


def _read_base64(envelope: Envelope) -> Profile:
    if envelope.data is not None:
        raise PayloadError("the event has both data and data_base64: send one of them")
    try:
        body = b64decode(envelope.data_base64 or "", validate=True)
    except ValueError:
        raise PayloadError("data_base64 is not base64: send data as a JSON object") from None
    try:
        profile = _decode_profile(body)
        examine(body)
    except UNREADABLE as error:
        raise PayloadError(f"data: {explain(error, len(body))}") from None
    return profile


def examine(body: bytes) -> None:
    """Refuse what later readers could not hold: deep nesting, NUL characters, text that is not UTF-8."""
    if not body.isascii():
        body.decode()
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        # All but brackets goes: what remains are the steps up and down.
        steps = array("b", _STRING.sub(b"", body).translate(_STEPS, _NO_BRACKETS))
        if max(accumulate(steps), default=0) > MAX_DEPTH:
            raise PayloadError(f"the event is nested deeper than {MAX_DEPTH} levels: send it flatter")
    # One byte is found far faster than six, fastest as a number, and most events hold no backslash.
    if _BACKSLASH in body and b"\\u0000" in body and _NUL.search(body):
        raise PayloadError(r"the event holds a NUL character (\u0000): remove it")


def refuse(index: int, reason: str, body: bytes) -> Refusal:
    """Set bytes aside with the reason, named by source and id where these can be read."""
    try:
        names = _decode_names(body)
    except UNREADABLE:
        names = _Names()
    return Refusal(index, reason.replace("\0", "\N{REPLACEMENT CHARACTER}"), body, _name(names.source), _name(names.id))


def _name(value: Any) -> str | None:
    return value[:MAX_NAME].replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else None
