"""Sums along the loss curve are what adding up order by order gives, exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exceptions.bands import BANDS, band_of
from app.exceptions.levels import level_of
from app.exceptions.losses import HASTY, PACES, PATIENT, make_losses
from app.journeys.catalogue import order_flow

HOUR = 3600
CURVE = ((0.0, 0.0), (4.0 * HOUR, 0.05), (24.0 * HOUR, 0.25), (72.0 * HOUR, 0.6))
LOSSES = make_losses({"f": CURVE, "flat": ((HOUR * 1.0, 0.1),)})


@pytest.mark.parametrize(
    ("hours", "loss"), [(0, "0"), (2, "0.025"), (4, "0.05"), (14, "0.15"), (24, "0.25"), (72, "0.6"), (900, "0.6")]
)
def test_the_curve_is_straight_between_its_points(hours: int, loss: str) -> None:
    assert LOSSES.of("f", Fraction(1), Fraction(hours * HOUR)) == Fraction(loss)


def test_patient_and_hasty_customers_read_another_age() -> None:
    assert LOSSES.of("f", Fraction(1), Fraction(4 * HOUR), PATIENT) == Fraction("0.025")
    assert LOSSES.of("f", Fraction(1), Fraction(16 * HOUR), HASTY) == Fraction("0.25")
    assert LOSSES.of("flat", Fraction(1), Fraction(5)) == Fraction("0.1")
    assert LOSSES.of("unknown", Fraction(1), Fraction(5)) is None


ages = st.fractions(min_value=-10, max_value=100 * HOUR, max_denominator=1000)


@given(st.lists(st.tuples(st.integers(0, 10**9), ages), max_size=20), st.sampled_from(PACES))
def test_sums_by_piece_are_exact(orders: list[tuple[int, Fraction]], pace: Fraction) -> None:
    pieces: dict[int, tuple[Fraction, Fraction]] = {}
    for value, age in orders:
        piece = sum(age >= cut for cut in LOSSES.cuts)
        total, weighted = pieces.get(piece, (Fraction(0), Fraction(0)))
        pieces[piece] = (total + value, weighted + value * age)
    summed = sum((LOSSES.expected("f", piece, *sums, pace) or 0 for piece, sums in pieces.items()), Fraction(0))
    assert summed == sum((LOSSES.of("f", Fraction(value), age, pace) or 0 for value, age in orders), Fraction(0))


@given(st.floats(0, 100 * HOUR))
def test_the_flow_says_the_same_of_one_order(age: float) -> None:
    flow = order_flow()
    losses = make_losses({flow.name: flow.loss})
    assert float(losses.of(flow.name, Fraction(1), Fraction(age)) or 0) == pytest.approx(flow.loss_at(age), abs=1e-9)


@pytest.mark.parametrize(
    ("minutes", "name"), [(-1, "<15m"), (0, "<15m"), (15, "15m..1h"), (59, "15m..1h"), (60, "1h..4h"), (4320, ">=3d")]
)
def test_bands_hold_their_start_and_not_their_end(minutes: int, name: str) -> None:
    assert band_of(minutes * 60).name == name
    assert len(BANDS) == 6


@pytest.mark.parametrize(
    ("at_risk", "gross", "orders", "level"),
    [
        (0, 0, 1, "quiet"),
        (499, 3_499, 34, "quiet"),
        (500, 0, 1, "watch"),
        (0, 3_500, 1, "watch"),
        (0, 0, 35, "watch"),
        (1_000, 0, 1, "act"),
        (0, 10_000, 1, "act"),
        (0, 0, 100, "act"),
    ],
)
def test_any_one_bound_is_enough_to_speak_louder(at_risk: int, gross: int, orders: int, level: str) -> None:
    assert level_of(at_risk=at_risk, gross=gross, orders=orders) == level
