"""OTLP in protobuf: written as OTLP/JSON, so that both encodings are read alike (pure)."""

import math
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import msgspec
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from app.core.errors import PayloadError
from collectors.receivers.otlp_json import Record
from collectors.receivers.otlp_signals import Signal

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


def read_protobuf(signal: Signal, body: bytes, wanted: re.Pattern[bytes]) -> Iterator[Record | None]:
    """Find the records of a request; those without a wanted word are None, for writing them out is not free."""
    groups, scopes, records = signal.path
    index = 0
    for group in getattr(_parse(signal, body), groups):
        resource = to_json(group.resource)
        for part in getattr(group, scopes):
            scope = to_json(part.scope)
            for record in getattr(part, records):
                is_wanted = wanted.search(record.SerializeToString())
                yield Record(index, resource, scope, to_json(record)) if is_wanted else None
                index += 1


def to_json(message: Message) -> bytes:
    """Write a message by the JSON rules of OTLP: camel case, ids in hex, 64-bit integers as text, enums as integers."""
    return msgspec.json.encode(_plain(message))


def _parse(signal: Signal, body: bytes) -> Message:
    try:
        return signal.request.FromString(body)
    except DecodeError as error:
        raise PayloadError(f"not an OTLP request in protobuf: {error}", "Check the content type.") from None


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
