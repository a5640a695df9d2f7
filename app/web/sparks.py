"""Sparklines: a row of numbers as one small line, its last point marked; what is missing is left open."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

_WIDTH, _HEIGHT = 64.0, 18.0


def spark(values: Sequence[float | None]) -> Markup:
    """Draw from zero to the largest value; with fewer than two known values there is no line to draw."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup()
    low, high = min(0.0, *known), max(0.0, *known)
    span = (high - low) or 1.0
    step = _WIDTH / (len(values) - 1)
    points = [
        None if value is None else (round(i * step, 1), round(_HEIGHT - 1 - (value - low) / span * (_HEIGHT - 3), 1))
        for i, value in enumerate(values)
    ]
    runs = [list(run) for is_known, run in groupby(points, key=lambda point: point is not None) if is_known]
    path = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in filter(None, run)) for run in runs)
    last = points[-1]
    dot = Markup('<circle cx="{:g}" cy="{:g}" r="2"/>').format(*last) if last else Markup()
    return Markup('<svg class="spark" viewBox="0 0 64 18" aria-hidden="true"><path d="{}"/>{}</svg>').format(path, dot)
