"""What a message says."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from alerts.message import compose, links_to
from alerts.notifier import Message, message_read, message_stored
from alerts.words import format_value, rule_sentence
from tests.alerts.figures import NOON, a_rule
from tests.alerts.messages import NOW, a_message, a_stake, an_episode
from tests.alerts.test_rules import FAILING, STUCK


def facts(message: Message) -> dict[str, str]:
    return {fact.name: fact.text for fact in message.facts}


def test_firing_says_money_orders_cause_owner_trend_and_since_when() -> None:
    message = a_message()
    assert message.subject == "Act: Revenue at risk is £29,417"
    assert message.sentence == "Revenue at risk is £29,417."
    assert facts(message) == {
        "Money": "£29,417 at risk of £140,836 waiting, between £22,600 and £37,900, value known for 97 %",
        "Orders": "2,105 orders",
        "Cause": "NetSuite rejects unknown SKUs, 1,284 orders, £20,955 at risk. First: Create the items",
        "Owner": "ERP integration",
        "Trend": "£29,417 now, £12,000 an hour ago, £8,120 when it began",
        "Since": "Mon 23 Nov 12:00 UTC, 42 m",
    }


def test_resolved_says_how_long_the_worst_and_what_recovered() -> None:
    now = a_stake(risk_minor=21_000, orders=12, cause=None)
    message = a_message("resolved", [now, a_stake()], value=21_000)
    assert message.subject == "Resolved: Revenue at risk is high"
    assert message.sentence == "Over after 42 m: Revenue at risk is £29,417."
    assert facts(message) == {
        "At its worst": "2,105 orders, £29,417 at risk",
        "Now": "12 orders, £210.00 at risk",
        "Recovered": "2,093 orders, £29,207 less at risk; 12 orders still wait",
        "Cause": "NetSuite rejects unknown SKUs, 1,284 orders, £20,955 at risk. First: Create the items",
        "Owner": "ERP integration",
        "Lasted": "since Mon 23 Nov 12:00 UTC, 42 m",
    }


def test_withdrawn_does_not_claim_that_it_is_over() -> None:
    message = a_message("withdrawn", [a_stake(), a_stake()])
    assert "nothing says that it is over" in message.sentence
    assert "Recovered" not in facts(message)


def test_unknown_is_said_and_not_counted_as_nothing() -> None:
    nothing = a_stake(risk_minor=None, orders=None, cause=None, cause_owner=None, gross_minor=None)
    message = a_message(stakes=[nothing], hour_ago=None, value=None)
    assert facts(message)["Money"] == "unknown"
    assert facts(message)["Orders"] == "unknown"
    assert facts(message)["Owner"] == "Retail operations"
    assert facts(message)["Trend"].startswith("unknown now, unknown an hour ago")


def test_peak_of_another_figure_stands_before_the_money() -> None:
    message = a_message("resolved", [a_stake(orders=1), a_stake()], unit="messages", peak=612, value=3)
    assert facts(message)["At its worst"] == "612; 2,105 orders, £29,417 at risk"


def test_what_money_does_not_know_is_told_by_its_own_figure() -> None:
    everywhere = a_stake(is_whole=True, cause=None, cause_owner=None)
    queue = {"unit": "messages", "value": 612, "hour_ago": 4, "began": 55, "peak": 612}
    fired = facts(a_message(stakes=[everywhere], **queue))
    assert fired["Money"].endswith("value known for 97 %, everywhere together")
    assert fired["Orders"] == "2,105 orders, everywhere together"
    assert fired["Cause"] == "Revenue at risk is high"
    assert fired["Owner"] == "Retail operations"
    assert fired["Trend"] == "612 now, 4 an hour ago, 55 when it began"
    assert (
        facts(a_message("resolved", [everywhere, everywhere], **{**queue, "value": 3}))["Recovered"] == "from 612 to 3"
    )


def test_links_lead_to_that_moment_and_to_now() -> None:
    rule = a_rule(where=(("channel", "amazon-us"),))
    links = links_to(rule, {"owner": "ERP integration"}, NOON + timedelta(microseconds=5), "https://tower.example")
    then, now = urlsplit(links.then), urlsplit(links.now)
    assert (then.path, now.path) == ("/exceptions", "/exceptions")
    assert parse_qs(then.query) == {
        "at": ["2026-11-23T12:00:00Z"],
        "q": ['channel:amazon-us owner:"ERP integration"'],
    }
    assert parse_qs(now.query) == {"q": ['channel:amazon-us owner:"ERP integration"']}


@pytest.mark.parametrize(
    ("labels", "path"),
    [({"queue": "orders.us"}, "/queues"), ({"connector": "erp"}, "/connectors"), ({}, "/exceptions")],
)
def test_links_lead_to_the_page_of_the_matter(labels: dict[str, str], path: str) -> None:
    assert urlsplit(links_to(a_rule(), labels, NOON, "").now).path == path


@pytest.mark.parametrize("kind", ["firing", "resolved", "withdrawn"])
def test_message_survives_the_outbox(kind: str) -> None:
    message = a_message(kind, [a_stake(), a_stake()])
    assert message_read(msgspec.json.decode(msgspec.json.encode(message_stored(message)))) == message


def test_summary_puts_in_values_and_nothing_else() -> None:
    rule = a_rule(summary="{value} over {limit} in {queue}")
    episode = an_episode(labels={"queue": "{value}<b>"})
    assert compose("firing", rule, episode, NOW, "", [a_stake()]).sentence == "£29,417 over £1,000 in {value}<b>"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (123_456, "money:GBP", "£1,235"),
        (9_999, "money:GBP", "£99.99"),
        (0.384, "share", "38 %"),
        (4_000, "seconds", "1 h 6 m"),
        (1_284, "orders", "1,284"),
        (3.25, "events/min", "3.25"),
        (None, "orders", "unknown"),
    ],
)
def test_value_reads_like_its_unit(value: float | None, unit: str, words: str) -> None:
    assert format_value(value, unit) == words


def test_rules_read_as_sentences() -> None:
    units = {"revenue.at_risk": "money:GBP", "queue.depth": "messages", "queue.drain_time": "seconds"}
    units |= {"failure.rate": "share", "throughput": "events/min"}
    assert rule_sentence(a_rule(rising=True, where=(("channel", "amazon-us"),)), units) == (
        "Act when revenue at risk, channel amazon-us, is above £1,000 and higher than an hour ago, held for 2 m; "
        "over when below £800 for 5 m."
    )
    assert rule_sentence(STUCK, units) == (
        "Act when the number of waiting messages is above 50 and the time to drain has no end at present rates, "
        "held for 2 m; "
        "over when that has not been so for 5 m."
    )
    assert rule_sentence(FAILING, units) == (
        "Act when the share of failures is above 20 %, given that the number of events a minute is above 2, "
        "held for 2 m; "
        "over when that has not been so for 5 m."
    )
