"""Walks protobuf without parsing what lies inside: the parts of a message, each as it was sent (pure)."""

from collections.abc import Iterator

from app.core.errors import PayloadError

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST_VARINT = 10


def read_fields(body: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Give the fields of a message in order; the bytes of numbers, which the tower walks past, are empty."""
    place, end = 0, len(body)
    while place < end:
        tag, place = _varint(body, place)
        kind, start = tag & 7, place
        if kind == _BYTES:
            length, start = _varint(body, place)
            place = start + length
        elif kind == _VARINT:
            _, place = _varint(body, place)
        elif kind in (_EIGHT, _FOUR):
            place += 8 if kind == _EIGHT else 4
        else:
            raise _broken(f"wire type {kind} at byte {place:,}")
        if place > end:
            raise _broken(f"it ends too early, after {end:,} bytes")
        yield tag >> 3, body[start:place] if kind == _BYTES else body[:0]


def write_field(number: int, content: bytes) -> bytes:
    """Write one field that has a length."""
    return _write_varint(number << 3 | _BYTES) + _write_varint(len(content)) + content


def _varint(body: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for position, byte in enumerate(body[place : place + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return value, place + position + 1
    raise _broken(f"no number at byte {place:,}")


def _write_varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _broken(what: str) -> PayloadError:
    return PayloadError(f"not an OTLP request in protobuf: {what}", "Check the content type.")
