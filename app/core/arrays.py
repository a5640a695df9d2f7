"""Array parameters for PostgreSQL, written as literals: several times faster than adapting lists element by element."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})


def array(values: Iterable[Any]) -> str:
    """Write an array literal of texts, whole numbers, truths, times, UUIDs, bytes or nulls."""
    return "{" + ",".join([_WRITERS.get(type(value), _unknown)(value) for value in values]) + "}"


def arrays(**columns: Iterable[Any]) -> dict[str, str]:
    """Write the columns of rows as array literals, by parameter name."""
    return {name: array(values) for name, values in columns.items()}


def _text(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"' if "\\" in value or '"' in value else f'"{value}"'


def _bytes(value: bytes) -> str:
    return f'"\\\\x{value.hex()}"'


def _time(value: datetime) -> str:
    return f'"{value.isoformat()}"'


def _unknown(value: object) -> str:
    raise TypeError(f"no array literal for {type(value).__name__}")


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    bool: str,
    bytes: _bytes,
    datetime: _time,
    UUID: lambda value: f"{value.int:032x}",
    type(None): lambda _: "NULL",
}
