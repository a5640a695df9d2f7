"""Time: the one clock, vendor times and floors."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(s|m|h|d)$")


def utc_now() -> datetime:
    """Read the clock; called at entry points only."""
    return datetime.now(UTC)


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time; one without a zone is refused, for nobody can know what it means."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time {text!r} has no zone: add Z or an offset")
    return moment.astimezone(UTC)


def floor_time(moment: datetime, step: timedelta) -> datetime:
    """Round down to a whole step since the epoch."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)


def floor_minute(moment: datetime) -> datetime:
    """Round down to the minute."""
    return moment.replace(second=0, microsecond=0)


def parse_duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `4h` or `3d`."""
    match = _DURATION.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write a number and s, m, h or d, such as 15m")
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
