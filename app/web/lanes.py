"""The swimlane timeline of one journey: one SVG and one table from (steps, dues, gap, now).

Lanes stand in the order in which the journey first touched them. The journey is one line that rests in a lane and
crosses to the next at the moment of the step. A good step is a dot, a failed attempt a tick with its number, silence a
bracket with its length. Right of now nothing is drawn solid: what is due next waits there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from app.web.flow_words import fit
from app.web.lanes_labels import Head, Row, head_labels, text
from app.web.lanes_scale import Scale, TimeScale, time_scale

Outcome = Literal["ok", "failed", "parked", "retrying"]
ICONS = "/static/img/icons.svg"
_ROW, _TOP, _ROOM, _LETTER = 32.0, 32.0, 590.0, 6.9


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    lane: str
    text: str
    outcome: Outcome = "ok"
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    lane: str
    text: str
    late: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence of the system that owes the next step; `until` None: it lasts."""

    lane: str
    since: datetime
    until: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class _Plan:
    names: tuple[str, ...]
    left: float
    time: TimeScale
    width: float
    bottom: float

    def y(self, lane: str) -> float:
        return _TOP + _ROW * (self.names.index(lane) + 0.5)


def journey_lanes(
    steps: Sequence[Step], dues: Sequence[Due], gap: Gap | None, now: datetime, scale: Scale = "log"
) -> Markup:
    """Draw the journey; without a step there is nothing to draw and the page shows its empty state."""
    if not steps:
        return Markup()
    steps = sorted(steps, key=lambda step: step.at)
    plan = _lay_out(steps, dues, gap, now, scale)
    later = _next_dues(dues)
    parts = [
        *_frame(plan),
        *_heads(plan, steps, dues, now),
        _line(plan, steps),
        *_marks(plan, steps, gap, now),
        *([_gap(plan, gap, now)] if gap else []),
        *(_later(plan, due, more) for due, more in later),
    ]
    return Markup(
        '<svg class="lanes" viewBox="0 0 {0:g} {1:g}" width="{0:g}" height="{1:g}" role="img" aria-label="{2}">'
        "{3}</svg>"
    ).format(plan.width, plan.bottom + 8, _summary(steps, gap), Markup("\n").join(parts))


def lanes_table(steps: Sequence[Step]) -> Markup:
    """The same steps for whoever prefers a table."""
    rows = Markup().join(
        Markup(
            '<tr><td class="num quiet">{}</td><td>{:%d %b %H:%M:%S}</td><td>{}</td><td class="grow">{}</td><td>{}</td>'
            "</tr>"
        ).format(number, step.at, step.lane, step.text, _outcome(step))
        for number, step in enumerate(sorted(steps, key=lambda step: step.at), 1)
    )
    return Markup(
        '<table class="table"><thead><tr><th scope="col" class="num">#</th><th scope="col">At, UTC</th>'
        '<th scope="col">System</th><th scope="col" class="grow">Step</th><th scope="col">Outcome</th></tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(rows)


def _lay_out(steps: Sequence[Step], dues: Sequence[Due], gap: Gap | None, now: datetime, scale: Scale) -> _Plan:
    touched = [*(step.lane for step in steps), *([gap.lane] if gap else []), *(due.lane for due in dues)]
    names = tuple(dict.fromkeys(touched))
    left = min(max(max(map(len, names)) * _LETTER + 16, 96), 200)
    behind = max((len(due.text) + 3 for due in dues), default=8) * _LETTER + 32
    silence = len(gap.text) * _LETTER + 28 if gap and gap.until is None else 0.0
    time = time_scale([step.at for step in steps], now, left + 8, _ROOM, silence, scale)
    return _Plan(names, left, time, round(time.end + min(max(behind, 96), 240), 1), _TOP + _ROW * len(names))


def _frame(plan: _Plan) -> Iterator[Markup]:
    for i in range(len(plan.names) + 1):
        yield Markup('<path class="lane" d="M0 {:g}H{:g}"/>').format(_TOP + _ROW * i, plan.width)
    for name in plan.names:
        yield text("lane-name", 0, plan.y(name) + 4, fit(name, plan.left - 8, 12))
    yield Markup('<rect class="lanes-later" x="{:g}" y="{:g}" width="{:g}" height="{:g}"/>').format(
        plan.time.end, _TOP, round(plan.width - plan.time.end, 1), plan.bottom - _TOP
    )
    yield Markup('<path class="lanes-now" d="M{:g} {:g}V{:g}"/>').format(plan.time.end, _TOP - 6, plan.bottom)


def _heads(plan: _Plan, steps: Sequence[Step], dues: Sequence[Due], now: datetime) -> Iterator[Markup]:
    """Now first, then what is late, then the times of the steps, as far as they do not touch."""
    late = [due for due in sorted(dues, key=lambda due: due.at) if due.late and due.at <= now]
    for due in late:
        yield Markup('<path class="lanes-due" d="M{0:g} {1:g}V{2:g}"/>').format(
            plan.time.x(due.at), _TOP - 6, plan.bottom
        )
    has_days = (max(now, steps[-1].at) - steps[0].at).total_seconds() > 72_000
    form = "%d %b %H:%M" if has_days else "%H:%M"
    wanted = [Head(plan.time.end, f"now {now:{form}}", "lanes-head", "start")]
    wanted += [Head(plan.time.x(due.at), f"due {due.at:{form}}", "lanes-head is-act") for due in late]
    turning = [steps[0], *(step for step in steps if step.outcome != "ok"), steps[-1], *steps]
    fine = form if has_days else "%H:%M:%S"
    wanted += [Head(plan.time.x(step.at), f"{step.at:{fine}}", "lanes-head") for step in turning]
    yield from head_labels(wanted, plan.left, plan.width, _TOP - 10)


def _line(plan: _Plan, steps: Sequence[Step]) -> Markup:
    path = f"M{plan.time.places[0]:g} {plan.y(steps[0].lane):g}"
    for i, step in enumerate(steps[1:], 1):
        path += f"H{plan.time.places[i]:g}"
        if step.lane != steps[i - 1].lane:
            path += f"V{plan.y(step.lane):g}"
    return Markup('<path class="lanes-line" d="{}"/>').format(path)


def _marks(plan: _Plan, steps: Sequence[Step], gap: Gap | None, now: datetime) -> Iterator[Markup]:
    rows = {name: Row(plan.left, plan.time.end - 2) for name in plan.names}
    if gap:
        rows[gap.lane].take(plan.time.x(gap.since), plan.time.x(gap.until or now))
    for i, step in enumerate(steps):
        rows[step.lane].take(plan.time.places[i] - 9, plan.time.places[i] + 9)
    for i, step in enumerate(steps):
        yield _mark(i + 1, step, plan.time.places[i], plan.y(step.lane), rows[step.lane])


def _mark(number: int, step: Step, x: float, y: float, row: Row) -> Markup:
    title = f"{number}. {step.at:%d %b %H:%M:%S} {step.lane}: {step.text}, {_outcome(step)}"
    if step.outcome in ("failed", "retrying"):
        level = "act" if step.outcome == "failed" else "watch"
        shape = Markup(
            '<path class="lanes-try" d="M{0:g} {1:g}V{2:g}"/>'
            '<use href="{5}#i-{6}" class="lanes-lamp" x="{3:g}" y="{4:g}" width="16" height="16"/>'
        ).format(x, y - 12, y + 12, round(x - 8, 1), y - 8, ICONS, level)
        words = (f"attempt {step.attempt}", str(step.attempt)) if step.attempt else ()
        label = row.place(x, y + 4, words, "lanes-try-text", first="end")
        return Markup('<g class="is-{}"><title>{}</title>{}{}</g>').format(level, title, shape, label)
    if step.outcome == "parked":
        box = Markup('<rect class="lanes-park" x="{:g}" y="{:g}" width="10" height="10"/>').format(
            round(x - 5, 1), y - 5
        )
        label = row.place(x, y + 4, ("parked",), "lanes-later-text", first="start")
        return Markup("<g><title>{}</title>{}{}</g>").format(title, box, label)
    return Markup('<g><title>{}</title><circle class="lanes-dot" cx="{:g}" cy="{:g}" r="4"/></g>').format(title, x, y)


def _gap(plan: _Plan, gap: Gap, now: datetime) -> Markup:
    """The bracket of a silence; its words stay inside the drawing however short it is."""
    y = plan.y(gap.lane)
    begin = plan.time.x(gap.since) + 10
    end = max(plan.time.x(gap.until or now) - 3, begin + 4)
    words = fit(gap.text, plan.time.end - plan.left, 12)
    half = len(words) * _LETTER / 2
    middle = min(max((begin + end) / 2, plan.left + half), plan.width - half)
    bracket = Markup(
        '<g class="lanes-gap"><path d="M{0:g} {2:g}H{1:g}"/>'
        '<path class="ends" d="M{0:g} {3:g}V{4:g}M{1:g} {3:g}V{4:g}"/></g>'
    )
    return bracket.format(round(begin, 1), round(end, 1), y, y - 5, y + 5) + text(
        "lanes-gap-text", middle, min(y + 20, plan.bottom + 4), words, "middle"
    )


def _next_dues(dues: Sequence[Due]) -> list[tuple[Due, int]]:
    """The earliest of each lane, with the number of those behind it."""
    lanes: dict[str, list[Due]] = {}
    for due in sorted(dues, key=lambda due: due.at):
        lanes.setdefault(due.lane, []).append(due)
    return [(waiting[0], len(waiting) - 1) for waiting in lanes.values()]


def _later(plan: _Plan, due: Due, more: int) -> Markup:
    x, y = plan.time.end + 18, plan.y(due.lane)
    words = fit(f"{due.text} +{more}" if more else due.text, plan.width - x - 10, 12)
    ring = Markup('<circle class="lanes-next{}" cx="{:g}" cy="{:g}" r="4.5"/>').format(
        " is-act" if due.late else "", round(x, 1), y
    )
    return ring + text("lanes-later-text", x + 10, y + 4, words)


def _outcome(step: Step) -> str:
    tried = f", attempt {step.attempt}" if step.attempt else ""
    return step.outcome + tried


def _summary(steps: Sequence[Step], gap: Gap | None) -> str:
    failed = sum(step.outcome == "failed" for step in steps)
    count = f"{len(steps)} event" + ("s" if len(steps) > 1 else "")
    silent = f", then {gap.text}" if gap else ""
    return f"Journey by system: {count}, {failed} failed{silent}. The events are listed below."
