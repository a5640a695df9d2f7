"""Keyset paging: a page of rows, and the opaque cursor that leads to the next one (pure)."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from app.core.errors import PayloadError

Row = TypeVar("Row")
MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of a list; `after` leads to the next page and is None on the last."""

    rows: tuple[Row, ...]
    after: str | None


def cut_page(rows: Sequence[Row], limit: int, place: Callable[[Row], tuple[str, ...]]) -> Page[Row]:
    """Make a page of `limit` rows out of one row more; `place` names where a row stands in the order."""
    kept = tuple(rows[:limit])
    return Page(kept, write_cursor(place(kept[-1])) if len(rows) > limit else None)


def write_cursor(parts: Sequence[str]) -> str:
    """Pack a place in a list into something that survives a URL."""
    return base64.urlsafe_b64encode(json.dumps(list(parts), separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str, parts: int) -> tuple[str, ...]:
    """Unpack a place in a list; a cursor that we did not write is refused."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(part, str) for part in found):
        raise PayloadError("this page marker is not ours", "Begin again without `after`.")
    return tuple(found)


def read_place(cursor: str) -> tuple[datetime, UUID]:
    """Unpack a place in a list that is ordered by time and id."""
    at, last = read_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(last)
    except (ValueError, OverflowError):
        raise PayloadError("this page marker is not ours", "Begin again without `after`.") from None
