"""What the tower has read of one moment: answers of the catalogue, still without judgement (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.metrics.metric import Answer

Place = tuple[str, str]  # channel, step
USUAL = timedelta(hours=4)  # how long one looks to say what is usual


@dataclass(frozen=True, slots=True)
class Shared:
    """Answers that several regions speak of: over the window, or of the asked time."""

    open: Sequence[Answer]
    depth: Sequence[Answer]
    drain: Answer
    failing: Answer


@dataclass(frozen=True, slots=True)
class StripReadings:
    """Answers over the window, oldest first: the first is of the window's beginning, the last of the asked time."""

    at_risk: Sequence[Answer]
    late: Sequence[Answer]
    due: Sequence[Answer]
    open: Sequence[Answer]
    depth: Sequence[Answer]
    drain: Answer
    events: Sequence[Answer]
    failing: Answer


@dataclass(frozen=True, slots=True)
class FlowReadings:
    """What the map shows, by channel and step: `day` is of a day, `rhythm` of these hours."""

    open: Answer
    in_flight: Answer
    latency: Answer
    reached: Answer
    failing: Answer
    day: Answer
    rhythm: Sequence[Mapping[tuple[str, ...], float]]
    seen: Mapping[tuple[str, ...], datetime]
    systems: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that began or ended to fire."""

    at: datetime
    is_over: bool
    sentence: str
    severity: str


@dataclass(frozen=True, slots=True)
class Beats:
    """When each connector was last heard, and how often it usually is: yesterday and today."""

    seen: Mapping[str, datetime]
    rhythm: Sequence[Mapping[tuple[str, ...], float]]
