"""OTLP in protobuf: written as OTLP/JSON, so that both encodings are read alike (pure)."""

import math
import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from app.core.errors import PayloadError
from collectors.receivers.otlp_json import Broken, Found, Record
from collectors.receivers.otlp_room import Room
from collectors.receivers.otlp_signals import Encoding, Signal
from collectors.receivers.wire import read_fields, write_field

CONTENT_TYPE = Encoding.PROTOBUF.value
# All three signals number their parts alike: groups in the request, then what surrounds and what is inside.
_GROUPS, _BESIDE, _INNER = 1, 1, 2
HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})
_BIG = frozenset(
    {
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED64,
        FieldDescriptor.TYPE_SINT64,
    }
)


def read_protobuf(signal: Signal, body: bytes, wanted: re.Pattern[bytes], room: Room) -> Iterator[Found]:
    """Find the records of a request; only those with a wanted word are parsed, each by itself."""
    index = 0
    for group in _inside(memoryview(body), room, inner=_GROUPS)[1]:
        try:
            resource, parts = _inside(group, room)
            for part in parts:
                scope, records = _inside(part, room)
                for each in records:
                    yield _record(signal, index, resource, scope, bytes(each), room) if wanted.search(each) else None
                    index += 1
        except PayloadError as error:
            # One group of the wrong shape takes no other with it.
            yield Broken(index, error.message, write_field(_GROUPS, bytes(group)), CONTENT_TYPE)
            index += 1


def to_json(message: Message) -> bytes:
    """Write a message by the JSON rules of OTLP: camel case, ids in hex, 64-bit integers as text, enums as integers."""
    return msgspec.json.encode(_plain(message))


def _inside(body: memoryview, room: Room, inner: int = _INNER) -> tuple[bytes, list[memoryview]]:
    """Open one level: what holds for all of it, and what it holds."""
    beside: list[memoryview] = []
    found: list[memoryview] = []
    for number, content in read_fields(body):
        room.walk()
        if number == inner:
            found.append(content)
        elif number == _BESIDE:
            beside.append(content)
    return b"".join(beside), found


def _record(signal: Signal, index: int, resource: bytes, scope: bytes, body: bytes, room: Room) -> Found:
    reason = room.oversized(resource, scope, body)
    if reason is None:
        try:
            return Record(index, _resource(resource), _scope(scope), to_json(signal.record.FromString(body)))
        except DecodeError as error:
            reason = f"the {signal.counted} cannot be read: {error}"
    alone = write_field(_BESIDE, resource) + write_field(
        _INNER, write_field(_BESIDE, scope) + write_field(_INNER, body)
    )
    return Broken(index, reason, write_field(_GROUPS, alone), CONTENT_TYPE)


@lru_cache(maxsize=16)
def _resource(body: bytes) -> bytes:
    return to_json(Resource.FromString(body))


@lru_cache(maxsize=16)
def _scope(body: bytes) -> bytes:
    return to_json(InstrumentationScope.FromString(body))


def _plain(message: Message) -> dict[str, Any]:
    return {field.json_name: _field(field, value) for field, value in message.ListFields()}


def _field(field: FieldDescriptor, value: Any) -> Any:
    return [_one(field, each) for each in value] if field.is_repeated else _one(field, value)


def _one(field: FieldDescriptor, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return _plain(value)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return value.hex() if field.name in HEX_FIELDS else b64encode(value).decode()
    if field.type in _BIG:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
