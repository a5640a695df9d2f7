"""What the flow map and its table show: channels, stages, the cells where they cross, and the fold of the quiet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["act", "watch", "unknown", "ok"]


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    per_minute: float | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stop of every line: `share` is its leg's part of the way, `systems` what serves each channel there."""

    id: str
    name: str
    caption: str
    share: float
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One channel at one stage: what is under way in the leg before it and what is held back."""

    state: State
    in_flight: int | None
    waiting: int
    value: str
    short_value: str
    p95: str
    target: str
    per_minute: float | None
    open: int
    word: str
    href: str
    of_target: float | None = None  # p95 ÷ target, where both are known


Cells = Mapping[tuple[str, str], Cell]
QUIET = "quiet-channels"


def fold_quiet(
    channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, limit: int = 6
) -> tuple[tuple[Channel, ...], tuple[Stage, ...], Cells]:
    """Keep every lit channel and the busiest quiet ones; the rest become one line; more than `limit` only when lit."""
    if len(channels) <= limit:
        return tuple(channels), tuple(stages), cells
    lit = {channel.id for channel in channels if _is_lit(channel, stages, cells)}
    room = max(limit - 1 - len(lit), 0)
    busiest = sorted((c for c in channels if c.id not in lit), key=lambda c: (-(c.per_minute or 0.0), c.id))
    kept = lit | {channel.id for channel in busiest[:room]}
    folded = [channel for channel in channels if channel.id not in kept]
    if len(folded) < 2:
        return tuple(channels), tuple(stages), cells
    rows = [row for row, channel in enumerate(channels) if channel.id in kept]
    line = Channel(QUIET, f"{len(folded)} quiet channels", _sum(channel.per_minute for channel in folded))
    shown = (*(channels[row] for row in rows), line)
    return shown, tuple(_restage(stage, rows) for stage in stages), {**cells, **_folded_cells(folded, stages, cells)}


def _is_lit(channel: Channel, stages: Sequence[Stage], cells: Cells) -> bool:
    return any(cells[channel.id, stage.id].state != "ok" for stage in stages if (channel.id, stage.id) in cells)


def _restage(stage: Stage, rows: Sequence[int]) -> Stage:
    """The folded line stands for many systems, so it shares a capsule with nobody."""
    systems = tuple(stage.systems[row] if row < len(stage.systems) else "" for row in rows)
    return Stage(stage.id, stage.name, stage.caption, stage.share, (*systems, ""))


def _folded_cells(folded: Sequence[Channel], stages: Sequence[Stage], cells: Cells) -> dict[tuple[str, str], Cell]:
    out = {}
    for stage in stages:
        parts = [cells[channel.id, stage.id] for channel in folded if (channel.id, stage.id) in cells]
        if parts:
            in_flight = [part.in_flight for part in parts if part.in_flight is not None]
            out[QUIET, stage.id] = Cell(
                state="ok",
                in_flight=sum(in_flight) if in_flight else None,
                waiting=0,
                value="",
                short_value="",
                p95="",
                target="",
                per_minute=_sum(part.per_minute for part in parts),
                open=sum(part.open for part in parts),
                word="",
                href="",
            )
    return out


def _sum(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return round(sum(known), 1) if known else None
