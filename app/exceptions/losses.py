"""What waiting is expected to cost: sums along the loss curve of a flow, exact to the minor unit (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

# How much faster or slower than the curve customers may give up: they behave as at half the age, or at one and a half.
PATIENT, EXPECTED, HASTY = Fraction(1, 2), Fraction(1), Fraction(3, 2)
PACES = (PATIENT, EXPECTED, HASTY)

Points = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Losses:
    """The loss curves of all flows, cut at common ages so that every curve is straight from cut to cut."""

    curves: Mapping[str, Points]
    cuts: tuple[Fraction, ...]

    def expected(self, flow: str, piece: int, value: Fraction, weighted: Fraction, pace: Fraction) -> Fraction | None:
        """Sum value × loss over rows of one piece from Σ value and Σ value × age; None for a flow without a curve."""
        points = self.curves.get(flow)
        if points is None:
            return None
        level, slope = _line(points, pace, self._middle(piece))
        return level * value + slope * weighted

    def of(self, flow: str, value: Fraction, age_seconds: Fraction, pace: Fraction = EXPECTED) -> Fraction | None:
        """Say what one order is expected to lose."""
        points = self.curves.get(flow)
        if points is None:
            return None
        level, slope = _line(points, pace, age_seconds)
        return value * (level + slope * age_seconds)

    def _middle(self, piece: int) -> Fraction:
        if piece == 0:
            return self.cuts[0] - 1
        if piece == len(self.cuts):
            return self.cuts[-1] + 1
        return (self.cuts[piece - 1] + self.cuts[piece]) / 2


def make_losses(curves: Mapping[str, Sequence[tuple[float, float]]]) -> Losses:
    """Take the curves of the flows by name; a float stands for the decimal it is written as."""
    exact = {
        flow: tuple((Fraction(repr(age)), Fraction(repr(chance))) for age, chance in curve)
        for flow, curve in curves.items()
    }
    ages = {age / pace for points in exact.values() for age, _ in points for pace in PACES}
    return Losses(exact, tuple(sorted(ages | {Fraction(0)})))


def _line(points: Points, pace: Fraction, age: Fraction) -> tuple[Fraction, Fraction]:
    """Level and slope, by real age, of the straight part that holds at this age."""
    for (younger, low), (older, high) in pairwise(points):
        if younger <= age * pace < older:
            slope = (high - low) / (older - younger)
            return low - slope * younger, slope * pace
    flat = points[0][1] if age * pace < points[0][0] else points[-1][1]
    return flat, Fraction(0)
