"""Labels of the swimlanes that never touch: each takes the first free place beside its mark, or is left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

_LETTER = 6.9  # pixels of an average letter at 12 px, a little generously
_AIR = 3.0
Anchor = Literal["start", "middle", "end"]


@dataclass(slots=True)
class Row:
    """One line of words between `first` and `last`, and what stands on it already."""

    first: float
    last: float
    taken: list[tuple[float, float]] = field(default_factory=list)

    def take(self, begin: float, end: float) -> None:
        self.taken.append((begin, end))

    def is_free(self, begin: float, end: float) -> bool:
        inside = begin >= self.first and end <= self.last
        return inside and all(end <= other[0] or begin >= other[1] for other in self.taken)

    def place(self, x: float, y: float, words: Sequence[str], cls: str, first: Anchor) -> Markup:
        """The first of the words that fits beside the mark, on the preferred side or the other one."""
        sides: tuple[Anchor, ...] = ("end", "start") if first == "end" else ("start", "end")
        for word in words:
            for side in sides:
                begin, end = _span(x - 12 if side == "end" else x + 12, word, side)
                if self.is_free(begin - _AIR, end + _AIR):
                    self.take(begin - _AIR, end + _AIR)
                    return text(cls, x - 13 if side == "end" else x + 11, y, word, side)
        return Markup()


@dataclass(frozen=True, slots=True)
class Head:
    x: float
    words: str
    cls: str
    anchor: Anchor = "middle"


def head_labels(wanted: Sequence[Head], left: float, width: float, y: float) -> Iterator[Markup]:
    """The most wanted first; one that would leave the drawing is moved in, one that would touch another is left out."""
    row = Row(0, width)
    for head in wanted:
        half = len(head.words) * _LETTER / 2
        middle = head.x + half + 6 if head.anchor == "start" else head.x
        middle = min(max(middle, left + half - _AIR), width - half - _AIR)
        if row.is_free(middle - half - _AIR, middle + half + _AIR):
            row.take(middle - half - _AIR, middle + half + _AIR)
            yield text(head.cls, middle, y, head.words, "middle")


def text(cls: str, x: float, y: float, words: str, anchor: Anchor = "start") -> Markup:
    end = Markup(' text-anchor="{}"').format(anchor) if anchor != "start" else Markup()
    return Markup('<text class="{}" x="{:g}" y="{:g}"{}>{}</text>').format(cls, round(x, 1), round(y, 1), end, words)


def _span(x: float, words: str, anchor: Anchor) -> tuple[float, float]:
    long = len(words) * _LETTER
    return (x - long, x) if anchor == "end" else (x, x + long)
