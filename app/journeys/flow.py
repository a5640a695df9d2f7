"""The flow catalogue: what a journey should do, by when, who owns it and what lateness costs (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from app.events.keys import KeyRules
from app.journeys.calendar import Calendar

# A milestone, and the step that the way to it began at.
Leg = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Span:
    """A length of wall time, or of business time."""

    length: timedelta
    is_business: bool = False

    def end(self, start: datetime, days: Calendar) -> datetime:
        """When it is over."""
        return days.add(start, self.length) if self.is_business else start + self.length


@dataclass(frozen=True, eq=False)
class Step:
    """A step that the flow takes: how to speak of it, and whose it is."""

    name: str
    say: str
    owner: str
    action: str = ""


@dataclass(frozen=True, eq=False)
class Milestone(Step):
    """A step that is expected: after another one within a span, or by a promised time less a margin."""

    label: str = ""
    caption: str = ""
    after: str | None = None
    within: Span | None = None
    channels: Mapping[str, Span] | None = None
    by_promise: bool = False
    less: timedelta = timedelta(0)
    impact: str = "revenue"
    late: str = ""
    on_map: bool = True
    order: int = 0

    def due(
        self, start: datetime | None, promised_at: datetime | None, channel: str, days: Calendar
    ) -> datetime | None:
        """When it is due, given when its wait began and what was promised; None when nothing says so yet."""
        if self.by_promise:
            return promised_at - self.less if promised_at is not None else None
        span = self.span(channel)
        return span.end(start, days) if start is not None and span is not None else None

    def span(self, channel: str) -> Span | None:
        """How long the wait for it may last on a channel."""
        return self.channels.get(channel, self.within) if self.channels else self.within


@dataclass(frozen=True, eq=False)
class Flow:
    """One flow of the catalogue; `steps` holds all the steps it takes, milestones included.

    `guests` are steps of another kind of journey, `guest_names` the namespaces that name one of those; `hosts` are
    the namespaces that name the journey on whose timeline this flow's steps are guests (`concern.py`).
    """

    name: str
    kind: str
    keys: KeyRules
    calendar: Calendar
    milestones: tuple[Milestone, ...]
    steps: Mapping[str, Step]
    failures: Mapping[str, str]
    value_steps: frozenset[str]
    cancelled_by: frozenset[str]
    completed_by: frozenset[str]
    loss: tuple[tuple[float, float], ...]
    guests: frozenset[str] = frozenset()
    guest_names: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    @cached_property
    def by_name(self) -> dict[str, Milestone]:
        """Milestones by step."""
        return {milestone.name: milestone for milestone in self.milestones}

    @cached_property
    def last_first(self) -> tuple[Milestone, ...]:
        """Milestones from the last to the first."""
        return self.milestones[::-1]

    @cached_property
    def stages(self) -> tuple[Milestone, ...]:
        """The milestones that stand on the flow map."""
        return tuple(milestone for milestone in self.milestones if milestone.on_map)

    @cached_property
    def stage_index(self) -> dict[str, int]:
        """Place of each map stage."""
        return {stage.name: index for index, stage in enumerate(self.stages)}

    @cached_property
    def awaited(self) -> tuple[str | None, ...]:
        """What a journey waits for at each map stage: the next one, and nothing at the last."""
        return (*(stage.name for stage in self.stages[1:]), None)

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        """Milestones with the one that their way began at: the one that starts the deadline, or the one before."""
        names = [None, *(milestone.name for milestone in self.milestones)]
        return tuple((one.name, one.after or before) for one, before in zip(self.milestones, names, strict=False))

    @cached_property
    def legs_of(self) -> dict[str, tuple[Leg, ...]]:
        """The legs that end or begin at each milestone."""
        return {name: tuple(leg for leg in self.legs if name in leg) for name in self.by_name}

    @cached_property
    def takes(self) -> frozenset[str]:
        """Every step that belongs to a journey of this flow."""
        return frozenset(self.steps) | frozenset(self.failures)

    @cached_property
    def plain_steps(self) -> frozenset[str]:
        """Steps of which a fact says no more than that they were reached, and perhaps a promise."""
        plain = frozenset(step for step in self.steps if not step.startswith("message."))
        return plain - self.failures.keys() - self.value_steps

    def loss_at(self, age_seconds: float) -> float:
        """Chance that an order is lost when its oldest exception is this old."""
        for (younger, low), (older, high) in pairwise(self.loss):
            if age_seconds < older:
                share = max(0.0, age_seconds - younger) / (older - younger)
                return low + share * (high - low)
        return self.loss[-1][1]
