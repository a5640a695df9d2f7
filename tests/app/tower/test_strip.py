"""The six figures as they are written."""

from datetime import timedelta

import pytest

from app.metrics.metric import Answer, Group
from app.tower.readings import StripReadings
from app.tower.strip import Queue, Tile, drain_phrase, rank_queues, strip_of
from app.tower.usual import Stock, Usual
from tests.app.tower.world import FRAME, an_answer
from tests.builders import NOW

WINDOW = timedelta(hours=4)
SINCE = NOW - timedelta(hours=26)


def depth(count: int | None, name: str = "orders.us") -> Group:
    return Group({"queue": name}, count)


def drain(seconds: float | None, reason: str | None = None, name: str = "orders.us") -> Group:
    return Group({"queue": name}, seconds, {"reason": reason})


def tiles(**given: object) -> dict[str, Tile]:
    readings: dict[str, object] = {
        "at_risk": [an_answer(100), risk(2_941_700, 0.97)],
        "late": [an_answer(1_455), an_answer(1_846)],
        "due": [an_answer(0), an_answer(410, next_at=NOW + timedelta(minutes=3))],
        "open": [an_answer(1), an_answer(2_105, oldest_at=SINCE)],
        "depth": [an_answer(4, depth(4)), an_answer(612, depth(612))],
        "drain": an_answer(None, drain(None, "never")),
        "events": [an_answer(40.0), an_answer(31.0)],
        "failing": an_answer(0.38, attempts=500),
        "usual": Usual(),
        **given,
    }
    return {tile.label.split(",")[0]: tile for tile in strip_of(StripReadings(**readings), WINDOW, "GBP", FRAME)}  # type: ignore[arg-type]


def risk(minor: int, coverage: float) -> Answer:
    return Answer(NOW, minor, 2_260_000, 3_790_000, coverage, 10.0, extra={"gross": 14_083_600})


@pytest.mark.parametrize(
    ("label", "value", "level", "note", "href"),
    [
        ("Revenue at risk", "£29,417", "act", "£23k–38k, 97 % known, +£29k in 4 h", "/exceptions"),
        ("Orders late now", "1,846", "act", "+391 in 4 h", "/exceptions?q=status%3Alate"),
        ("Late within the hour", "410", "watch", "first 12:03, +410 in 4 h", "/exceptions?q=status%3Adue"),
        ("Oldest open exception", "1 d 2 h", "ok", "of 2,105 open", "/exceptions?q=age%3A%3E%3D93600s"),
        ("Backlog", "612", "act", "never drains, +608 in 4 h", "/queues"),
        ("Events a minute", "31", "act", "38 % fail, −9 in 4 h", "/connectors"),
    ],
)
def test_figures_are_written_with_change_and_rows(label: str, value: str, level: str, note: str, href: str) -> None:
    tile = tiles()[label]
    assert (tile.value, tile.level, tile.note, tile.href) == (value, level, note, href)
    assert tile.info_href.startswith("/metrics-catalogue/")
    assert (tile.status, tile.age_seconds) == ("normal", 10.0)


def test_unknown_is_neither_a_number_nor_well() -> None:
    nothing = Answer(NOW, None, extra={"reason": "no events yet"})
    asked = ("at_risk", "late", "due", "open", "depth", "events")
    found = tiles(**{name: [nothing, nothing] for name in asked}, drain=nothing, failing=nothing)
    assert {tile.status for tile in found.values()} == {"unknown"}
    assert {tile.note for tile in found.values()} == {"no events yet"}


def test_old_figures_are_stale() -> None:
    old = Answer(NOW, 7, data_age_seconds=901.0)
    assert tiles(late=[old, old])["Orders late now"].status == "stale"


def test_nothing_open_has_no_age() -> None:
    tile = tiles(open=[an_answer(0, oldest_at=None), an_answer(0, oldest_at=None)])["Oldest open exception"]
    assert (tile.value, tile.note, tile.level) == ("None", "nothing is open", "ok")


def test_what_stayed_the_same_says_so() -> None:
    assert tiles(late=[an_answer(7), an_answer(7)])["Orders late now"].note == "as 4 h ago"
    assert tiles(late=[an_answer(None), an_answer(7)])["Orders late now"].note == ""


def test_what_is_usual_at_this_hour_is_well() -> None:
    shown = tiles(
        at_risk=[risk(90_000, 1.0), risk(90_000, 1.0)],
        late=[an_answer(55), an_answer(70)],
        open=[an_answer(150), an_answer(151, gross=1_100_000, oldest_at=SINCE)],
        usual=Usual(Stock(140, 10_000), 60),
    )
    assert [shown[label].level for label in ("Revenue at risk", "Orders late now")] == ["ok", "ok"]
    assert shown["Orders late now"].note == "+15 in 4 h, usually 60"


def test_queue_that_never_drains_is_spoken_of_first() -> None:
    depths = an_answer(9, depth(500, "deep"), depth(30, "stuck"), depth(90, "slow"), depth(None, "mute"))
    drains = an_answer(None, drain(20.0, None, "deep"), drain(None, "never", "stuck"), drain(900.0, None, "slow"))
    assert [queue.name for queue in rank_queues(depths, drains)] == ["stuck", "slow", "deep"]


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        (Queue("q", 9, None, True), "never drains"),
        (Queue("q", 9, None, False), "drain time unknown"),
        (Queue("q", 9, 65.0, False), "drains in 1 m"),
        (Queue("q", 0, 0.0, False), "empty"),
    ],
)
def test_drain_is_put_in_words(queue: Queue, words: str) -> None:
    assert drain_phrase(queue) == words
