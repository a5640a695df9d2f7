"""OTLP/JSON: the records of a request as they were sent, each beside its resource and scope (pure)."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from app.core.errors import PayloadError
from collectors.receivers.otlp_signals import Signal
from collectors.receivers.reasons import explain

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Record(msgspec.Struct, frozen=True, gc=False):
    """One span, log record or metric in JSON; `index` is its place in the request, from 0."""

    index: int
    resource: bytes
    scope: bytes
    body: bytes


_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw] | None).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw] | None).decode
_NOTHING = msgspec.Raw(b"{}")


def read_json(signal: Signal, body: bytes, wanted: re.Pattern[bytes]) -> list[Record | None]:
    """Find the records of a request; those without a wanted word are None."""
    try:
        found = enumerate(_walk(signal, body))
        return [Record(index, *parts) if wanted.search(parts[2]) else None for index, parts in found]
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(body), "OTLP/JSON"), "Send an Export request of OTLP.") from None


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


def _walk(signal: Signal, body: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    groups, scopes, records = signal.json_path
    for group in _children(_object(body), groups):
        around = _object(group)
        for part in _children(around, scopes):
            inside = _object(part)
            for record in _children(inside, records):
                yield bytes(around.get("resource", _NOTHING)), bytes(inside.get("scope", _NOTHING)), bytes(record)


def _object(body: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    return _decode_object(body) or {}


def _children(parent: dict[str, msgspec.Raw], name: str) -> list[msgspec.Raw]:
    return (_decode_list(parent[name]) if name in parent else None) or []
