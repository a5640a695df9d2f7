"""Decisions of the admin pages: how the tower itself is doing, and what of a payload a reader may see (pure)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WORKER_SILENT = timedelta(seconds=60)
INBOX_LATE = timedelta(seconds=30)

LONGEST_SAMPLE = 20_000
_JSON_NAME = re.compile(r'("[^"\\]{1,60}"\s*:)')
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Level:
    """A state as pages show it: act, watch, unknown, ok or quiet, with its word."""

    level: str
    word: str


def worker_level(marked: Iterable[datetime], now: datetime) -> Level:
    """Say whether a worker is alive, by the latest mark that any job left."""
    latest = max(marked, default=None)
    if latest is None:
        return Level("unknown", "Never seen")
    return Level("act", "Silent") if now - latest > WORKER_SILENT else Level("ok", "Alive")


def inbox_level(oldest_at: datetime | None, limit: int, waiting: int, now: datetime) -> Level:
    """Say whether the inbox is worked off: by the age of what waits, then by how much."""
    if oldest_at is None:
        return Level("ok", "Empty")
    if waiting > limit:
        return Level("act", "Full")
    return Level("watch", "Behind") if now - oldest_at > INBOX_LATE else Level("ok", "Keeps up")


def job_level(error: str | None) -> Level:
    """Say how the last run of a job ended."""
    return Level("act", "Failed") if error else Level("ok", "Done")


def readable(body: bytes) -> str:
    """Turn raw bytes into text: what is not UTF-8 or cannot be printed is written as an escape."""
    text = body[:LONGEST_SAMPLE].decode("utf-8", "backslashreplace")
    shown = "".join(mark if mark.isprintable() or mark in "\n\t" else f"\\x{ord(mark):02x}" for mark in text)
    return shown + (f"\n… {len(body) - LONGEST_SAMPLE:,} bytes more" if len(body) > LONGEST_SAMPLE else "")


def masked(text: str) -> str:
    """Keep the shape and the field names of a payload and hide its values."""
    parts = _JSON_NAME.split(text)
    return "".join(part if place % 2 else _hide(part) for place, part in enumerate(parts))


def _hide(text: str) -> str:
    return _LETTER.sub("x", re.sub(r"\d", "0", text))
