"""`verify` finds nothing in what the pipeline wrote, and names each sort of damage that is planted in it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.event import Event
from app.journeys.catalogue import load_flows
from app.pipeline import Estate, work_events
from app.verify.report import Report
from app.verify.run import size_of, verify
from tests.builders import NOW, an_event

RETENTION = timedelta(days=90)
ORDER, RETURN = ("order", "A"), ("return", "R-1")


def told() -> list[Event]:
    """An order with trouble, its parcel, its return, a contradiction, a stray parcel and a heartbeat."""
    promised = NOW + timedelta(hours=9)
    ago = NOW - timedelta(minutes=50)
    keys = (ORDER, ("netsuite.salesorder", "1"))
    return [
        an_event(id="1", at=ago, keys=(ORDER, ("sku", "S")), amount_minor=100, currency="USD", promised_at=promised),
        an_event("erp.order.posted", id="2", keys=keys, outcome="failed", error="no"),
        an_event("fulfilment.shipped", id="3", keys=(keys[1], ("tracking", "P"))),
        an_event("fulfilment.delivered", id="4", keys=(("tracking", "P"),)),
        an_event("return.requested", id="5", keys=(RETURN, ORDER)),
        an_event("refund.issued", id="6", keys=(RETURN,), outcome="failed", error="card closed"),
        an_event("invoice.posted", id="7", keys=(ORDER, ("invoice", "7"))),
        an_event("invoice.posted", id="8", keys=(("order", "B"), ("invoice", "7"))),
        an_event("fulfilment.delivered", id="9", keys=(("tracking", "stray"),)),
        an_event("connector.heartbeat", id="10", keys=(), connector="orders-to-netsuite"),
    ]


@pytest.fixture
def filled(session: Session) -> Session:
    work_events(session, Estate(load_flows(), RETENTION), told(), NOW)
    return session


def check(session: Session, retention: timedelta = RETENTION) -> Report:
    return verify(session, load_flows(), retention, NOW)


def test_what_the_pipeline_wrote_is_what_the_events_say(filled: Session) -> None:
    steps: list[int] = []
    report = verify(filled, load_flows(), RETENTION, NOW, steps.append)
    assert report.lines() == ["10 events, 3 journeys checked", "no differences"]
    assert sum(steps) == size_of(filled) == 23


DAMAGE = [
    (
        "UPDATE rollups SET count = count + 1 WHERE (series_id, grain, at, bucket) = ({one} ORDER BY 1 LIMIT 1)",
        "rollups",
    ),
    ("DELETE FROM journey_keys WHERE key = 'netsuite.salesorder:1' AND kind = 'order'", "journey_keys"),
    ("UPDATE journey_keys SET role = 'identity' WHERE role = 'contended'", "journey_keys"),
    ("INSERT INTO journey_keys SELECT 'tracking:Q', kind, id, 'tied', 0 FROM journeys", "journey_keys"),
    ("DELETE FROM key_neighbours WHERE neighbour = 'order:B'", "key_neighbours"),
    ("UPDATE pending_troubles SET times[1] = times[1] + interval '1 hour'", "exceptions"),
    (
        "INSERT INTO closed_exceptions SELECT id, 'x', 'failed', now(), now(), now(), now(), 'c', '' FROM journeys",
        "exceptions",
    ),
    ("UPDATE pending_troubles SET stake_words = ARRAY[]::text[]", "exposures"),
    ("DELETE FROM waiting_events WHERE kind = 'order'", "waiting_events"),
    ("DELETE FROM journeys WHERE kind = 'return'", "journeys"),
    ("UPDATE journeys SET anchor = 'order:C' WHERE anchor = 'order:B'", "journeys"),
    ("UPDATE journeys SET (facts, event_count) = (SELECT facts, 1 FROM journeys WHERE anchor = 'order:B')", "journeys"),
    ("UPDATE journeys SET state = (SELECT state FROM journeys WHERE anchor = 'order:B')", "journeys"),
    ("DELETE FROM events WHERE step = 'erp.order.posted'", "journeys"),
    ("DELETE FROM causes", "causes"),
    ("DELETE FROM series", "series"),
]
ONE_ROLLUP = "SELECT series_id, grain, at, bucket FROM rollups"


@pytest.mark.parametrize(("damage", "table"), DAMAGE)
def test_damage_of_each_sort_is_named(filled: Session, damage: str, table: str) -> None:
    filled.execute(text(damage.format(one=ONE_ROLLUP)))
    report = check(filled)
    assert not report.is_clean
    assert report.counts[table] > 0
    assert any(line.startswith(f"{table} ") for line in report.lines())


def test_a_difference_says_what_stands_there_and_what_should(filled: Session) -> None:
    filled.execute(text("UPDATE pending_troubles SET words[3] = 'other' WHERE words[1] = 'refund.issued'"))
    (found,) = check(filled).examples
    assert found.table == "exceptions"
    assert "refund.issued failed" in found.name
    assert found.stored == {"cause": "other"}
    assert found.expected["cause"] != "other"


def test_what_retention_has_dropped_is_taken_on_trust_and_said(filled: Session) -> None:
    old = an_event(id="old", at=NOW - timedelta(days=200), keys=(("order", "OLD"), ("invoice", "70")))
    stray = an_event("fulfilment.delivered", id="old-stray", at=NOW - timedelta(days=200), keys=(("tracking", "Q"),))
    beat = an_event("connector.heartbeat", id="old-beat", at=NOW - timedelta(days=200), keys=())
    work_events(filled, Estate(load_flows(), RETENTION), [old, stray, beat], NOW)
    assert check(filled).is_clean
    filled.execute(text("DELETE FROM events WHERE occurred_at < :day"), {"day": NOW - timedelta(days=100)})
    report = check(filled)
    assert report.lines() == [
        "10 events, 4 journeys checked",
        "2 facts are older than 2026-08-25: their events were dropped, so they are taken as the journeys hold them,"
        " and counts of events before that day are not checked",
        "no differences",
    ]
    filled.execute(text("DELETE FROM journey_keys WHERE key = 'invoice:70'"))
    assert check(filled).counts == {"journey_keys": 1}


def test_an_event_that_was_dropped_too_early_is_a_difference(filled: Session) -> None:
    filled.execute(text("DELETE FROM events WHERE step = 'return.requested'"))
    lines = check(filled).lines()
    assert any("order:A: facts: stored ['/test|5'], expected []" in line for line in lines)
