"""One sentence over connectors, queues and the depth chart: what is wrong, since when, how much (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.web.filters import count, duration, percent
from collectors.health import ConnectorRow, QueueRow
from collectors.rules import SHAKY_SHARE

SHOWN_QUEUES = 4
Points = Sequence[tuple[datetime, float | None]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence with its level."""

    level: str
    text: str
    note: str


def find_in_connectors(rows: Sequence[ConnectorRow]) -> Finding:
    """Say which connector needs somebody, or that all of them speak as they usually do."""
    worst = rows[0]
    lit = [row for row in rows if row.lamp.level in ("act", "watch")]
    learning = sum(row.lamp.level == "unknown" for row in rows)
    if lit:
        note = f"{len(lit)} of {_many(len(rows), 'connector')} need a look." if len(rows) > 1 else ""
        return Finding(worst.lamp.level, _about_connector(worst), note)
    if learning:
        text = f"{learning} of {_many(len(rows), 'connector')} too new to judge"
        return Finding("unknown", text, "A rhythm takes a few minutes of events to learn.")
    return Finding("quiet", "Every connector speaks as often as it usually does", _many(len(rows), "connector") + ".")


def _about_connector(row: ConnectorRow) -> str:
    if row.lamp.word in ("Down", "Late") and row.cadence:
        silence, usual = duration(row.silence_seconds), duration(row.cadence.usual_seconds)
        return f"{row.name} has been silent for {silence}, usually {usual}"
    if (row.failure_rate or 0) >= SHAKY_SHARE:
        return (
            f"{percent(row.failure_rate)} of {count(row.attempts)} attempts through {row.name} failed in the last hour"
        )
    return f"{row.name} is {row.lamp.word.lower()}"


def find_in_queues(rows: Sequence[QueueRow]) -> Finding:
    """Say which queue needs somebody, or how much waits in all and that it drains."""
    worst = rows[0]
    waiting = sum(row.depth or 0 for row in rows)
    rest = f"{_many(waiting, 'message')} in {_many(len(rows), 'queue')}."
    if worst.lamp.level in ("act", "watch"):
        return Finding(worst.lamp.level, _about_queue(worst), rest)
    if worst.lamp.level == "unknown":
        return Finding("unknown", f"Nothing certain is known of {worst.name}: {worst.lamp.word.lower()}", rest)
    return Finding("quiet", "Every queue drains" if waiting else "Every queue is empty", rest if waiting else "")


def _about_queue(row: QueueRow) -> str:
    waiting = f"{_many(row.depth or 0, 'message')} in {row.name}"
    if row.lamp.word == "Not served":
        return f"{waiting}, and nobody serves it"
    if row.lamp.word == "Never drains":
        return f"{waiting}: it never drains at present rates"
    if row.lamp.word == "Dead letters":
        return f"{_many(row.dead_letters or 0, 'dead letter')} in {row.name}"
    return f"{waiting}: {duration(row.drain_seconds)} to drain"


def deepest(depths: Mapping[str, Points]) -> list[str]:
    """Pick the few queues that were deepest, so that the chart can be read."""
    peaks = {name: max((value or 0 for _, value in points), default=0) for name, points in depths.items()}
    return sorted(peaks, key=lambda name: (-peaks[name], name))[:SHOWN_QUEUES]


def find_in_depths(depths: Mapping[str, Points], window: timedelta) -> str:
    """Name the queue that changed most through the window, as the chart's title."""
    ends = {name: known for name, points in depths.items() if len(known := [v for _, v in points if v is not None]) > 1}
    if not ends:
        return "Depth of queues"
    name = max(ends, key=lambda one: (abs(ends[one][-1] - ends[one][0]), one))
    first, last = ends[name][0], ends[name][-1]
    if first == last:
        return f"Queues are as deep as {duration(window)} ago"
    return f"{name} {'grew' if last > first else 'shrank'} from {count(first)} to {count(last)} in {duration(window)}"


def _many(number: int, thing: str) -> str:
    return f"{count(number)} {thing}" if number == 1 else f"{count(number)} {thing}s"
