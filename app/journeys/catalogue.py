"""Reads flow files (YAML) into flows, with errors that name line and field."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.core.clock import parse_duration
from app.core.documents import DocumentError, FieldError, read_document
from app.core.errors import NotFoundError
from app.events.keys import KeyRules
from app.journeys.calendar import Calendar
from app.journeys.flow import Flow, Milestone, Span, Step

SHIPPED = Path(__file__).resolve().parents[1] / "flows"
STEP_NAME = re.compile(r"^[a-z]+(\.[a-z_]+)+$")


def _span(value: object) -> Span:
    text = str(value)
    if text.endswith("bh"):
        return Span(parse_duration(text[:-2] + "h"), is_business=True)
    return Span(parse_duration(text))


def _wall(value: object) -> timedelta:
    return parse_duration(str(value))


def _step(value: object) -> object:
    if not isinstance(value, str) or not STEP_NAME.match(value):
        raise ValueError(f"{value!r} is not a step: write dotted lower-case words, such as order.placed")
    return value


StepName = Annotated[str, BeforeValidator(_step)]
AnySpan = Annotated[Span, BeforeValidator(_span)]
WallSpan = Annotated[timedelta, BeforeValidator(_wall)]
Point = tuple[WallSpan, Annotated[float, Field(ge=0, le=1)]]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


class CalendarFile(_Model):
    """The calendar of a flow file."""

    country: str = "GB"
    subdivision: str | None = None
    zone: str = "UTC"
    opens: time = time(0)
    closes: time | None = None


class StepFile(_Model):
    """A step of a flow file."""

    say: str
    owner: str
    action: str = ""


class MilestoneFile(StepFile):
    """A milestone of a flow file."""

    label: str
    caption: str = ""
    after: StepName | None = None
    within: AnySpan | None = None
    channels: dict[str, AnySpan] = {}
    by: Literal["promised_at"] | None = None
    less: WallSpan = timedelta(0)
    impact: Literal["revenue", "cash"] = "revenue"
    late: str = ""
    on_map: bool = Field(True, alias="map")

    @model_validator(mode="after")
    def _has_one_deadline(self) -> Self:
        if self.by and (self.after or self.within):
            raise ValueError("has two deadlines: keep either `after` and `within`, or `by`")
        if bool(self.after) != bool(self.within):
            raise ValueError("`after` and `within` go together")
        return self


class GuestsFile(_Model):
    """Steps of another kind of journey in a flow file, and the namespaces that name one of those journeys."""

    steps: list[StepName]
    named_by: list[str]


class FlowFile(_Model):
    """A flow file as it is written."""

    flow: str
    journey: Literal["order", "return"]
    calendar: CalendarFile = CalendarFile()
    keys: dict[str, Literal["anchor", "identity", "shared", "facet"]]
    junk: list[str] = []
    milestones: dict[StepName, MilestoneFile]
    steps: dict[StepName, StepFile] = {}
    failures: dict[StepName, StepName] = {}
    value: list[StepName]
    cancelled_by: list[StepName] = []
    completed_by: list[StepName]
    loss: list[Point] = Field(min_length=1)
    guests: GuestsFile = GuestsFile(steps=[], named_by=[])
    hosts: list[str] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if Counter(self.keys.values())["anchor"] != 1:
            raise FieldError(("keys",), "declare exactly one namespace as anchor")
        for path, step in self._mentions():
            if step not in self.milestones and step not in self.steps:
                raise FieldError(path, f"{step!r} is not a step of this flow")
        for path, name, kind in self._named():
            if self.keys.get(name) != kind:
                raise FieldError(path, f"{name!r} is not a {kind} key of this flow")
        ages = [age for age, _ in self.loss]
        if ages != sorted(set(ages)):
            raise FieldError(("loss",), "ages must rise from point to point")
        return self

    def _mentions(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for name, milestone in self.milestones.items():
            if milestone.after:
                yield ("milestones", name, "after"), milestone.after
        for field in ("value", "cancelled_by", "completed_by"):
            for place, step in enumerate(getattr(self, field)):
                yield (field, place), step
        for failure, step in self.failures.items():
            yield ("failures", failure), step
        for place, step in enumerate(self.guests.steps):
            yield ("guests", "steps", place), step

    def _named(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        for place, name in enumerate(self.guests.named_by):
            yield ("guests", "named_by", place), name, "facet"
        for place, name in enumerate(self.hosts):
            yield ("hosts", place), name, "shared"


def read_flow(text: str, name: str = "flow.yaml") -> Flow:
    """Turn a flow file into a flow; DocumentError lists every problem with its line and field."""
    file = read_document(text, FlowFile, name)
    milestones = tuple(_milestone(step, file.milestones[step], place) for place, step in enumerate(file.milestones))
    steps: dict[str, Step] = {milestone.name: milestone for milestone in milestones}
    steps |= {step: Step(step, one.say, one.owner, one.action) for step, one in file.steps.items()}
    return Flow(
        name=file.flow,
        kind=file.journey,
        keys=KeyRules(file.keys, frozenset(value.lower() for value in file.junk)),
        calendar=Calendar(**file.calendar.model_dump()),
        milestones=milestones,
        steps=steps,
        failures=file.failures,
        value_steps=frozenset(file.value),
        cancelled_by=frozenset(file.cancelled_by),
        completed_by=frozenset(file.completed_by),
        loss=tuple((age.total_seconds(), chance) for age, chance in file.loss),
        guests=frozenset(file.guests.steps),
        guest_names=frozenset(file.guests.named_by),
        hosts=frozenset(file.hosts),
    )


def _milestone(step: str, file: MilestoneFile, place: int) -> Milestone:
    return Milestone(
        name=step,
        say=file.say,
        owner=file.owner,
        action=file.action,
        label=file.label,
        caption=file.caption,
        after=file.after,
        within=file.within,
        channels=file.channels,
        by_promise=file.by is not None,
        less=file.less,
        impact=file.impact,
        late=file.late,
        on_map=file.on_map,
        order=place,
    )


@lru_cache(maxsize=8)
def load_flows(folder: Path = SHIPPED) -> tuple[Flow, ...]:
    """Read every flow of a folder; one flow a kind of journey."""
    flows, problems = [], []
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if not re.search(r"(?m)^flow:", text):
            continue
        try:
            flows.append(read_flow(text, path.name))
        except DocumentError as error:
            problems += error.problems
    kinds = Counter(flow.kind for flow in flows)
    problems += [f"{folder.name}: {count} flows for journey {kind!r}" for kind, count in kinds.items() if count > 1]
    problems += [problem for flow in flows for problem in _strangers(flow, flows)]
    if problems:
        raise DocumentError(problems)
    return tuple(flows)


def _strangers(flow: Flow, flows: Sequence[Flow]) -> list[str]:
    """Trouble at a guest step is left to the flow whose step it is, so there must be one."""
    known = frozenset[str]().union(*(other.steps for other in flows if other is not flow))
    return [f"{flow.name}: guest {step!r} is a step of no other flow" for step in sorted(flow.guests - known)]


def flow_of_kind(kind: str, folder: Path | None = None) -> Flow:
    """The flow of one kind of journey."""
    found = next((flow for flow in load_flows(folder or SHIPPED) if flow.kind == kind), None)
    if found is None:
        raise NotFoundError(f"no flow is about journeys of the kind {kind!r}", "Add one to the folder of flows.")
    return found


def order_flow(folder: Path | None = None) -> Flow:
    """The flow of orders."""
    return flow_of_kind("order", folder)
