"""Readings are the same whether a rule's question is asked alone or together with those of others."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from alerts.questions import PARTED, questions_of
from alerts.readings import CATALOGUE, Readings, read_metrics
from alerts.rules import Rule
from app.metrics.catalogue import find_metric
from tests.alerts.figures import a_rule
from tests.app.metrics.rows import NOW, a_cause, a_stake, an_exception, count

PLACES = {
    "channel": ["shopify-us", "amazon-uk", "nowhere"],
    "step": ["erp.order.posted", "fulfilment.shipped"],
    "system": ["netsuite", "wms"],
    "cause": ["c1", "c2"],
    "owner": ["ERP integration"],
    "kind": ["overdue"],
    "connector": ["orders-in"],
    "age": ["15m..1h", ">=3d"],
}


@pytest.fixture
def estate(session: Session) -> Session:
    """Orders in every kind of trouble, at two steps of two channels, and traffic beside them."""
    a_cause(session, "c1")
    a_cause(session, "c2", system="wms", owner="Warehouse", step="fulfilment.shipped", kind="failed")
    for number in range(24):
        name, channel = f"SO-{number}", ("shopify-us", "amazon-uk")[number % 2]
        an_exception(session, name, opened=5 + 9 * number, channel=channel)
        if number % 3 == 0:
            given = {"cause": "c2", "step": "fulfilment.shipped", "kind": "failed", "channel": channel}
            an_exception(session, name, opened=0.5 + 30 * number, **given)
        minor, currency = (None, None) if number % 5 == 0 else (100 * number, "GBP")
        a_stake(session, name, minor, currency, opened=5 + 9 * number, channel=channel)
        an_exception(session, name, opened=-20 - number, step="invoice.posted", channel=channel)
    for minutes in range(90):
        place = {"channel": ("shopify-us", "amazon-uk")[minutes % 2], "connector": "orders-in", "system": "netsuite"}
        outcome = "failed" if minutes % 4 == 0 else "ok"
        count(session, "events", minutes, 3, step="erp.order.posted", outcome=outcome, **place)
        for metric in ("reached", "open", "in_flight"):
            bucket = minutes % 7 if metric == "reached" else 0
            count(session, metric, minutes, 2, bucket, step="erp.order.posted", channel=place["channel"])
    return session


def rules_of(metric: str) -> Iterator[Rule]:
    """As a whole, by one and two dimensions, of one part, and of two."""
    names = find_metric(metric).dimensions
    shapes: list[tuple[tuple[str, ...], dict[str, str]]] = [((), {})]
    shapes += [(by, {}) for size in (1, 2) for by in combinations(names, size)]
    for name in names:
        for place in PLACES[name]:
            shapes += [((), {name: place}), *(((other,), {name: place}) for other in names)]
    for one, other in combinations(names, 2):
        shapes.append(((), {one: PLACES[one][0], other: PLACES[other][0]}))
    for by, where in shapes:
        yield a_rule(metric=metric, by=by, where=tuple(sorted(where.items())))


@pytest.mark.parametrize("metric", PARTED)
def test_asked_together_is_as_asked_alone(estate: Session, metric: str) -> None:
    rules = list(rules_of(metric))
    together = read_metrics(estate, CATALOGUE, rules, NOW)
    assert together.errors == {}
    for rule in rules:
        alone = read_metrics(estate, CATALOGUE, [rule], NOW)
        assert told(together, rule) == told(alone, rule), (rule.by, rule.where)


def test_many_rules_take_few_statements(estate: Session) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    connection = estate.connection()
    event.listen(connection, "before_cursor_execute", note)
    rules = [a_rule(metric="orders.late", where=(("step", f"step.number{number}"),)) for number in range(100)]
    readings = read_metrics(estate, CATALOGUE, rules, NOW)
    event.remove(connection, "before_cursor_execute", note)
    assert len(statements) <= 6
    assert {readings.reading(question, ()).value for rule in rules for question in questions_of(rule)} == {0}


def test_what_the_database_refuses_stops_no_other_question(estate: Session) -> None:
    impossible = a_rule(metric="arrivals.age", where=(("step", "a\0b"),))
    fine = a_rule(metric="exceptions.open")
    readings = read_metrics(estate, CATALOGUE, [impossible, fine], NOW)
    assert list(readings.errors) == questions_of(impossible)
    assert readings.reading(*questions_of(fine), ()).value == 24


def told(readings: Readings, rule: Rule) -> object:
    (question,) = questions_of(rule)
    labels = readings.labels(question)
    unlisted = tuple((name, "unlisted") for name in sorted(rule.by))
    return {one: readings.reading(question, one) for one in sorted({*labels, unlisted})}
