"""Array parameters for PostgreSQL, written as one value: many times faster than adapting lists element by element."""

from collections.abc import Callable, Iterable
from datetime import datetime
from struct import Struct
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})
_NULL = type(None)
_BYTEA_OID = 17
_LENGTH = Struct("!i").pack
# One dimension, whether there are nulls, the elements' type; then how many elements, and the number of the first.
_HEADER = Struct("!iiiii").pack


class ByteArray:
    """An array of bytes in PostgreSQL's binary form, as `array_recv` reads it: half as long as a literal."""

    __slots__ = ("packed",)

    def __init__(self, values: list[bytes | None]) -> None:
        parts = [_HEADER(1, None in values, _BYTEA_OID, len(values), 1)]
        for value in values:
            parts += (_LENGTH(-1),) if value is None else (_LENGTH(len(value)), value)
        self.packed = b"".join(parts)


class _ByteArrayDumper(Dumper):
    format = Format.BINARY
    oid = 1001  # bytea[]

    def dump(self, obj: ByteArray) -> bytes:
        """Hand over what is written already."""
        return obj.packed


def register_arrays() -> None:
    """Let the driver take them; an engine copies the adapters that are known when it is made."""
    psycopg.adapters.register_dumper(ByteArray, _ByteArrayDumper)


def array(values: Iterable[Any]) -> str | ByteArray:
    """Write an array of texts, whole numbers, truths, times in UTC, UUIDs or bytes, all of one kind, or nulls."""
    every = list(values)
    kinds = set(map(type, every)) - {_NULL}
    if not kinds:
        return "{" + ",".join(["NULL"] * len(every)) + "}"
    write = _WRITERS.get(kinds.pop())
    if write is None or kinds:
        raise TypeError(f"no array literal for {sorted({type(value).__name__ for value in every})}")
    return write(every)


def arrays(**columns: Iterable[Any]) -> dict[str, str | ByteArray]:
    """Write the columns of rows as arrays, by parameter name."""
    return {name: array(values) for name, values in columns.items()}


def literal(values: list[Any]) -> str:
    """Write a literal of numbers, truths, times or UUIDs: JSON's lists of these mean the same to PostgreSQL."""
    return "{" + msgspec.json.encode(values)[1:-1].decode() + "}"


def _texts(values: list[str | None]) -> str:
    if None in values:
        return "{" + ",".join(["NULL" if value is None else _quoted([value]) for value in values]) + "}"
    return "{" + _quoted(values) + "}"


def _quoted(values: list[Any]) -> str:
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.translate(_ESCAPES) for value in values])
    return f'"{joined}"'


_WRITERS: dict[type, Callable[[list[Any]], str | ByteArray]] = {
    str: _texts,
    bytes: ByteArray,
    int: literal,
    bool: literal,
    datetime: literal,
    UUID: literal,
}
