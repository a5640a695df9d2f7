"""Array parameters for PostgreSQL, written as literals: several times faster than adapting lists element by element."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})
_NULL = type(None)


def array(values: Iterable[Any]) -> str:
    """Write an array literal of texts, whole numbers, truths, times, UUIDs or bytes, all of one kind, or nulls."""
    listed = list(values)
    kinds = set(map(type, listed))
    is_sparse = _NULL in kinds
    kinds.discard(_NULL)
    if not kinds:
        return "{" + ",".join(["NULL"] * len(listed)) + "}"
    write = _WRITERS.get(kinds.pop())
    if write is None or kinds:
        raise TypeError(f"no array literal for {sorted({type(value).__name__ for value in listed})}")
    if is_sparse:
        return "{" + ",".join(["NULL" if value is None else write([value]) for value in listed]) + "}"
    return "{" + write(listed) + "}"


def arrays(**columns: Iterable[Any]) -> dict[str, str]:
    """Write the columns of rows as array literals, by parameter name."""
    return {name: array(values) for name, values in columns.items()}


def _texts(values: list[str]) -> str:
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.translate(_ESCAPES) for value in values])
    return f'"{joined}"'


def _bytes(values: list[bytes]) -> str:
    return '"\\\\x' + '","\\\\x'.join([value.hex() for value in values]) + '"'


def _times(values: list[datetime]) -> str:
    return '"' + '","'.join([value.isoformat() for value in values]) + '"'


_WRITERS: dict[type, Callable[[list[Any]], str]] = {
    str: _texts,
    int: lambda values: ",".join(map(str, values)),
    bool: lambda values: ",".join(map(str, values)),
    bytes: _bytes,
    datetime: _times,
    UUID: lambda values: ",".join(["%032x" % value.int for value in values]),  # noqa: UP031 - twice as fast
}
