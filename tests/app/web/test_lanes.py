"""The swimlanes: any journey fits its drawing, no two labels touch, and silence and deadlines are told."""

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from math import isfinite
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.lanes import Due, Gap, Outcome, Step, journey_lanes, lanes_table
from app.web.lanes_scale import Scale, time_scale

START = datetime(2026, 11, 23, 12, 14, tzinfo=UTC)
LANES = tuple(f"System {n}" for n in range(12))
LETTER = 6.5  # narrower than the drawing assumes, wider than the interface face


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def spans(root: ElementTree.Element) -> list[tuple[float, float, float]]:
    """(baseline, begin, end) of every text."""
    found = []
    for text in root.iter():
        if text.tag.endswith("text") and text.text:
            x, y, long = float(text.attrib["x"]), float(text.attrib["y"]), len(text.text) * LETTER
            begin = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attrib.get("text-anchor", "start")] * long
            found.append((y, begin, begin + long))
    return found


def xs_of(root: ElementTree.Element) -> list[float]:
    flat = [float(element.attrib[name]) for element in root.iter() for name in ("x", "cx") if name in element.attrib]
    paths = " ".join(element.attrib.get("d", "") for element in root.iter())
    return flat + [float(x) for x in re.findall(r"[MH](-?\d+(?:\.\d+)?)", paths)]


steps = st.builds(
    Step,
    at=st.floats(0, 6 * 86_400, allow_nan=False).map(after),
    lane=st.sampled_from(LANES),
    text=st.just("post to ERP"),
    outcome=st.sampled_from(["ok", "failed", "parked", "retrying"]),
    attempt=st.integers(0, 40),
)
dues = st.builds(
    Due,
    at=st.floats(-3600, 9 * 86_400).map(after),
    lane=st.sampled_from(LANES),
    text=st.sampled_from(["post, late", "ship by Wed", "invoice within twenty-four business hours"]),
    late=st.booleans(),
)
gaps = st.none() | st.builds(
    Gap,
    lane=st.sampled_from(LANES),
    since=st.floats(0, 6 * 86_400).map(after),
    until=st.none() | st.floats(0, 7 * 86_400).map(after),
    text=st.just("no ERP answer for 2 h 52 m, usually 3 m"),
)


@pytest.mark.parametrize("scale", ["log", "linear"])
@given(
    steps=st.lists(steps, min_size=1, max_size=60),
    dues=st.lists(dues, max_size=5),
    gap=gaps,
    now=st.floats(0, 8 * 86_400).map(after),
)
@settings(max_examples=60, deadline=None)
def test_any_journey_fits_its_drawing(
    scale: Scale, steps: list[Step], dues: list[Due], gap: Gap | None, now: datetime
) -> None:
    root = ElementTree.fromstring(journey_lanes(steps, dues, gap, now, scale))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert all(isfinite(x) and -1 <= x <= width + 1 for x in xs_of(root))
    for y, begin, end in spans(root):
        assert 0 <= y <= height
        assert begin >= -1
        assert end <= width + 1


@given(
    steps=st.lists(steps, min_size=1, max_size=60), dues=st.lists(dues, max_size=4), now=st.floats(0, 8e5).map(after)
)
@settings(max_examples=60, deadline=None)
def test_labels_on_one_line_never_touch(steps: list[Step], dues: list[Due], now: datetime) -> None:
    found = spans(ElementTree.fromstring(journey_lanes(steps, dues, None, now)))
    for one, other in combinations(found, 2):
        if one[0] == other[0]:
            assert one[2] <= other[1] or other[2] <= one[1]


def test_three_hundred_steps_in_one_lane_over_days_grow_wide_instead_of_touching() -> None:
    many = [Step(after(n * 1700), "Middleware", "sync", "failed" if n % 7 == 0 else "ok", n) for n in range(300)]
    root = ElementTree.fromstring(journey_lanes(many, [], None, after(600_000)))
    assert float(root.attrib["width"]) > 2000
    places = sorted({float(mark.attrib["cx"]) for mark in root.iter() if mark.attrib.get("class") == "lanes-dot"})
    assert min(b - a for a, b in pairwise(places)) > 8


def test_lanes_stand_in_the_order_of_first_touch_and_a_due_lane_comes_last() -> None:
    journey = [
        Step(after(0), "Shopify", "placed"),
        Step(after(3), "NetSuite", "post"),
        Step(after(9), "Shopify", "tag"),
    ]
    svg = journey_lanes(journey, [Due(after(999), "Warehouse", "ship by Wed", False)], None, after(60))
    assert re.findall(r'lane-name"[^>]*>([^<]+)<', svg) == ["Shopify", "NetSuite", "Warehouse"]


def test_a_late_deadline_is_drawn_and_a_future_one_waits_right_of_now() -> None:
    late, early = Due(after(30), "NetSuite", "post, late", True), Due(after(9000), "Warehouse", "ship by Wed", False)
    svg = journey_lanes([Step(after(0), "NetSuite", "post", "failed", 1)], [late, early], None, after(600))
    assert svg.count('class="lanes-due"') == 1
    assert "due 12:14" in svg
    assert svg.count("lanes-next is-act") == 1
    assert "ship by Wed" in svg


def test_a_silence_says_its_length() -> None:
    gap = Gap("NetSuite", after(5), None, "no ERP answer for 2 h 52 m, usually 3 m")
    svg = journey_lanes([Step(after(0), "Shopify", "placed")], [], gap, after(10_320))
    assert 'class="lanes-gap"' in svg
    assert "no ERP answer for 2 h 52 m, usually 3 m" in svg


def test_the_order_of_the_steps_given_does_not_matter() -> None:
    journey = [Step(after(n * n), LANES[n % 4], "step") for n in range(9)]
    assert journey_lanes(journey, [], None, after(999)) == journey_lanes(journey[::-1], [], None, after(999))


def test_text_from_outside_is_escaped() -> None:
    evil = Step(after(0), "<i>Shop</i>", '"><script>', "parked")
    drawn = journey_lanes([evil], [], Gap("<i>", after(0), None, "<u>"), after(9)) + lanes_table([evil])
    assert "<script>" not in drawn
    assert "<i>" not in drawn
    assert "<u>" not in drawn


def test_no_step_draws_nothing() -> None:
    assert journey_lanes([], [], None, START) == ""


@pytest.mark.parametrize("outcome", ["ok", "failed", "parked", "retrying"])
def test_the_table_tells_every_step(outcome: Outcome) -> None:
    table = lanes_table([Step(after(0), "NetSuite", "post to ERP", outcome, 2)])
    assert f"{outcome}, attempt 2" in table
    assert "23 Nov 12:14:00" in table


def test_to_scale_keeps_the_proportions_of_time() -> None:
    scale = time_scale([after(0), after(100), after(400)], after(1000), 100, 500, 0, "linear")
    assert scale.places == (100, 150, 300, 600)
    assert scale.x(after(700)) == 450


def test_logarithmic_time_keeps_the_order_and_a_second_visible() -> None:
    moments = [after(0), after(1), after(2), after(10_000)]
    scale = time_scale(moments, after(20_000), 0, 600, 0, "log")
    assert scale.places[1] - scale.places[0] > 30
    assert list(scale.places) == sorted(scale.places)
    assert scale.places[2] < scale.x(after(60)) < scale.x(after(5000)) < scale.places[3]
