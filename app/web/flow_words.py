"""The words on the flow map, cut to the room they have; the full sentence stands in each cell's title."""

from collections.abc import Sequence

from markupsafe import Markup

from app.web.flow import Cell, Channel, Stage
from app.web.flow_shapes import Plan

_WIDE = 0.58  # of the type size: an average letter of the interface face, a little generously


def fit(text: str, room: float, type_size: float) -> str:
    """Cut a text so that it stays inside its room."""
    letters = int(room / (type_size * _WIDE))
    if len(text) <= letters:
        return text
    return text[: max(letters - 1, 1)].rstrip(" ·,") + "…"


def per_minute(rate: float | None) -> str:
    return "rate unknown" if rate is None else f"{rate:,.3g} / min"


def stage_name(at: Plan, stages: Sequence[Stage], s: int, is_lit: bool) -> Markup:
    size = at.size
    if size.turned:
        first_word = stages[s].name.split(" ")[0]
        return _text("flow-stage", 0, at.along[s] + 4, fit(first_word, size.head + size.pitch * 0.3 - 13, size.type))
    mark, x = " is-lit" if is_lit else "", at.along[s] if s else at.along[s] - 2
    anchor = "middle" if s else "start"
    captions = [stage.caption if size.quiet_words else stage.caption.split(" · ")[0] for stage in stages]
    small = size.type * (1 if size.quiet_words else 0.84)
    name = fit(stages[s].name, _head_room(at, [stage.name for stage in stages], s, size.type + 1), size.type + 1)
    room = _head_room(at, captions, s, small)
    is_long = len(captions[s]) * small * _WIDE > room
    caption = fit(captions[s].split(" · ")[0] if is_long else captions[s], room, small)
    return _text(f"flow-stage{mark}", x, size.head * 0.3, name, anchor) + _text(
        f"flow-caption{mark}", x, size.head * 0.62, caption, anchor
    )


def _head_room(at: Plan, texts: Sequence[str], s: int, type_size: float) -> float:
    """A centred text may reach to what its neighbours leave, and always half of the way."""
    half = [len(text) * type_size * _WIDE / 2 for text in texts]
    if s == 0:
        return max(at.along[1] - at.along[0] - half[1] - 8, 24)
    reach = [at.along[s] - at.along[s - 1] - (half[s - 1] if s > 1 else 2 * half[0])]
    if s + 1 < len(texts):
        reach.append(at.along[s + 1] - at.along[s] - half[s + 1])
    nearest = min(at.along[i] - at.along[i - 1] for i in (s, s + 1) if i < len(texts))
    return min(max(2 * min(reach) - 8, nearest - 8, 24), 2 * (at.width - at.along[s]))


def channel_name(at: Plan, channel: Channel, row: int) -> Markup:
    size, b = at.size, at.across[row]
    if size.turned:
        market, _, region = channel.name.rpartition(" ")
        rate = "" if channel.per_minute is None else f"{channel.per_minute:,.3g}"
        below = f"{region if market else ''} {rate}".strip()
        room = size.pitch - 4
        return _text("flow-channel", b, 18, fit(market or channel.name, room, 13), "middle") + _text(
            "flow-caption", b, 34, fit(below, room, size.type), "middle"
        )
    gap = size.pitch / 72
    room = at.along[0] - 12
    return _text("flow-channel", 0, b - 3 * gap, fit(channel.name, room, size.type * 1.08)) + _text(
        "flow-caption", 0, b + 14 * gap, fit(per_minute(channel.per_minute), room, size.type)
    )


def wide_words(at: Plan, cell: Cell, s: int, row: int, line: int) -> Markup:
    """Above the line the value that waits, below it how many and what; a quiet cell says in flight and p95."""
    size = at.size
    x = at.along[s - 1] + size.capsule / 2 + size.indent * 0.5
    room = at.along[s] - size.capsule / 2 - x
    above, below = at.across[row] - line - size.above, at.across[row] + line + size.below
    if cell.waiting > 0:
        value = cell.short_value if size.short_values else cell.value
        large = size.type * (1.6 if cell.state == "act" else 1.1)
        if len(value) * large * _WIDE > room:
            value = cell.short_value
        note = fit(f"{cell.waiting:,} {cell.word}".strip(), room, size.type)
        tail = f" · p95 {cell.p95}" if cell.p95 and size.quiet_words else ""
        if (len(note) + len(tail)) * size.type * _WIDE > room * 0.85:
            tail = ""  # further right the swelling is broad
        quiet = Markup('<tspan class="flow-quiet">{}</tspan>').format(tail) if tail else Markup()
        return _text(f"flow-value is-{cell.state}", x, above, fit(value, room, large)) + _text(
            f"flow-note is-{cell.state}", x, below, Markup("{}{}").format(note, quiet)
        )
    if cell.word:
        return _text(f"flow-note is-{cell.state}", x, below, fit(cell.word, room, size.type))
    if not size.quiet_words:
        return Markup()
    return _text("flow-note", x, below, quiet_note(cell, room, size.type))


def turned_words(at: Plan, cell: Cell, s: int, row: int) -> Markup:
    size = at.size
    middle = (at.along[s - 1] + at.along[s]) / 2
    x = at.across[row] + size.indent
    room = min(size.pitch * 0.72 - size.indent + 8, at.width - x)
    if cell.waiting > 0:
        large = 16 if cell.state == "act" else 13
        return _text(f"flow-value is-{cell.state}", x, middle - 6, fit(cell.short_value, room, large)) + _text(
            f"flow-note is-{cell.state}", x, middle + 10, fit(f"{cell.waiting:,}", room, size.type)
        )
    quiet = "unknown" if cell.in_flight is None else f"{cell.in_flight:,}"
    text = cell.word.split(",")[0] if cell.word else quiet
    return _text(f"flow-note is-{cell.state}", x, middle + 4, fit(text, room, size.type))


def quiet_note(cell: Cell, room: float, type_size: float) -> str:
    """In flight and p95; where that is too long the smaller unit goes, then p95."""
    if cell.in_flight is None:
        return fit("unknown", room, type_size)
    count = f"{cell.in_flight:,}"
    largest = " ".join(cell.p95.split(" ")[:2])
    wanted = (f"{count} · {cell.p95}", f"{count} · {largest}") if cell.p95 else ()
    return next((text for text in wanted if len(text) * type_size * _WIDE <= room), fit(count, room, type_size))


def describe(channel: Channel, stage: Stage, cell: Cell) -> str:
    """The cell in one sentence: what a pointer and a screen reader get."""
    held = f"{cell.waiting:,} {cell.word}, {cell.value or 'value unknown'} waiting; " if cell.waiting > 0 else ""
    word = f"{cell.word}; " if cell.word and not held else ""
    flight = "in flight unknown" if cell.in_flight is None else f"{cell.in_flight:,} in flight"
    pace = f", p95 {cell.p95}" + (f" of {cell.target}" if cell.target else "") if cell.p95 else ""
    return f"{channel.name}, {stage.name}: {held}{word}{flight}{pace}, {cell.open:,} open exceptions"


def _text(cls: str, x: float, y: float, words: str, anchor: str = "start") -> Markup:
    end = Markup(' text-anchor="{}"').format(anchor) if anchor != "start" else Markup()
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}"{}>{}</text>').format(cls, x, y, end, words)
