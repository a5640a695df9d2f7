"""The flow map's channels, stages and cells, out of what the tower has read (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.money import Money
from app.exceptions.bands import BANDS
from app.exceptions.causes import system_name
from app.exceptions.names import channel_name
from app.journeys.flow import Flow, Milestone
from app.metrics.metric import Answer, Group
from app.tower.links import exceptions_link, orders_link
from app.tower.readings import FlowReadings
from app.tower.rules import Stretch, stretch_state, stretch_word
from app.tower.usual import Place
from app.web.filters import duration, money, short_money
from app.web.flow import Cell, Channel, Stage
from app.web.frame import Frame

TIGHT = timedelta(hours=1)  # legs between systems: orders choke there, so their words get more room
HOUR = timedelta(hours=1)
NAMELESS = "No channel"
YOUNG = [band.name for band in BANDS if band.until_seconds and band.until_seconds <= HOUR.total_seconds()]


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """What flow_map draws, and the stretches that its cells were judged by."""

    channels: tuple[Channel, ...]
    stages: tuple[Stage, ...]
    cells: Mapping[Place, Cell]
    stretches: Mapping[Place, Stretch]


def picture_of(flow: Flow, readings: FlowReadings, at: datetime, currency: str, frame: Frame) -> FlowPicture:
    """Put every channel on the map that has, or lately had, orders on their way."""
    found = _Found(flow, readings, at, currency)
    channels = _channels(found)
    stages = tuple(_stage(found, stage, channels) for stage in flow.stages)
    stretches, cells = {}, {}
    for channel in channels:
        for stage in flow.stages[1:]:
            place = (channel.id, stage.name)
            stretches[place] = found.stretch(stage, channel.id)
            cells[place] = _cell(found, stage, place, stretches[place], frame)
    return FlowPicture(channels, stages, cells, stretches)


def target_of(stage: Milestone, channel: str = "") -> str:
    """Write how long the leg may take."""
    if stage.by_promise:
        return "by promise"
    span = (stage.channels or {}).get(channel, stage.within)
    if span is None:
        return ""
    return f"{span.length / HOUR:g} bh" if span.is_business else duration(span.length)


class _Found:
    """Readings by channel and step."""

    def __init__(self, flow: Flow, readings: FlowReadings, at: datetime, currency: str) -> None:
        self.flow, self.at, self.currency = flow, at, currency
        self.seen, self.systems = readings.seen, readings.systems
        self.is_known = readings.in_flight.value is not None
        self.reached, self.latency = _placed(readings.reached), _placed(readings.latency)
        self.day = _placed(readings.day)
        self.in_flight, self.failing = _placed(readings.in_flight), _placed(readings.failing)
        self.silent, self.usual = readings.silent, readings.usual
        self.held: dict[Place, list[Group]] = {}
        for group in readings.open.groups:
            self.held.setdefault((group.by["channel"], group.by["step"]), []).append(group)

    def gross(self, place: Place) -> Money:
        """What the held orders are worth."""
        return Money(sum(group.extra["gross"] for group in self.held.get(place, ())), self.currency)

    def has_values(self, place: Place) -> bool:
        """Say whether the worth of any held order is known."""
        return any(group.extra["coverage"] for group in self.held.get(place, ()))

    def per_minute(self, place: Place) -> float | None:
        """Orders a minute of late; none at all is zero only where anything is known."""
        group = self.reached.get(place)
        return round(float(group.value or 0), 1) if group else 0.0 if self.is_known else None

    def count(self, place: Place, *kinds: str, is_young: bool = False) -> int:
        """How many orders are held, by what they met with; the young ones only since an hour ago."""
        groups = [group for group in self.held.get(place, ()) if not kinds or group.by["kind"] in kinds]
        return sum(int(group.value or 0) for group in groups if not is_young or group.by["age"] in YOUNG)

    def is_busy(self, place: Place) -> bool:
        """Say whether anything is, or lately came, on this stretch."""
        if place[1] not in self.flow.stage_index:
            return False
        groups = (self.in_flight.get(place), self.reached.get(place), *self.held.get(place, ()))
        return any(group is not None and group.value for group in groups)

    def silence(self, place: Place) -> float | None:
        """Seconds since anything last reached the stage."""
        seen = self.seen.get(place)
        return (self.at - seen).total_seconds() if seen else None

    def stretch(self, stage: Milestone, channel: str) -> Stretch:
        """Gather what a stretch is judged by."""
        place, first = (channel, stage.name), (channel, self.flow.stages[0].name)
        flight, tried = self.in_flight.get(place), self.failing.get(place)
        placed = self.day.get(first)
        is_source = self.flow.stage_index[stage.name] == 1 and first in self.silent
        failed, rejected = self.count(place, "failed"), self.count(place, "dead-lettered")
        return Stretch(
            in_flight=int(flight.value or 0) if flight else 0 if self.is_known else None,
            failed=failed,
            rejected=rejected,
            overdue=self.count(place) - failed - rejected,
            young=self.count(place, is_young=True),
            struck=self.count(place, "failed", "dead-lettered", is_young=True),
            gross=int(self.gross(place).major),
            hourly=60 * float(placed.value or 0) if placed else 0.0,
            attempts=tried.extra["attempts"] if tried else 0,
            refused=tried.extra["failed"] if tried else 0,
            quiet_seconds=self.silence(first if is_source else place),
            usual=self.usual.at(place),
            is_silent=place in self.silent,
            is_cash=stage.impact == "cash",
            # What the middleware has accepted lies in its queue.
            is_queued=self.flow.stage_index[stage.name] == 2,
            is_source_silent=is_source,
        )


def _placed(answer: Answer) -> dict[Place, Group]:
    return {(group.by["channel"], group.by["step"]): group for group in answer.groups}


def _channels(found: _Found) -> tuple[Channel, ...]:
    first = found.flow.stages[0].name
    places = {*found.in_flight, *found.reached, *found.day}
    # Orders whose channel nobody has told have a line while there are any.
    known = {channel for channel, step in places if channel or found.is_busy((channel, step))}
    channels = [Channel(one, channel_name(one) or NAMELESS, found.per_minute((one, first))) for one in known]
    return tuple(sorted(channels, key=lambda channel: (not channel.id, channel.name)))


def _stage(found: _Found, stage: Milestone, channels: Sequence[Channel]) -> Stage:
    served = tuple(found.systems.get((channel.id, stage.name), "") for channel in channels)
    is_one = bool(found.flow.stage_index[stage.name]) and len(set(served)) == 1 and bool(served[0])
    name, target = system_name(served[0]) if is_one else stage.caption, target_of(stage)
    caption = f"{name} · {target}" if target and target not in name else name
    is_tight = stage.within is not None and not stage.within.is_business and stage.within.length <= TIGHT
    return Stage(stage.name, stage.label, caption, 1.5 if is_tight else 1.0, served)


def _cell(found: _Found, stage: Milestone, place: Place, one: Stretch, frame: Frame) -> Cell:
    state = stretch_state(one)
    is_lit = state in ("act", "watch")
    value = found.gross(place) if found.has_values(place) else None
    pace = found.latency.get(place)
    p95 = float(pace.value) if pace and pace.value is not None else None
    per_minute = found.per_minute(place)
    if is_lit and not per_minute:
        p95 = None  # nothing passes: how fast the last ones were would only soothe
    word = stretch_word(one) if is_lit else f"quiet {duration(one.quiet_seconds)}" if state == "unknown" else ""
    return Cell(
        state=state,
        in_flight=one.in_flight,
        waiting=one.held if is_lit else 0,  # the map is grey until somebody is needed; the table tells them all
        value=money(value) if one.held and value else "",
        short_value=short_money(value) if one.held and value else "",
        p95=duration(p95) if p95 is not None else "",
        target="" if stage.by_promise else target_of(stage, place[0]),
        per_minute=per_minute,
        open=one.held,
        word=word,
        href=exceptions_link(frame, *place) if is_lit else orders_link(frame, *place),
        of_target=_of_target(stage, place[0], p95),
    )


def _of_target(stage: Milestone, channel: str, p95: float | None) -> float | None:
    """Wall time cannot be held against business hours, nor a promise of each order's own."""
    span = (stage.channels or {}).get(channel, stage.within)
    if p95 is None or span is None or span.is_business:
        return None
    return p95 / span.length.total_seconds()
