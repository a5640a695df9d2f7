"""What a metric is: a named question with a unit, dimensions, a definition sheet and a function that answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.core.clock import floor_minute

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Value = int | float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question at one or many times; `where` narrows by dimension, `by` parts the answer by dimension."""

    at: tuple[datetime, ...]
    window: timedelta
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    currency: str = "GBP"

    @property
    def minutes(self) -> int:
        """The window in whole minutes, for what is counted by the minute."""
        return max(1, -(-self.window // timedelta(minutes=1)))

    @property
    def windows(self) -> list[tuple[datetime, datetime]]:
        """The window before each asked time, in whole minutes."""
        ends = [floor_minute(at) for at in self.at]
        return [(end - timedelta(minutes=self.minutes), end) for end in ends]


@dataclass(frozen=True, slots=True)
class Group:
    """The answer for one combination of dimensions; `extra` holds the figures that belong beside it."""

    by: Mapping[str, str]
    value: Value
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as of one time: None is unknown, never zero; `coverage` is the share of it that is known."""

    at: datetime
    value: Value
    low: Value = None
    high: Value = None
    coverage: float | None = None
    data_age_seconds: float | None = None
    groups: tuple[Group, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A definition sheet: what stands behind the number, in words for its readers."""

    title: str
    question: str
    counts: str
    leaves_out: str
    window: str
    source: str
    age: str
    low_high: str
    extra: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of the catalogue; one call of `ask` gives one Answer for each asked time, in that order."""

    name: str
    unit: str
    dimensions: tuple[str, ...]
    window: timedelta
    sheet: Sheet
    ask: Callable[["Session", Asked], list[Answer]]

    def unit_in(self, currency: str) -> str:
        """Write the unit out: money names its currency."""
        return f"money:{currency}" if self.unit == "money" else self.unit
