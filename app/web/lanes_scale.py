"""Where a moment stands on the line of one journey: logarithmic by steps or true to scale."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log10
from typing import Literal

Scale = Literal["log", "linear"]
_FIRST, _DECADE = 16.0, 24.0  # a second stays visible beside three hours, and order is never broken
_TIGHTEST = 0.4  # steps are pressed together this far before the drawing grows wider


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Marks with known places; a moment between two of them is laid in proportion."""

    moments: tuple[datetime, ...]
    places: tuple[float, ...]
    scale: Scale

    def x(self, at: datetime) -> float:
        """A moment before the first mark stands at the first, one after the last at the last."""
        after = bisect_right(self.moments, at)
        if after == 0:
            return self.places[0]
        if after == len(self.moments):
            return self.places[-1]
        begin, end = self.moments[after - 1], self.moments[after]
        part = _part(_between(begin, at), _between(begin, end), self.scale)
        return round(self.places[after - 1] + part * (self.places[after] - self.places[after - 1]), 1)

    @property
    def end(self) -> float:
        return self.places[-1]


def time_scale(
    moments: Sequence[datetime], now: datetime, left: float, room: float, last: float, scale: Scale
) -> TimeScale:
    """Lay the moments, sorted, and now between `left` and `left + room`, or wider where they would not fit.

    The stretch before now gets at least `last`, the room of the words that stand on it.
    """
    marks = (*moments, max(now, moments[-1]))
    gaps = [_between(before, after) for before, after in pairwise(marks)]
    steps = [_advance(gap) for gap in gaps] if scale == "log" else gaps
    natural = sum(steps)
    wide = max(room, natural * _TIGHTEST) if scale == "log" else room
    widths = [step / natural * wide if natural else wide / len(steps) for step in steps]
    if scale == "log" and widths[-1] < last < wide:
        before = sum(widths[:-1]) or 1.0
        widths = [*(width / before * (wide - last) for width in widths[:-1]), last]
    place, places = left, [left]
    for width in widths:
        place += width
        places.append(round(place, 1))
    return TimeScale(marks, tuple(places), scale)


def _advance(seconds: float) -> float:
    return _FIRST + _DECADE * log10(1 + seconds)


def _part(seconds: float, whole: float, scale: Scale) -> float:
    if whole <= 0:
        return 0.0
    return min(_advance(seconds) / _advance(whole), 0.9) if scale == "log" else seconds / whole


def _between(before: datetime, after: datetime) -> float:
    return max((after - before).total_seconds(), 0.0)
