"""The sentence on top, case by case."""

from datetime import timedelta

import pytest

from app.metrics.metric import Answer, Group
from app.tower.headline import Headline, headline_of, short_time, urgency, worst_group
from app.tower.strip import Queue
from tests.app.tower.world import FLOW, a_cell, a_group, a_picture, an_answer
from tests.builders import NOW

DUE = NOW + timedelta(hours=2)
DEADLINES = an_answer(5, Group({"step": "fulfilment.released"}, 5, {"next_at": DUE}))
POSTED = ("shopify-us", "erp.order.posted")
STUCK = Queue("orders.us", 612, None, True)
CALM = Queue("orders.us", 3, 20.0, False)
HELD = a_cell("watch", waiting=7, word="rejected", value="£782")


def say(
    groups=(), lit=None, queues=(), age: float | None = 10.0, deadlines: Answer = DEADLINES, quiet: float | None = None
) -> Headline:
    return headline_of(FLOW, groups, a_picture(lit or {}, quiet), queues, age, lambda: deadlines, NOW)


def test_worst_cause_is_told_with_its_money_its_time_and_its_owner() -> None:
    told = say([a_group(), a_group(cause="c2", level="watch"), a_group(cause="c3", level="quiet")], queues=[STUCK])
    assert (told.level, told.word) == ("act", "Act")
    assert told.title == "NetSuite is unavailable: 159 orders worth £15,746 held back since 10:50"
    assert told.text == (
        "Orders of Amazon UK and Shopify US could not post to ERP. Walmart is not affected. "
        "ERP integration looks after it: check the ERP connector. 612 messages wait in orders.us. "
        "One more cause needs attention."
    )


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (a_group(level="watch", orders=1), "one order worth"),
        (a_group(gross=None), "159 orders, value unknown, held back"),
        (a_group(first_seen_at=NOW - timedelta(days=1)), "since Sun 22 Nov 12:00"),
    ],
)
def test_title_tells_what_is_known(group, words: str) -> None:
    told = say([group])
    assert words in told.title
    assert told.level == group.level


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (
            a_group(channels=("amazon-uk", "shopify-us", "walmart")),
            "Orders of all three channels could not post to ERP.",
        ),
        (a_group(kind="overdue"), "did not post to ERP."),
        (a_group(owner=""), "Nobody looks after it"),
        (a_group(step="unheard.of"), "Orders of Amazon UK and Shopify US stopped."),
    ],
)
def test_text_tells_where_and_whose(group, words: str) -> None:
    assert words in say([group]).text


def test_a_choked_stretch_asks_to_act_before_the_sum_does() -> None:
    few = a_group(level="watch", orders=35)
    assert say([few]).level == "watch"
    assert say([few], lit={POSTED: a_cell("act")}).level == "act"
    assert say([few], lit={("shopify-us", "invoice.posted"): a_cell("act")}).level == "watch"


def test_level_comes_before_money() -> None:
    rich = a_group(cause="c2", level="quiet", at_risk=a_group().gross)
    assert worst_group([rich, a_group()]) == a_group()
    assert worst_group([rich]) is None
    assert sorted([rich, a_group()], key=urgency)[0] == a_group()


@pytest.mark.parametrize(
    ("told", "level", "title", "text"),
    [
        (say(age=None), "unknown", "Nothing is known yet: no event has come in", "Connect a system"),
        (say(age=1560.0), "unknown", "No news for 26 m: what you see is of 11:34", ""),
        (
            say(queues=[STUCK]),
            "act",
            "Queue orders.us fills faster than it is emptied: 612 messages wait",
            "never drains",
        ),
        (
            say(lit={POSTED: HELD}),
            "watch",
            "Shopify US is held back at Posted to ERP: 7 orders rejected, worth £782",
            "No",
        ),
        (
            say(lit={POSTED: a_cell("unknown")}, quiet=1560.0),
            "unknown",
            "Shopify US has been silent at Posted to ERP for 26 m",
            "Usually orders pass there all the time.",
        ),
        (
            say(lit={POSTED: a_cell("unknown"), ("walmart", "erp.order.posted"): a_cell("unknown")}, quiet=1560.0),
            "unknown",
            "Shopify US has been silent",
            "Also Walmart is silent at Posted to ERP.",
        ),
    ],
)
def test_other_matters_are_told(told: Headline, level: str, title: str, text: str) -> None:
    assert told.level == level
    assert title in told.title
    assert text in told.text


def test_calm_names_the_next_deadline() -> None:
    told = say([a_group(level="quiet", orders=35)], queues=[CALM])
    assert (told.level, told.title) == ("ok", "Nothing needs you: three channels flow, 3.3 orders a minute")
    assert told.text == (
        "35 orders have an open exception, of one cause, none of them large. The next deadline that could be missed "
        "is one to release to the warehouse at 14:00, with 2 h to spare."
    )
    assert say(deadlines=an_answer(0)).text == "No exception is open. No deadline falls within a day."


def test_deadlines_are_asked_for_only_when_calm() -> None:
    def never() -> Answer:
        raise AssertionError("asked")

    assert headline_of(FLOW, [a_group()], a_picture(), (), 10.0, never, NOW).level == "act"


def test_times_of_another_day_carry_it() -> None:
    assert short_time(NOW - timedelta(hours=1), NOW) == "11:00"
    assert short_time(NOW - timedelta(days=2), NOW) == "Sat 21 Nov 12:00"
