"""What the tower has read of one moment: answers of the catalogue, still without judgement (pure)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.metrics.metric import Answer
from app.tower.usual import Place, Usual


@dataclass(frozen=True, slots=True)
class Shared:
    """Answers that several regions speak of: over the window, or of the asked time."""

    open: Sequence[Answer]
    depth: Sequence[Answer]
    drain: Answer
    failing: Answer
    usual: Usual


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
    usual: Usual


@dataclass(frozen=True, slots=True)
class FlowReadings:
    """What the map shows, by channel and step: `day` is of a day; `silent` says nothing though it should."""

    open: Answer
    in_flight: Answer
    latency: Answer
    reached: Answer
    failing: Answer
    day: Answer
    seen: Mapping[tuple[str, ...], datetime]
    silent: Collection[tuple[str, ...]]
    usual: Usual
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
    """When each connector was last heard, and which say nothing though they should."""

    seen: Mapping[str, datetime]
    silent: Collection[str]
