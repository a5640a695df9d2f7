"""OTLP/JSON: the records of a request as they were sent, each beside its resource and scope (pure)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from app.core.errors import PayloadError
from collectors.receivers.json_lists import holds_more
from collectors.receivers.otlp_room import Room
from collectors.receivers.otlp_signals import Signal
from collectors.receivers.reasons import explain

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Record(msgspec.Struct, frozen=True, gc=False):
    """One span, log record or metric in JSON; `index` is its place in the request, from 0."""

    index: int
    resource: bytes
    scope: bytes
    body: bytes


class Broken(msgspec.Struct, frozen=True):
    """A part of a request that cannot be read: why, and a request of its own that holds it."""

    index: int
    reason: str
    body: bytes
    content_type: str = "application/json"


Found = Record | Broken | None

_decode_list = msgspec.json.Decoder(list[msgspec.Raw] | None).decode
_NOTHING, _NULL = msgspec.Raw(b"{}"), msgspec.Raw(b"null")


def read_json(signal: Signal, body: bytes, wanted: re.Pattern[bytes], room: Room) -> Iterator[Found]:
    """Find the records of a request; those without a wanted word are None."""
    groups, scopes, records = signal.json_path
    index = 0
    for group in _inside(body, "", groups, room)[1]:
        try:
            resource, parts = _inside(group, "resource", scopes, room)
            for part in parts:
                scope, inner = _inside(part, "scope", records, room)
                for each in inner:
                    record = Record(index, resource, scope, bytes(each))
                    yield _checked(signal, record, room) if wanted.search(record.body) else None
                    index += 1
        except PayloadError as error:
            # One group of the wrong shape takes no other with it.
            yield Broken(index, error.message, b'{"%s":[%s]}' % (groups.encode(), bytes(group)))
            index += 1


def _checked(signal: Signal, record: Record, room: Room) -> Found:
    reason = room.oversized(record.resource, record.scope, record.body)
    return Broken(record.index, reason, wrap(signal, record)) if reason else record


def decode(record_type: Any, body: bytes) -> Any:
    """Read one record, or raise a PayloadError that names the field; unknown fields are ignored."""
    try:
        return msgspec.json.decode(body, type=record_type)
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(body), "OTLP/JSON")) from None


def wrap(signal: Signal, record: Record) -> bytes:
    """Write a request that holds this record alone: what is kept of it, and what can be sent again."""
    groups, scopes, records = signal.json_path
    parts = (
        b'{"%s":[{"resource":' % groups.encode(),
        record.resource,
        b',"%s":[{"scope":' % scopes.encode(),
        record.scope,
        b',"%s":[' % records.encode(),
        record.body,
        b"]}]}]}",
    )
    return b"".join(parts)


def _inside(body: bytes | msgspec.Raw, beside: str, inner: str, room: Room) -> tuple[bytes, list[msgspec.Raw]]:
    """Open one level: what holds for all of it, and what it holds."""
    try:
        level = _decoder(beside, inner).decode(body)
        if level is None:
            return bytes(_NOTHING), []
        if holds_more(level.inner, room.max_records):
            raise room.too_many()
        found = _decode_list(level.inner) or []
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(body), "OTLP/JSON"), "Send an Export request of OTLP.") from None
    room.walk(len(found))
    return bytes(level.beside), found


@lru_cache(maxsize=16)
def _decoder(beside: str, inner: str) -> msgspec.json.Decoder[Any]:
    fields = [("beside", msgspec.Raw, _NOTHING), ("inner", msgspec.Raw, _NULL)]
    level: Any = msgspec.defstruct("Level", fields, rename={"beside": beside, "inner": inner})
    return msgspec.json.Decoder(level | None)
