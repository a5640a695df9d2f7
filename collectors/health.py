"""Connectors and queues as their pages show them (pure)."""

from dataclasses import dataclass
from datetime import datetime

from collectors.rules import Cadence, Lamp


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """One connector; figures are of the hour before the asked time."""

    name: str
    lamp: Lamp
    seen_at: datetime
    silence_seconds: float
    cadence: Cadence | None
    events: int
    attempts: int
    failed: int
    retries: int
    failure_rate: float | None
    clock_ahead_seconds: float | None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue; rates are messages a minute, None is unknown."""

    name: str
    broker: str
    lamp: Lamp
    depth: int | None
    oldest_seconds: float | None
    arrival: float | None
    service: float | None
    drain_seconds: float | None
    drain_low: float | None
    drain_high: float | None
    is_endless: bool
    dead_letters: int | None
    consumers: int | None
    sampled_at: datetime
