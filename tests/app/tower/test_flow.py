"""The map's channels, stages and cells out of readings."""

from datetime import timedelta

import pytest

from app.metrics.metric import Answer, Group
from app.tower.flow import FlowPicture, picture_of, target_of
from app.tower.readings import FlowReadings
from app.tower.usual import Usual
from tests.app.tower.world import FLOW, FRAME, an_answer
from tests.builders import NOW

POST, PLACED, INVOICED = "erp.order.posted", "order.placed", "invoice.posted"
UK = "amazon-uk"


def at(step: str, value: float | None, channel: str = UK, **extra: object) -> Group:
    by = {"channel": channel, "step": step}
    by |= {name: str(extra.pop(name)) for name in ("kind", "age") if name in extra}
    return Group(by, value, extra)


def held(step: str, orders: int, pounds: int, kind: str = "failed", coverage: float = 1.0, age: str = "<15m") -> Group:
    return at(step, orders, kind=kind, age=age, gross=pounds * 100, coverage=coverage)


def draw(**given: object) -> FlowPicture:
    readings: dict[str, object] = {
        "open": an_answer(0),
        "in_flight": an_answer(9, at(POST, 9)),
        "latency": an_answer(120.0, at(POST, 120.0)),
        "reached": an_answer(2.0, at(PLACED, 1.04), at(POST, 1.0)),
        "failing": an_answer(0.0),
        "day": an_answer(2.0, at(PLACED, 1.0)),
        "silent": (),
        "usual": Usual(),
        "seen": {(UK, POST): NOW, (UK, PLACED): NOW},
        "systems": {(UK, POST): "netsuite"},
        **given,
    }
    return picture_of(FLOW, FlowReadings(**readings), NOW, "GBP", FRAME)  # type: ignore[arg-type]


def test_quiet_cell_says_in_flight_and_pace_and_leads_to_its_orders() -> None:
    cell = draw().cells[UK, POST]
    assert (cell.state, cell.in_flight, cell.waiting, cell.p95, cell.target, cell.per_minute) == (
        "ok", 9, 0, "2 m", "20 m", 1.0,
    )  # fmt: skip
    assert cell.of_target == pytest.approx(0.1)
    assert cell.href == "/orders?q=channel%3Aamazon-uk+waiting%3Aerp.order.posted"


def test_choke_says_orders_and_value_and_leads_to_its_exceptions() -> None:
    cell = draw(open=an_answer(30, held(POST, 28, 1_900), held(POST, 2, 100, "overdue"))).cells[UK, POST]
    assert (cell.state, cell.waiting, cell.open, cell.word) == ("act", 30, 30, "failed")
    assert (cell.value, cell.short_value) == ("£2,000", "£2.0k")
    assert cell.href == "/exceptions?q=channel%3Aamazon-uk+step%3Aerp.order.posted"


def test_few_exceptions_stay_grey_on_the_map_and_stand_in_the_table() -> None:
    cell = draw(open=an_answer(3, held(POST, 3, 90))).cells[UK, POST]
    assert (cell.state, cell.waiting, cell.open, cell.value) == ("ok", 0, 3, "£90.00")


def test_what_has_been_held_for_hours_is_judged_by_its_size() -> None:
    assert draw(open=an_answer(30, held(POST, 30, 2_000, age="1h..4h"))).cells[UK, POST].state == "ok"


def test_where_nothing_passes_the_pace_of_the_last_is_not_told() -> None:
    given = {"open": an_answer(30, held(POST, 30, 900)), "reached": an_answer(1.0, at(PLACED, 1.0))}
    assert draw(**given).cells[UK, POST].p95 == ""


def test_cash_is_watched() -> None:
    assert draw(open=an_answer(200, held(INVOICED, 200, 90_000))).cells[UK, INVOICED].state == "watch"


def test_unknown_value_is_not_written_as_nothing() -> None:
    assert draw(open=an_answer(90, held(POST, 90, 0, coverage=0.0))).cells[UK, POST].value == ""


def test_silence_is_unknown_with_its_length() -> None:
    seen = {(UK, POST): NOW - timedelta(minutes=26), (UK, PLACED): NOW}
    cell = draw(seen=seen, silent={(UK, POST)}).cells[UK, POST]
    assert (cell.state, cell.word, cell.waiting) == ("unknown", "quiet 26 m", 0)


def test_silent_source_makes_its_first_stretch_unknown() -> None:
    seen = {(UK, POST): NOW, (UK, PLACED): NOW - timedelta(minutes=26)}
    picture = draw(seen=seen, silent={(UK, PLACED)})
    assert picture.cells[UK, "order.accepted"].word == "quiet 26 m"


def test_channels_stand_by_name_with_their_rate() -> None:
    picture = draw(in_flight=an_answer(9, at(POST, 9), at(POST, 2, "walmart"), at(POST, 1, "amazon-de")))
    assert [(channel.name, channel.per_minute) for channel in picture.channels] == [
        ("Amazon DE", 0.0),
        ("Amazon UK", 1.0),
        ("Walmart", 0.0),
    ]


def test_stage_is_named_by_the_system_that_serves_all() -> None:
    systems = {(UK, POST): "netsuite", ("walmart", POST): "netsuite", (UK, "fulfilment.released"): "wms"}
    flight = an_answer(9, at(POST, 9), at(POST, 2, "walmart"))
    stages = {stage.id: stage for stage in draw(in_flight=flight, systems=systems).stages}
    assert stages[POST].caption == "NetSuite · 15 m"
    assert stages[POST].systems == ("netsuite", "netsuite")
    assert stages["fulfilment.released"].caption == "Warehouse · 3 h"
    assert stages[PLACED].caption == "at the channel"


def test_without_any_event_there_is_no_map() -> None:
    nothing = Answer(NOW, None)
    asked = ("open", "in_flight", "latency", "reached", "failing", "day")
    picture = draw(**dict.fromkeys(asked, nothing), seen={}, systems={})
    assert (picture.channels, picture.cells) == ((), {})


@pytest.mark.parametrize(
    ("step", "channel", "words"),
    [
        (POST, "", "15 m"),
        (POST, UK, "20 m"),
        (INVOICED, UK, "24 bh"),
        ("fulfilment.shipped", UK, "by promise"),
        (PLACED, UK, ""),
    ],
)
def test_target_is_written_as_the_flow_says(step: str, channel: str, words: str) -> None:
    assert target_of(FLOW.by_name[step], channel) == words


def test_orders_without_a_channel_have_a_line_only_while_there_are_any() -> None:
    idle = draw(reached=an_answer(2.0, at(PLACED, 1.0), at("return.received", 0.2, "")))
    assert [channel.name for channel in idle.channels] == ["Amazon UK"]
    busy = draw(in_flight=an_answer(9, at(POST, 2, ""), at(POST, 7)))
    assert [channel.name for channel in busy.channels] == ["Amazon UK", "No channel"]
