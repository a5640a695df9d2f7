"""The flow map: everything is drawn inside its box, says what the cells say, and stays calm when nothing is wrong."""

import re
from math import isfinite
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.flow_map import (
    DESK,
    PHONE,
    WALL,
    Cell,
    Cells,
    Channel,
    Size,
    Stage,
    State,
    flow_legend,
    flow_map,
    fold_quiet,
)
from app.web.flow_shapes import nice_ceiling
from app.web.flow_table import flow_table

STAGES = ("Placed", "Queued", "Posted to ERP", "Shipped")
SIZES = [DESK, WALL, PHONE]


def a_cell(
    state: State = "ok", waiting: int = 0, word: str = "", in_flight: int | None = 12, rate: float | None = 2.0
) -> Cell:
    value, short = (f"£{waiting * 80:,}", f"£{waiting * 80 // 1000}k") if waiting else ("", "")
    return Cell(state, in_flight, waiting, value, short, "3 m", "15 m", rate, waiting, word, "/orders?stage=x", 0.2)


def a_map(
    channels: int, cells: dict[tuple[str, str], Cell] | None = None
) -> tuple[tuple[Channel, ...], tuple[Stage, ...], Cells]:
    lines = tuple(Channel(f"c{n}", f"Channel {n}", 1.0 + n) for n in range(channels))
    stops = tuple(Stage(name, name, "NetSuite", 1.0, ("one",) * channels) for name in STAGES)
    every = {(line.id, stop.id): a_cell() for line in lines for stop in stops[1:]}
    return lines, stops, every | (cells or {})


def numbers_of(element: ElementTree.Element) -> list[tuple[float, float]]:
    """Every absolute point an element names."""
    if "d" in element.attrib:
        flat = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", element.attrib["d"])]
        return list(zip(flat[::2], flat[1::2], strict=True))
    x = float(element.attrib.get("x", element.attrib.get("cx", 0)))
    y = float(element.attrib.get("y", element.attrib.get("cy", 0)))
    far = (x + float(element.attrib.get("width", 0)), y + float(element.attrib.get("height", 0)))
    return [(x, y), far]


def points_of(svg: str) -> tuple[ElementTree.Element, list[tuple[float, float]]]:
    root = ElementTree.fromstring(svg)
    return root, [point for element in list(root.iter())[1:] for point in numbers_of(element)]


rates = st.none() | st.floats(0, 50_000, allow_nan=False)
cells = st.builds(
    Cell,
    state=st.sampled_from(["act", "watch", "unknown", "ok"]),
    in_flight=st.none() | st.integers(0, 10**7),
    waiting=st.integers(0, 10**6),
    value=st.text(max_size=20),
    short_value=st.text(max_size=8),
    p95=st.text(max_size=12),
    target=st.text(max_size=8),
    per_minute=rates,
    open=st.integers(0, 10**6),
    word=st.text(max_size=60),
    href=st.sampled_from(["", "/orders?channel=a&stage=b"]),
)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), max_size=40)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_coordinate_is_finite_and_inside_the_box(size: Size, data: st.DataObject) -> None:
    count, legs = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 7))
    channels = tuple(Channel(f"c{n}", data.draw(printable), data.draw(rates)) for n in range(count))
    stages = tuple(
        Stage(f"s{n}", data.draw(printable), data.draw(printable), data.draw(st.floats(0, 5)), ("a",) * count)
        for n in range(legs + 1)
    )
    cell = data.draw(cells.map(lambda one: Cell(**{name: _clean(getattr(one, name)) for name in Cell.__slots__})))
    every = {(channel.id, stage.id): cell for channel in channels for stage in stages}
    root, points = points_of(flow_map(channels, stages, every, size))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert points
    for x, y in points:
        assert isfinite(x)
        assert isfinite(y)
        assert -1 <= x <= width + 1
        assert -1 <= y <= height + 1


def _clean(value: object) -> object:
    return "".join(mark for mark in value if mark.isprintable()) if isinstance(value, str) else value


def test_text_from_outside_is_escaped() -> None:
    channels, stages, every = a_map(1, {("c0", "Queued"): a_cell("act", 3, '<script>"&')})
    channels = (Channel("c0", "<b>Shop</b>", 1.0),)
    drawn = flow_map(channels, stages, every, DESK) + flow_table(channels, stages, every)
    assert "<script>" not in drawn
    assert "<b>Shop" not in drawn
    assert "&lt;b&gt;Shop" in drawn


def test_nothing_is_drawn_without_channels_or_legs() -> None:
    _, stages, every = a_map(0)
    assert flow_map((), stages, every, DESK) == ""
    assert flow_legend((), stages, every, DESK) == ""
    assert flow_map((Channel("c0", "Shop", 1.0),), stages[:1], {}, DESK) == ""


def test_a_calm_map_is_grey() -> None:
    drawn = flow_map(*a_map(3), DESK)
    assert not re.search(r"is-(act|watch|unknown)", drawn)
    assert "flow-drop" not in drawn


def test_held_back_orders_swell_and_print_their_value() -> None:
    channels, stages, every = a_map(2, {("c1", "Posted to ERP"): a_cell("act", 742, "rejected")})
    drawn = flow_map(channels, stages, every, DESK)
    assert drawn.count('class="flow-drop is-act"') == 1
    assert "£59,360" in drawn
    assert "742 rejected" in drawn


def test_a_swelling_grows_in_proportion_to_its_orders() -> None:
    def breadth(waiting: int) -> float:
        parts = {("c0", "Queued"): a_cell("act", waiting), ("c1", "Queued"): a_cell("act", 1000)}
        drop = re.findall(r'flow-drop is-act" d="([^"]+)"', flow_map(*a_map(2, parts), DESK))[0]
        ys = [float(number) for number in re.findall(r"-?\d+\.\d+", drop)[1::2]]
        return max(ys) - min(ys)

    assert breadth(800) - breadth(400) == pytest.approx(breadth(600) - breadth(200), abs=0.3)
    assert breadth(800) > breadth(400) > breadth(200)


def test_silence_is_dashed() -> None:
    drawn = flow_map(*a_map(2, {("c0", "Shipped"): a_cell("unknown", word="no file, 26 h", in_flight=None)}), DESK)
    assert drawn.count('class="flow-leg is-unknown"') == 1
    assert "no file, 26 h" in drawn


def test_neighbours_on_one_system_share_a_capsule_that_lights_with_most_of_them() -> None:
    lit = {("c0", "Queued"): a_cell("watch", 5), ("c1", "Queued"): a_cell("act", 5)}
    assert 'class="flow-hub is-act"' in flow_map(*a_map(3, lit), DESK)
    assert 'class="flow-hub is-act"' not in flow_map(*a_map(5, lit), DESK)


def test_height_follows_the_channels() -> None:
    heights = [float(points_of(flow_map(*a_map(n), DESK))[0].attrib["height"]) for n in (1, 4, 8)]
    assert heights == sorted(set(heights))


def test_a_cell_without_an_address_is_no_link() -> None:
    cell = Cell("ok", 1, 0, "", "", "", "", 1.0, 0, "", "")
    drawn = flow_map(*a_map(1, {("c0", name): cell for name in STAGES[1:]}), DESK)
    assert "<a " not in drawn


def test_quiet_channels_fold_into_one_line() -> None:
    channels, stages, every = a_map(12, {("c3", "Queued"): a_cell("act", 9, "queued")})
    shown, stops, folded = fold_quiet(channels, stages, every)
    assert len(shown) == 6
    assert shown[-1].name == "7 quiet channels"
    assert "c3" in {channel.id for channel in shown}
    assert folded[shown[-1].id, "Queued"].in_flight == 7 * 12
    assert all(len(stop.systems) == 6 for stop in stops)
    assert "7 quiet channels" in flow_map(shown, stops, folded, DESK)


def test_six_channels_are_not_folded() -> None:
    channels, stages, every = a_map(6)
    assert fold_quiet(channels, stages, every) == (channels, stages, every)


def test_every_lit_channel_stays_when_more_than_the_limit_are_lit() -> None:
    lit = {(f"c{n}", "Queued"): a_cell("watch", 2) for n in range(8)}
    shown, _, _ = fold_quiet(*a_map(11, lit))
    assert {f"c{n}" for n in range(8)} < {channel.id for channel in shown}
    assert shown[-1].name == "3 quiet channels"


def test_the_table_says_what_the_map_says() -> None:
    channels, stages, every = a_map(2, {("c1", "Shipped"): a_cell("unknown", in_flight=None)})
    table = flow_table(channels, stages, every)
    assert table.count("<tr>") == 3
    assert table.count("3 m of 15 m") == 6
    assert "unknown" in table


@pytest.mark.parametrize(("value", "ceiling"), [(0, 1), (0.3, 0.3), (8.4, 10), (742, 750), (1001, 1500), (1e6, 1e6)])
def test_the_scale_moves_in_round_steps(value: float, ceiling: float) -> None:
    assert nice_ceiling(value) == pytest.approx(ceiling)
