"""Connectors and queues as of a time, from the counts and samples that the pipeline leaves."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from collectors.findings import deepest, find_in_connectors, find_in_depths, find_in_queues
from collectors.queries import chart_depths, list_connectors, list_queues
from tests.app.metrics.rows import a_sample, ago, count
from tests.builders import NOW

POSTING = {"connector": "orders-to-netsuite", "system": "netsuite", "step": "erp.order.posted"}


@pytest.fixture
def traffic(session: Session) -> Session:
    """One connector that failed at half of its last attempts, one that went quiet 40 minutes ago, one that is new."""
    for minutes in range(1, 90):
        count(session, "events", minutes, 2, **POSTING, outcome="ok")
        count(
            session, "events", minutes + 40, **{"connector": "shopify-us-orders", "step": "order.placed"}, outcome="ok"
        )
    for minutes in range(1, 11):
        count(session, "events", minutes, 2, **POSTING, outcome="retrying")
    count(session, "events", 2, connector="new", step="connector.heartbeat", outcome="ok")
    return session


def test_connectors_are_listed_the_worst_first(traffic: Session) -> None:
    rows = list_connectors(traffic, NOW)
    assert [(row.name, row.lamp.word) for row in rows] == [
        ("shopify-us-orders", "Down"),
        ("orders-to-netsuite", "Shaky"),
        ("new", "Learning"),
    ]
    quiet, shaky, new = rows
    assert (quiet.seen_at, quiet.silence_seconds, quiet.events) == (ago(41), 41 * 60, 20)
    assert (shaky.events, shaky.attempts, shaky.failed, shaky.retries) == (140, 140, 20, 20)
    assert shaky.failure_rate == pytest.approx(1 / 7)
    assert (new.events, new.failure_rate, new.cadence) == (0, None, None)
    finding = find_in_connectors(rows)
    assert (finding.level, finding.text) == ("act", "shopify-us-orders has been silent for 41 m, usually 1 m")
    assert finding.note == "2 of 3 connectors need a look."


def test_connectors_can_be_asked_about_the_past(traffic: Session) -> None:
    rows = list_connectors(traffic, NOW - timedelta(minutes=45))
    assert [(row.name, row.lamp.word) for row in rows] == [("orders-to-netsuite", "Up"), ("shopify-us-orders", "Up")]
    assert find_in_connectors(rows).text == "Every connector speaks as often as it usually does"


def test_nobody_spoke(session: Session) -> None:
    assert list_connectors(session, NOW) == []
    assert list_queues(session, NOW) == []
    assert chart_depths(session, NOW, timedelta(hours=4)) == {}


def test_queues_are_listed_with_what_they_need(session: Session) -> None:
    for minutes in range(20):
        a_sample(session, "orders.us", at=minutes, depth=600 - 10 * minutes, published=30, consumed=20, consumers=4)
        a_sample(session, "orders.eu", at=minutes, depth=50 + 20 * minutes, published=10, consumed=30, dead_letters=0)
        a_sample(session, "invoices", at=minutes + 30, depth=7)
    session.flush()
    rows = {row.name: row for row in list_queues(session, NOW)}
    assert list(rows) == ["orders.us", "invoices", "orders.eu"]
    endless, stale, draining = rows.values()
    assert (endless.lamp.word, endless.depth, endless.is_endless, endless.consumers) == ("Never drains", 600, True, 4)
    assert (endless.arrival, endless.service, endless.drain_seconds) == (30, 20, None)
    assert (stale.lamp.level, stale.depth, stale.sampled_at) == ("unknown", None, ago(30))
    assert (draining.lamp.word, draining.depth, draining.drain_seconds) == ("Draining", 50, 150)
    finding = find_in_queues(list(rows.values()))
    assert finding.text == "600 messages in orders.us: it never drains at present rates"
    assert finding.note == "650 messages in 3 queues."


def test_depths_are_drawn_through_the_window(session: Session) -> None:
    for minutes in range(0, 241, 5):
        a_sample(session, "orders.us", at=minutes, depth=240 - minutes)
    a_sample(session, "orders.eu", at=0, depth=3)
    session.flush()
    depths = chart_depths(session, NOW, timedelta(hours=4))
    assert [len(points) for points in depths.values()] == [49, 49]
    assert depths["orders.us"][0] == (NOW - timedelta(hours=4), 0)
    assert depths["orders.us"][-1] == (NOW, 240)
    assert depths["orders.eu"][0][1] is None
    assert deepest(depths) == ["orders.us", "orders.eu"]
    assert find_in_depths(depths, timedelta(hours=4)) == "orders.us grew from 0 to 240 in 4 h"
