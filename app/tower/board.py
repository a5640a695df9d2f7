"""One look at the tower: its regions share what has been read of the asked moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from app.exceptions.names import place_phrase
from app.exceptions.queries import ExceptionGroup
from app.exceptions.selection import as_of
from app.journeys.catalogue import order_flow
from app.metrics.metric import Answer
from app.settings import Settings
from app.tower import queries
from app.tower.changes import Change, changes_of
from app.tower.flow import FlowPicture, picture_of
from app.tower.headline import Headline, headline_of, loudest_place, urgency, worst_group
from app.tower.memory import Memory
from app.tower.readings import Shared
from app.tower.strip import Queue, Tile, rank_queues, strip_of
from app.tower.trend import DAY, Trend, calm_trend, failing_trend, falling_behind_trend
from app.tower.usual import Usual
from app.web.dependencies import AskedAt
from app.web.filters import reader_locale
from app.web.flow_map import DESK, PHONE, flow_legend, flow_map, fold_quiet
from app.web.flow_table import flow_table
from app.web.frame import Frame

MOST_GROUPS = 10


class Board:
    """Reads lazily and once: a page asks for every region, a fragment for its own."""

    def __init__(self, session: Session, memory: Memory, asked: AskedAt, frame: Frame, settings: Settings) -> None:
        self.session, self.memory, self.frame = session, memory, frame
        self.at: datetime = asked.at
        self.window: timedelta = asked.window
        self.currency = settings.reporting_currency
        self.flow = order_flow(settings.flow_dir)

    def regions(self, *names: str) -> dict[str, Any]:
        """Fill regions by their names, written for the reader."""
        made: dict[str, Callable[[], Any]] = {
            "strip": self.strip,
            "headline": self.headline,
            "map": self.map,
            "first": self.first,
            "trend": self.trend,
            "changes": self.changes,
        }
        token = reader_locale.set(self.frame.locale)
        try:
            filled = {name: made[name]() for name in names}
            is_known = self.opened[-1].value is not None
            return {"at": self.at, "window": self.window, "is_known": is_known, **filled}
        finally:
            reader_locale.reset(token)

    def strip(self) -> list[Tile]:
        """The six figures."""
        shared = Shared(self.opened, self.depths, self.drain, self.failing, self.usual)
        readings = queries.read_strip(self.session, self.memory, self.at, self.window, shared)
        return strip_of(readings, self.window, self.currency, self.frame)

    def headline(self) -> Headline:
        """The sentence on top."""
        age = self.opened[-1].data_age_seconds
        return headline_of(self.flow, self.groups, self.picture, self.queues, age, self._deadlines, self.at)

    def map(self) -> dict[str, Any]:
        """The flow map for desk and phone, its legend, and the same as a table; None before the first order."""
        channels, stages, cells = self.picture.channels, self.picture.stages, self.picture.cells
        shown = fold_quiet(channels, stages, cells)
        return {
            "desk": flow_map(*shown, DESK),
            "phone": flow_map(*shown, PHONE),
            "legend": flow_legend(*shown, DESK),
            "table": flow_table(channels, stages, cells) if channels else None,
        }

    def first(self) -> dict[str, Any]:
        """The causes to work on first."""
        ranked = sorted(self.groups, key=urgency)
        rows = [(group, place_phrase(group.channels, group.returns)) for group in ranked[:MOST_GROUPS]]
        return {"rows": rows, "groups": len(ranked), "orders": self.opened[-1].value, "lit": worst_group(ranked)}

    def trend(self) -> Trend | None:
        """The chart of the worst matter, or of calm orders; None before the first."""
        worst = worst_group(self.groups)
        place = loudest_place(self.picture) if worst is None else None
        step = worst.step if worst else place[1] if place else None
        if step is None or step not in self.flow.steps:
            return self._calm_trend()
        _, width = queries.buckets(self.at, self.window)
        answers = queries.read_attempts(self.session, self.memory, step, self.at, self.window)
        return failing_trend(self.flow, step, answers, width) or self._falling_behind(step) or self._calm_trend()

    def changes(self) -> list[Change]:
        """What changed within the window."""
        return changes_of(
            queries.read_beats(self.session, self.memory, self.at),
            queries.read_connectors(self.session, self.memory, self.at, self.window),
            queries.list_alert_changes(self.session, self.at - self.window, self.at),
            self.depths,
            self.groups,
            self.at,
            self.window,
            self.frame,
        )

    @cached_property
    def groups(self) -> tuple[ExceptionGroup, ...]:
        """Everything open, by cause."""
        return queries.read_groups(self.session, as_of(self.session, self.at, self.currency), self.usual)

    @cached_property
    def usual(self) -> Usual:
        """What is held back at this hour of other days."""
        return queries.read_usual(self.session, self.memory, self.at, self.currency)

    @cached_property
    def picture(self) -> FlowPicture:
        """The cells of the map."""
        readings = queries.read_flow(self.session, self.memory, self.at, self.window, self.failing, self.usual)
        return picture_of(self.flow, readings, self.at, self.currency, self.frame)

    @cached_property
    def depths(self) -> list[Answer]:
        """How deep the queues were."""
        return queries.read_depths(self.session, self.memory, self.at, self.window)

    @cached_property
    def drain(self) -> Answer:
        """When the queues will be empty."""
        return queries.read_drains(self.session, self.at)

    @cached_property
    def failing(self) -> Answer:
        """What share of attempts fails."""
        return queries.read_failing(self.session, self.at)

    @cached_property
    def queues(self) -> list[Queue]:
        """The queues, the worst first."""
        return rank_queues(self.depths[-1], self.drain)

    @cached_property
    def opened(self) -> list[Answer]:
        """How many orders needed help, each once."""
        return queries.read_open(self.session, self.memory, self.at, self.window)

    def _deadlines(self) -> Answer:
        return queries.read_next_deadlines(self.session, self.at)

    def _falling_behind(self, step: str) -> Trend | None:
        place = self.flow.stage_index.get(step)
        if not place:
            return None
        before = self.flow.by_name[step].after or self.flow.stages[place - 1].name
        entered, left = (
            queries.read_reached(self.session, self.memory, name, self.at, self.window) for name in (before, step)
        )
        return falling_behind_trend(self.flow, step, entered, left, queries.buckets(self.at, self.window)[1])

    def _calm_trend(self) -> Trend | None:
        back = DAY if self.window <= DAY else 7 * DAY
        first = self.flow.stages[0].name
        now = queries.read_reached(self.session, self.memory, first, self.at, self.window)
        before = queries.read_reached(self.session, self.memory, first, self.at, self.window, back)
        return calm_trend(now, before, self.window, back)
