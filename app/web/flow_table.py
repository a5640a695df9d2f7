"""The flow map as a table: in flight, value, p95 of target, open exceptions and state of every cell."""

from collections.abc import Sequence

from markupsafe import Markup

from app.web.flow import Cell, Cells, Channel, Stage
from app.web.flow_map import ICONS
from app.web.flow_words import per_minute

_WORDS = {"act": "Act", "watch": "Watch", "unknown": "Unknown", "ok": "OK"}


def flow_table(channels: Sequence[Channel], stages: Sequence[Stage], cells: Cells) -> Markup:
    """One row a channel, one column a leg; the first stage has no leg before it."""
    head = Markup().join(_head(stage, channels, cells) for stage in stages[1:])
    rows = Markup().join(_row(channel, stages, cells) for channel in channels)
    return Markup(
        '<table class="flow-grid"><caption>Orders by channel and stage: in flight and value, p95 of target, open, state'
        "</caption>"
        '<thead><tr><th scope="col">Channel</th>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(head, rows)


def _head(stage: Stage, channels: Sequence[Channel], cells: Cells) -> Markup:
    column = [cells[channel.id, stage.id] for channel in channels]
    known = [cell.in_flight for cell in column if cell.in_flight is not None]
    flight = f"{sum(known):,} in flight" if known else "in flight unknown"
    total = f"{flight}, {sum(cell.open for cell in column):,} open"
    return Markup('<th scope="col">{}<small>{}</small><small>{}</small></th>').format(stage.name, stage.caption, total)


def _row(channel: Channel, stages: Sequence[Stage], cells: Cells) -> Markup:
    row = Markup().join(_cell(cells[channel.id, stage.id]) for stage in stages[1:])
    name = Markup('<th scope="row">{}<small>{}</small></th>').format(channel.name, per_minute(channel.per_minute))
    return Markup("<tr>{}{}</tr>").format(name, row)


def _cell(cell: Cell) -> Markup:
    flight = "unknown" if cell.in_flight is None else f"{cell.in_flight:,}"
    body = Markup(
        '{}<span><b>{}</b> <small>{}</small></span><small class="flow-grid-open">{:,} open</small><small>{}</small>'
        '<span class="state is-{}"><svg class="icon" aria-hidden="true"><use href="{}#i-{}"/></svg>{}</span>'
    ).format(
        _bar(cell),
        flight,
        cell.value,
        cell.open,
        _pace(cell),
        cell.state,
        ICONS,
        cell.state,
        cell.word or _WORDS[cell.state],
    )
    if cell.href:
        return Markup('<td class="is-{}"><a href="{}">{}</a></td>').format(cell.state, cell.href, body)
    return Markup('<td class="is-{}"><span class="flow-grid-cell">{}</span></td>').format(cell.state, body)


def _pace(cell: Cell) -> str:
    if not cell.p95:
        return f"no p95 of {cell.target}" if cell.target else "no p95"
    return f"{cell.p95} of {cell.target}" if cell.target else cell.p95


def _bar(cell: Cell) -> Markup:
    """p95 against the target tick, which stands at 60 % of the way; what is beyond the end is cut there."""
    if cell.of_target is None:
        return Markup()
    return Markup(
        '<svg class="flow-bar" aria-hidden="true" viewBox="0 0 100 7" preserveAspectRatio="none">'
        '<path class="flow-bar-track" d="M0 3.5H100"/><rect class="flow-bar-done" y="2" width="{:.1f}" height="3"/>'
        '<path class="flow-bar-target" d="M60 0V7"/></svg>'
    ).format(min(max(cell.of_target, 0.0) * 60, 100.0))
