"""Story: a thousand orders arrive in ten orders and batchings, and the tower says the same each time."""

import json
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.stories.journeys import BEGINS_AT, an_estate, cut, exported, order_events, read_events, work

pytestmark = [pytest.mark.story, pytest.mark.timeout(120)]

ORDERS = 1_000
HORIZON = timedelta(hours=8)
LARGEST_BATCH = 5_000
NOW = BEGINS_AT + timedelta(days=1)


def test_thousand_orders_in_ten_orders_give_the_same_export(engine: Engine) -> None:
    events = read_events(order_events(ORDERS, HORIZON), NOW)
    exports: Counter[bytes] = Counter()
    for seed in range(10):
        rng = Random(seed)
        shuffled = rng.sample(events, len(events)) if seed else events
        # A transaction that is rolled back leaves a store as fresh as the first.
        with engine.connect() as connection, connection.begin() as transaction:
            session = Session(connection, autoflush=False, join_transaction_mode="create_savepoint")
            work(session, an_estate(), cut(shuffled, rng, LARGEST_BATCH), NOW)
            exports[exported(session)] += 1
            transaction.rollback()
    assert list(exports.values()) == [10]
    check_richness(next(iter(exports)), len({(event.source, event.id) for event in events}))


def check_richness(export: bytes, events: int) -> None:
    """Make sure that what was compared is worth comparing: a thousand whole orders, troubled ones among them."""
    lines = [json.loads(line) for line in export.splitlines()]
    # Besides the orders: documents whose link to their order had not come by the horizon.
    assert sum(line["anchor"].startswith("order:") for line in lines) == ORDERS
    assert len(lines) < ORDERS * 1.02
    assert sum(len(line["events"]) for line in lines) == events
    assert {line["kind"] for line in lines} == {"order"}
    kinds = Counter(exception["kind"] for line in lines for exception in line["exceptions"])
    assert kinds["failed"] > 20
    assert kinds["overdue"] > 20
    assert kinds["dead-lettered"] > 0
    assert sum("invoice.posted" in line["milestones"] for line in lines) > ORDERS / 4
