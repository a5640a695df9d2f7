"""The statements behind numbers and lists read indexes, never a whole large table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.exceptions.filters import read_filter as exception_filter
from app.exceptions.members import list_exceptions, list_members
from app.exceptions.queries import list_bands, list_groups, summarise
from app.exceptions.selection import as_of
from app.journeys.catalogue import order_flow
from app.metrics.catalogue import CATALOGUE, ask_series
from app.orders.filters import read_filter as order_filter
from app.orders.queries import list_orders
from app.orders.search import search
from app.series.rates import load_converter
from tests.builders import NOW

LARGE = "rollups|closed_exceptions|closed_exposures|pending_troubles|queue_samples|journeys|journey_keys"
TIMES = [NOW - timedelta(minutes=10 * place) for place in reversed(range(12))]

# Twenty thousand journeys over twenty days, one exception and exposure each, of which two hundred are still open;
# and ten thousand that have a deadline ahead.
SEED = """
INSERT INTO journeys (id, kind, flow, anchor, is_provisional, channel, value_minor, currency, opened_at, closed_at,
                      ending, stage, last_at, event_count, facts, state)
SELECT md5(n::text)::uuid, 'order', 'order-to-cash', 'order:SO-' || n, false, 'c' || n % 3, 1000, 'GBP', at, closed,
       CASE WHEN closed IS NOT NULL THEN 'completed' END, 'order.placed', at, 3, ''::bytea, ''::bytea FROM made;
INSERT INTO journey_keys (key, kind, journey_id, role)
SELECT key, 'order', md5(n::text)::uuid, role FROM made CROSS JOIN LATERAL (VALUES
       ('order:SO-' || n, 'anchor'), ('invoice:' || n, 'identity'), ('sku:S-' || n % 50, 'facet')) AS k(key, role);
INSERT INTO closed_exceptions (journey_id, step, kind, opened_at, closed_at, since_at, started_at, cause, channel)
SELECT md5(n::text)::uuid, 'erp.order.posted', 'overdue', at, closed, at, at, 'cause' || n % 9, 'c' || n % 3
  FROM made WHERE closed IS NOT NULL;
INSERT INTO closed_exposures (journey_id, impact, opened_at, closed_at, since_at, flow, step, cause, channel,
                              value_minor, currency)
SELECT md5(n::text)::uuid, 'revenue', at, closed, at, 'order-to-cash', 'erp.order.posted', 'cause' || n % 9,
       'c' || n % 3, 1000, 'GBP' FROM made WHERE closed IS NOT NULL;
INSERT INTO pending_troubles (journey_id, due_at, channel, flow, words, times, stake_words, stake_times, value_minor,
                              currency)
SELECT md5(n::text)::uuid, due, 'c' || n % 3, 'order-to-cash', ARRAY['erp.order.posted', 'overdue', 'cause' || n % 9],
       ARRAY[due, due, due], ARRAY['revenue', 'erp.order.posted', 'cause' || n % 9], ARRAY[due, due], 1000, 'GBP'
  FROM (SELECT n, at AS due FROM made WHERE closed IS NULL
        UNION ALL SELECT 20000 + n, :now + make_interval(mins => n) FROM made WHERE n <= 10000) AS waiting;
INSERT INTO queue_samples (queue, at, depth, published, consumed)
SELECT 'q' || q, :now - make_interval(mins => m), 5, 3, 3 FROM generate_series(1, 4) q, generate_series(0, 5000) m;
INSERT INTO series SELECT n, m, 'c' || n % 3, 'k' || n % 5, '', 's' || n, 'ok', '' FROM generate_series(1, 20) n,
       unnest(ARRAY['events', 'reached', 'open', 'in_flight']) WITH ORDINALITY AS metric(m, place)
 WHERE n % 4 = place - 1;
INSERT INTO rollups SELECT s.id, 60, :now - make_interval(mins => m), 0, 1 FROM series s, generate_series(0, 4000) m;
INSERT INTO rollups SELECT s.id, 86400, date_trunc('day', :now) - make_interval(days => d), 0, 9
  FROM series s, generate_series(0, 300) d;
ANALYZE journeys, journey_keys, closed_exceptions, closed_exposures, pending_troubles, queue_samples, series, rollups
"""
MADE = """
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT n, :now - make_interval(mins => n) AS at,
       CASE WHEN n % 100 <> 0 THEN :now - make_interval(mins => n - least(n, 60) + 1) END AS closed
  FROM generate_series(1, 20000) n
"""


@pytest.fixture
def _many(session: Session) -> None:
    for statement in (MADE, *SEED.split(";\n")):
        session.execute(text(statement.replace(":now", f"TIMESTAMPTZ '{NOW.isoformat()}'")))


@contextmanager
def statements(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is sent to the database."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def whole_tables_read(session: Session, seen: list[tuple[str, Any]]) -> list[str]:
    """Explain statements and name the large tables that they would read from end to end."""
    found = []
    for statement, parameters in seen:
        rows = session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        found += re.findall(rf"Seq Scan on (?:{LARGE})\b.*", "\n".join(rows))
    return found


@pytest.mark.usefixtures("_many")
def test_every_metric_reads_indexes(session: Session) -> None:
    for metric in CATALOGUE.values():
        with statements(session) as seen:
            ask_series(session, metric.name, TIMES, by=metric.dimensions[:1])
        assert len(seen) <= 3, metric.name
        assert whole_tables_read(session, seen) == [], metric.name


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize("words", ["", "channel:c1 age:>4h", "value:>100", "cause:cause1", "status:closed"])
def test_the_work_queue_reads_indexes(session: Session, words: str) -> None:
    wanted, asked = exception_filter(words), as_of(session, NOW, "GBP")
    with statements(session) as seen:
        list_exceptions(session, wanted, asked)
        if wanted.status == "open":
            list_groups(session, wanted, asked)
            list_members(session, wanted, asked)
            list_bands(session, wanted, asked)
            summarise(session, wanted, asked)
    assert whole_tables_read(session, seen) == []


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize(
    "words", ["", "status:open", "status:late", "channel:c1", "key:order:SO-77", "inv77", "sku:S-7"]
)
def test_the_order_list_reads_indexes(session: Session, words: str) -> None:
    converter = load_converter(session, NOW, "GBP")
    with statements(session) as seen:
        list_orders(session, order_filter(words), NOW, order_flow(), converter)
    assert whole_tables_read(session, seen) == []


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize("words", ["SO-77", "so-777", "invoice:77", "S-7", "SO-19"])
def test_search_reads_indexes(session: Session, words: str) -> None:
    with statements(session) as seen:
        assert search(session, words, NOW, order_flow()).groups
    assert whole_tables_read(session, seen) == []
