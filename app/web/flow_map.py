"""The flow map: one SVG from (channels, stages, cells, size); flow_table.py says the same as a table.

A leg is the stroke from one stage to the next, as thick as the orders a minute that entered it. A swelling is drawn in
a leg whose cell holds orders back. A station is a tick; neighbouring rows that one system serves are joined into one
capsule, so it is seen at once which lines share a fate. Silence is dashed. State chooses a class and an icon; it never
moves anything.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from app.web.flow import Cell, Cells, Channel, Stage, State, fold_quiet
from app.web.flow_shapes import DESK, PHONE, WALL, Plan, Size, capsule_box, drop_path, plan
from app.web.flow_words import channel_name, describe, stage_name, turned_words, wide_words

__all__ = [
    "DESK",
    "PHONE",
    "WALL",
    "Cell",
    "Cells",
    "Channel",
    "Size",
    "Stage",
    "State",
    "flow_legend",
    "flow_map",
    "fold_quiet",
]

ICONS = "/static/img/icons.svg"
_LEGEND = Markup(
    '<div class="legend" aria-hidden="true">'
    '<span><svg viewBox="0 0 28 14"><path class="flow-leg" d="M0 7h28" stroke-width="{:g}"/></svg>'
    "{:g} orders / min</span>"
    '<span><svg viewBox="0 0 36 14"><path d="M0 7C16 7 18 1 29 1c4 0 6 2 6 6s-2 6-6 6C18 13 16 7 0 7z"/></svg>'
    "orders held back</span>"
    '<span><svg viewBox="0 0 12 14"><rect class="flow-hub is-ok" x="1.5" y="1" width="9" height="12" rx="4.5"/></svg>'
    "one system, several channels</span><span>grey: in flight · p95</span></div>"
)


def flow_map(channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, size: Size) -> Markup:
    """Draw the map; with no channel or no leg there is nothing to draw and the page shows its empty state."""
    if not channels or len(stages) < 2:
        return Markup()
    at = _plan(channels, stages, cells, size)
    legs = [(row, s) for row in range(len(channels)) for s in range(1, len(stages))]
    layers: list[Markup] = [
        *(_guide(at, along) for along in at.along),
        *(_leg(at, channels, stages, cells, row, s) for row, s in legs),
        *(_drop(at, channels, stages, cells, row, s) for row, s in legs),
        *(part for s in range(len(stages)) for part in _stations(at, channels, stages[s], cells, s)),
        *(stage_name(at, stages, s, _is_lit(stage, channels, cells)) for s, stage in enumerate(stages)),
        *(channel_name(at, channel, row) for row, channel in enumerate(channels)),
        *(_cell(at, channels, stages, cells, row, s) for row, s in legs),
    ]
    wide = " is-wide" if at.width > size.width else ""
    return Markup(
        '<svg class="flow flow-{}{}" viewBox="0 0 {:g} {:g}" width="{:g}" height="{:g}" role="group"'
        ' aria-label="Flow map: orders by channel and stage; the same as a table below">{}</svg>'
    ).format(size.name, wide, at.width, at.height, at.width, at.height, Markup("\n").join(layers))


def flow_legend(channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, size: Size) -> Markup:
    """What the map's shapes mean, with the present scale."""
    if not channels or len(stages) < 2:
        return Markup()
    at = _plan(channels, stages, cells, size)
    half = at.full_rate / 2
    return _LEGEND.format(min(at.thickness(half), 14), half)


def _plan(channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, size: Size) -> Plan:
    rates = [*(channel.per_minute for channel in channels), *(cell.per_minute for cell in cells.values())]
    longest = max(len(channel.name) for channel in channels)
    return plan(
        size,
        [stage.share for stage in stages],
        len(channels),
        longest,
        rates,
        [cell.waiting for cell in cells.values()],
    )


def _entering(channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, row: int, s: int) -> float | None:
    """Orders a minute that entered the leg before stage s: what got through the one before."""
    channel = channels[row]
    return channel.per_minute if s == 1 else cells[channel.id, stages[s - 1].id].per_minute


def _guide(at: Plan, along: float) -> Markup:
    margin = at.size.pitch * (0.3 if at.size.turned else 0.5)
    first, last = at.xy(along, at.across[0] - margin), at.xy(along, at.across[-1] + margin)
    return Markup('<path class="flow-guide" d="M{}L{}"/>').format(first, last)


def _leg(at: Plan, channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, row: int, s: int) -> Markup:
    silent = " is-unknown" if cells[channels[row].id, stages[s].id].state == "unknown" else ""
    line = at.thickness(_entering(channels, stages, cells, row, s))
    begin, end = at.xy(at.along[s - 1], at.across[row]), at.xy(at.along[s], at.across[row])
    return Markup('<path class="flow-leg{}" stroke-width="{:g}" d="M{}L{}"/>').format(silent, line, begin, end)


def _drop(at: Plan, channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, row: int, s: int) -> Markup:
    cell = cells[channels[row].id, stages[s].id]
    if cell.waiting <= 0:
        return Markup()
    line = at.thickness(_entering(channels, stages, cells, row, s))
    path = drop_path(at, at.along[s - 1], at.along[s], at.across[row], line, cell.waiting)
    return Markup('<path class="flow-drop is-{}" d="{}"/>').format(cell.state, path)


def _stations(at: Plan, channels: Sequence[Channel], stage: Stage, cells: Cells, s: int) -> Iterator[Markup]:
    states = [cells[channel.id, stage.id].state if s else "ok" for channel in channels]
    systems = (*stage.systems, *("" for _ in channels))[: len(channels)]
    for system, group in groupby(enumerate(systems), key=lambda pair: pair[1]):
        for rows in _joined([row for row, _ in group], bool(system) and s > 0):
            lit = [states[row] for row in rows if states[row] != "ok"]
            if len(rows) > 1 or lit:
                yield _capsule(at, s, rows, _hub_state(lit, len(rows)))
            else:
                yield _tick(at, s, rows[0])
            for row in rows:
                if states[row] != "ok":
                    yield _lamp(at, states[row], s, row)
                elif len(rows) > 1:
                    yield _stop(at, s, row)


def _joined(rows: list[int], is_shared: bool) -> list[list[int]]:
    return [rows] if is_shared else [[row] for row in rows]


def _hub_state(lit: list[State], rows: int) -> State:
    """A hub is lit when most of its lines are: then the system is the likely cause, not one channel."""
    order: tuple[State, ...] = ("act", "watch", "unknown")
    return min(lit, key=order.index) if len(lit) * 2 > rows else "ok"


def _capsule(at: Plan, s: int, rows: list[int], state: State) -> Markup:
    x, y, wide, high = capsule_box(at, at.along[s], at.across[rows[0]], at.across[rows[-1]])
    shape = '<rect class="flow-hub is-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:g}"/>'
    return Markup(shape).format(state, x, y, wide, high, at.size.capsule / 2)


def _tick(at: Plan, s: int, row: int) -> Markup:
    reach = at.size.capsule * (0.5 if s else 0.62)
    begin, end = at.xy(at.along[s], at.across[row] - reach), at.xy(at.along[s], at.across[row] + reach)
    return Markup('<path class="flow-tick{}" d="M{}L{}"/>').format("" if s else " is-first", begin, end)


def _lamp(at: Plan, state: State, s: int, row: int) -> Markup:
    x, y = map(float, at.xy(at.along[s], at.across[row]).split())
    i = at.size.icon
    lamp = '<use class="flow-lamp is-{0}" href="{1}#i-{0}" x="{2:.1f}" y="{3:.1f}" width="{4:g}" height="{4:g}"/>'
    return Markup(lamp).format(state, ICONS, x - i / 2, y - i / 2, i)


def _stop(at: Plan, s: int, row: int) -> Markup:
    x, y = map(float, at.xy(at.along[s], at.across[row]).split())
    return Markup('<circle class="flow-stop" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(x, y, at.size.capsule * 0.12)


def _is_lit(stage: Stage, channels: Sequence[Channel], cells: Cells) -> bool:
    """A stage's name brightens when most of its lines need a person."""
    states = [cells[channel.id, stage.id].state for channel in channels if (channel.id, stage.id) in cells]
    return sum(state in ("act", "watch") for state in states) * 2 > len(channels)


def _cell(at: Plan, channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells, row: int, s: int) -> Markup:
    cell = cells[channels[row].id, stages[s].id]
    thickest = max(at.thickness(_entering(channels, stages, cells, row, i)) for i in range(1, len(stages)))
    words = turned_words(at, cell, s, row) if at.size.turned else wide_words(at, cell, s, row, round(thickest / 2))
    begin, long, deep = at.along[s - 1] + 4, max(at.along[s] - at.along[s - 1] - 8, 1), at.size.pitch - 4
    first = at.across[row] - at.size.pitch * (0.3 if at.size.turned else 0.5) + 2
    x, y, w, h = (first, begin, deep, long) if at.size.turned else (begin, first, long, deep)
    inner = Markup(
        '<title>{}</title><rect class="flow-hit" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>{}'
    ).format(describe(channels[row], stages[s], cell), x, y, w, h, words)
    if not cell.href:
        return Markup('<g class="flow-cell is-{}">{}</g>').format(cell.state, inner)
    return Markup('<a class="flow-cell is-{}" href="{}">{}</a>').format(cell.state, cell.href, inner)
