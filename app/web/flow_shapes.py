"""The shapes of the flow map: sizes, scales and paths.

"Along" is the way orders travel, "across" is from channel to channel; the upright map lays along on y.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

_NICE = (1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0)


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of one drawing. `turned` lays along on y: the upright map of a phone."""

    name: str
    width: float
    start: float  # along of the first stage
    tail: float  # room behind the last stage
    head: float  # room before the first channel
    pitch: float  # from channel to channel
    capsule: float
    icon: float
    type: float  # pixels of a note; a channel's name is a little larger
    indent: float
    above: float  # gap between a line and the words before it
    below: float
    length: float = 0.0  # along of the last stage, where the width does not give it
    turned: bool = False
    quiet_words: bool = True
    short_values: bool = False


DESK = Size("desk", 1160, 116, 70, 42, 68, 24, 16, 12, 10, 7, 17)
WALL = Size("wall", 1824, 252, 84, 92, 138, 46, 34, 25, 26, 14, 40, quiet_words=False, short_values=True)
PHONE = Size("phone", 362, 60, 16, 48, 78, 18, 13, 12, 13, 0, 0, length=486, turned=True, short_values=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything stands, and how thick a rate or a number of waiting orders is drawn."""

    size: Size
    along: tuple[float, ...]
    across: tuple[float, ...]
    width: float
    height: float
    px_per_rate: float
    px_per_order: float
    full_rate: float

    def thickness(self, rate: float | None) -> float:
        return max(1.5, round((rate or 0.0) * self.px_per_rate, 1))

    def breadth(self, line: float, waiting: int) -> float:
        """A swelling: linear in the orders held back, and never too small to be seen."""
        return line + max(3.0, waiting * self.px_per_order)

    def xy(self, along: float, across: float) -> str:
        x, y = (across, along) if self.size.turned else (along, across)
        return f"{x:.1f} {y:.1f}"


def plan(
    size: Size,
    shares: Sequence[float],
    channels: int,
    longest_name: int,
    rates: Iterable[float | None],
    waiting: Iterable[int],
) -> Plan:
    """Lay the stages out by their shares; one scale for the page, so that any two legs compare."""
    last = size.length or size.width - size.tail
    start = size.start if size.turned else min(max(size.start, longest_name * size.type * 0.62 + 24), size.start * 1.6)
    along = _stage_positions(start, last, shares)
    lead = 0.3 if size.turned else 0.5  # upright, a line leaves room for its words after it
    across = tuple(round(size.head + (row + lead) * size.pitch, 1) for row in range(channels))
    deep = size.head + channels * size.pitch
    broadest = size.pitch * (0.1 if size.turned else 0.18)
    swollen = 2 * size.indent + 4 if size.turned else size.pitch - 12  # upright, the words stand beside the line
    full_rate = nice_ceiling(max((rate or 0.0 for rate in rates), default=0.0))
    full_waiting = nice_ceiling(max(100.0, *waiting, 0.0))
    return Plan(
        size=size,
        along=along,
        across=across,
        width=max(size.width, deep + 2) if size.turned else size.width,
        height=last + size.tail if size.turned else deep,
        px_per_rate=broadest / full_rate,
        px_per_order=(swollen - broadest) / full_waiting,
        full_rate=full_rate,
    )


def nice_ceiling(value: float) -> float:
    """The next round figure, so that the scale moves in steps and not with every order; never a vanishing one."""
    if value <= 0:
        return 1.0
    value = max(value, 0.001)
    power = 10.0 ** floor(log10(value))
    return next((step * power for step in _NICE if step * power >= value), 10 * power)


def drop_path(at: Plan, begin: float, station: float, across: float, line: float, waiting: int) -> str:
    """A drop that starts at a point, fattens towards the station and rests against it."""
    size = at.size
    half = at.breadth(line, waiting) / 2
    end = station - size.capsule / 2
    length = max(end - begin, 1.0)
    tip = end - length * (0.8 if size.turned else 0.62)
    run = end - tip
    shoulder = end - min(half * 0.9, length * 0.16)
    mouth = half * 0.42
    lip = mouth + (half - mouth) * 0.45
    early, swell = tip + run * 0.5, shoulder - run * 0.26
    close = shoulder + (end - shoulder) * 0.6
    b = across
    return (
        f"M{at.xy(tip, b)}"
        f"C{at.xy(early, b - half * 0.06)} {at.xy(swell, b - half)} {at.xy(shoulder, b - half)}"
        f"C{at.xy(close, b - half)} {at.xy(end, b - lip)} {at.xy(end, b - mouth)}"
        f"L{at.xy(end, b + mouth)}"
        f"C{at.xy(end, b + lip)} {at.xy(close, b + half)} {at.xy(shoulder, b + half)}"
        f"C{at.xy(swell, b + half)} {at.xy(early, b + half * 0.06)} {at.xy(tip, b)}Z"
    )


def capsule_box(at: Plan, along: float, first: float, last: float) -> tuple[float, float, float, float]:
    """The rounded box around the rows that one system serves: x, y, width, height."""
    wide, reach = at.size.capsule, at.size.capsule * 0.7
    deep = last - first + 2 * reach
    if at.size.turned:
        return first - reach, along - wide / 2, deep, wide
    return along - wide / 2, first - reach, wide, deep


def _stage_positions(start: float, last: float, shares: Sequence[float]) -> tuple[float, ...]:
    """The first stage stands at the start, the last at the end, the legs between share the way."""
    legs = [max(share, 0.0) for share in shares[1:]]
    total = sum(legs) or 1.0
    place, places = start, [start]
    for leg in legs:
        place += leg / total * (last - start)
        places.append(round(place, 1))
    return tuple(places[: len(shares)])
