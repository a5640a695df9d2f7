"""Story: on a calm day nobody is called, and what goes wrong on another day is seen at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.metrics.catalogue import ask_series
from tests.stories.days import every, fired, lit, look, play_day

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # when things go wrong, on days on which they do
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(("seed", "begins_at", "hours"), [(3, NOON - 12 * HOUR, 24), (4, NOON - 2 * HOUR, 10)])
def test_a_calm_day_is_grey_at_every_hour_and_calls_nobody(
    session: Session, seed: int, begins_at: datetime, hours: int
) -> None:
    """The moment of the first event alone is not asked about: an hour later the tower knows enough."""
    until = begins_at + hours * HOUR
    play_day(session, "calm-day", begins_at, until, until, seed)
    colours = {f"{at:%H:%M}": lit(look(session, at)) for at in every(HOUR, begins_at + HOUR, until)}
    assert {hour: found for hour, found in colours.items() if found} == {}
    assert len(colours) == hours
    assert fired(session, every(15 * MINUTE, begins_at + 15 * MINUTE, until)) == []
    # Its alert needs no second evaluation: it must not be about to fire between those above either.
    answers = ask_series(session, "orders.failing", list(every(MINUTE, begins_at, until)), by=("system",))
    assert max(group.value or 0 for answer in answers for group in answer.groups) <= 3


@pytest.mark.parametrize("story", ["flash-sale", "duplicate-storm"])
def test_many_orders_and_many_repeats_call_nobody(session: Session, story: str) -> None:
    play_day(session, story, NOON - 2 * HOUR, NOON + 75 * MINUTE, NOON, 1)
    assert fired(session, every(MINUTE, NOON - 5 * MINUTE, NOON + 75 * MINUTE)) == []


def test_an_outage_asks_to_act_within_ten_minutes(session: Session) -> None:
    play_day(session, "erp-outage", NOON - 4 * HOUR, NOON + 10 * MINUTE, NOON, 1)
    assert lit(look(session, NOON - MINUTE)) == []
    board = look(session, NOON + 10 * MINUTE)
    headline = board.headline()
    assert (headline.level, headline.title[:52]) == ("act", "Post to ERP: NetSuite is unavailable: 41 orders wort")
    chokes = {place for place, cell in board.picture.cells.items() if cell.state == "act"}
    assert chokes == {(channel, "erp.order.posted") for channel in ("amazon-de", "amazon-uk", "shopify-us")}


def test_a_connector_gone_quiet_is_told_within_a_quarter_of_an_hour(session: Session) -> None:
    play_day(session, "connector-quiet", NOON - 4 * HOUR, NOON + 30 * MINUTE, NOON, 1)
    told = lit(look(session, NOON + 15 * MINUTE))
    assert any("netsuite-to-wms</b> went quiet, 16 m" in one for one in told), told
    cells = look(session, NOON + 30 * MINUTE).picture.cells
    assert cells["amazon-uk", "fulfilment.released"].state == "unknown"


def test_a_poison_message_stands_first_among_what_to_do(session: Session) -> None:
    play_day(session, "poison-message", NOON - 4 * HOUR, NOON + HOUR, NOON, 1)
    board = look(session, NOON + 40 * MINUTE)
    group, _ = board.first()["rows"][0]
    assert (group.title, group.orders) == ("Post to ERP: Unknown SKU …", 19)
    assert board.picture.cells["amazon-uk", "erp.order.posted"].state == "act"
