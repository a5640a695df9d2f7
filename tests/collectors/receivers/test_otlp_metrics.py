"""Which metrics become samples of queues and signs of life, and what of the others is said."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.events.fact import fact_of
from app.series.points import _row
from collectors.receivers.otlp_metric_names import CHANGES, HEARTBEAT, known_metrics
from collectors.receivers.otlp_points import NO_VALUE, WRONG_KIND
from collectors.receivers.otlp_reading import NOT_BUSINESS, Reading
from tests.collectors.receivers.otlp_requests import ENDS_AT, a_gauge, a_sum, attributes, read_points

RABBIT = {"rabbitmq.queue.name": "orders", "rabbitmq.vhost.name": "/", "rabbitmq.node.name": "rabbit@1"}


def sampled(reading: Reading) -> list[dict[str, Any]]:
    assert reading.refusals == []
    assert {event.step for event in reading.events} <= {"queue.sample"}
    return [event.attributes for event in reading.events]


def test_figures_of_one_second_are_one_sample() -> None:
    reading = read_points(
        a_gauge("messaging.queue.depth", 612),
        a_gauge("messaging.queue.in_flight", 4),
        a_gauge("retail.queue.oldest_age", 1840.5, timeUnixNano=str(ENDS_AT + 1000)),
        a_gauge("messaging.queue.dead_letters", 2.0),
        a_sum("messaging.queue.consumers", 3, 2, False),
        a_sum("messaging.queue.published", 31, 1, True),
        a_sum("retail.queue.consumed", 12, 1, True),
        a_gauge("messaging.queue.depth", 600, timeUnixNano=str(ENDS_AT + 10**9)),
    )
    first, second = reading.events
    assert (first.source, first.system, first.connector) == ("otlp:netsuite", "rabbitmq", None)
    assert first.occurred_at == datetime(2026, 11, 23, 10, 15, 2, tzinfo=UTC)
    assert _row(fact_of(first)) == {
        "queue": "orders.us", "broker": "rabbitmq", "at": first.occurred_at, "depth": 612, "in_flight": 4,
        "oldest_seconds": 1840.5, "published": 31, "consumed": 12, "dead_letters": 2, "consumers": 3,
    }  # fmt: skip
    assert second.attributes == {"queue": "orders.us", "broker": "rabbitmq", "depth": 600}
    assert len(json.loads(first.payload)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]) == 7


def test_rabbitmq_is_read_in_the_words_of_its_collector() -> None:
    told = [
        a_sum("rabbitmq.message.current", 12, 2, False, told={"state": "ready"}),
        a_sum("rabbitmq.message.current", 3, 2, False, told={"state": "unacknowledged"}),
        a_sum("rabbitmq.consumer.count", 0, 2, False, told={}),
        a_sum("rabbitmq.message.acknowledged", 7, 1, True, told={}),
    ]
    sample = {"queue": "orders", "broker": "rabbitmq", "depth": 12, "in_flight": 3, "consumers": 0, "consumed": 7}
    assert sampled(read_points(*told, service=RABBIT)) == [sample]
    (other,) = sampled(read_points(*told, service=RABBIT | {"rabbitmq.vhost.name": "eu"}))
    assert other["queue"] == "eu/orders"


def test_partitions_add_up_and_two_metrics_of_one_figure_do_not() -> None:
    parts = a_gauge("kafka.consumer_group.lag_sum", 5, {"group": "erp", "topic": "orders"})
    parts["gauge"]["dataPoints"] *= 2
    assert sampled(read_points(parts)) == [{"queue": "erp/orders", "broker": "kafka", "depth": 10}]
    twice = read_points(a_gauge("messaging.queue.depth", 4), a_gauge("retail.queue.depth", 4))
    assert [sample["depth"] for sample in sampled(twice)] == [4]


def test_age_in_milliseconds_is_converted_and_the_oldest_counts() -> None:
    age = a_gauge("messaging.queue.oldest_age", 1500) | {"unit": "ms"}
    younger = a_gauge("messaging.queue.oldest_age", 900)["gauge"]["dataPoints"]
    age["gauge"]["dataPoints"] += younger
    assert sampled(read_points(age))[0]["oldest_age_seconds"] == 1.5


def test_replica_of_a_stream_is_not_its_leader() -> None:
    place = {"stream_name": "ORDERS", "consumer_name": "erp"}
    leader = a_gauge("jetstream_consumer_num_pending", 57, place | {"is_consumer_leader": "true"})
    replica = a_gauge("jetstream_consumer_num_pending", 0, place | {"is_consumer_leader": "false"})
    reading = read_points(replica, leader)
    assert sampled(reading) == [{"queue": "ORDERS/erp", "broker": "nats", "depth": 57}]
    assert reading.left == {WRONG_KIND: 1}


def test_connector_that_reports_is_alive() -> None:
    beats = [
        a_gauge("retail.connector.heartbeat", 1, {"retail.connector": "to-erp"}),
        a_sum("retail.connector.up", 8, 2, True, told={}),
        a_gauge("retail.connector.up", 0, {"retail.connector": "to-wms"}),
    ]
    reading = read_points(*beats)
    assert [(event.step, event.connector, event.system) for event in reading.events] == [
        ("connector.heartbeat", "to-erp", "netsuite"),
        ("connector.heartbeat", "netsuite", "netsuite"),
    ]
    assert reading.left == {"not alive": 1}


LEFT = [
    (a_gauge("http.server.active_requests", 3), NOT_BUSINESS),
    ({"name": "messaging.queue.depth", "histogram": {"dataPoints": []}}, NOT_BUSINESS),
    (a_sum("messaging.queue.published", 90_000, 2, True), WRONG_KIND),
    (a_gauge("messaging.queue.published", 5), WRONG_KIND),
    (a_sum("messaging.queue.depth", 5, 1, False), WRONG_KIND),
    (a_sum("messaging.queue.dead_letters", 5, 2, True), WRONG_KIND),
    (a_gauge("messaging.queue.depth", 5, flags=1), NO_VALUE),
    (a_gauge("messaging.queue.depth", 0.5, asDouble="NaN"), NO_VALUE),
]


@pytest.mark.parametrize(("metric", "reason"), LEFT)
def test_what_says_nothing_is_counted_and_left(metric: dict[str, Any], reason: str) -> None:
    reading = read_points(metric)
    assert (reading.events, reading.refusals, reading.left) == ([], [], {reason: 1})


REFUSED = [
    (a_gauge("messaging.queue.depth", -1), "the value -1 cannot be one of a queue"),
    (a_gauge("messaging.queue.depth", 0.5, asDouble="Infinity"), "the value inf cannot be"),
    (a_gauge("messaging.queue.depth", 5, {}), "names no queue: add the attribute messaging.destination.name"),
    (a_gauge("messaging.queue.depth", 5, timeUnixNano="0"), "the point has no time"),
    (a_gauge("messaging.queue.depth", 5, timeUnixNano="1000000000"), "1970-01-01T00:00:01+00:00 is before 2000"),
    (a_gauge("messaging.queue.depth", 5, {"messaging.destination.name": "q" * 201}), "longer than 200 characters"),
]


@pytest.mark.parametrize(("metric", "reason"), REFUSED)
def test_point_that_cannot_be_right_is_refused_alone(metric: dict[str, Any], reason: str) -> None:
    good = a_gauge("messaging.queue.depth", 7, {"messaging.destination.name": "other"})["gauge"]["dataPoints"]
    metric = metric | {"gauge": {"dataPoints": metric["gauge"]["dataPoints"] + good}}
    reading = read_points(metric)
    assert [event.attributes["depth"] for event in reading.events] == [7]
    (refusal,) = reading.refusals
    assert reason in refusal.reason
    ((kept,),) = (part["metrics"] for part in json.loads(refusal.body)["resourceMetrics"][0]["scopeMetrics"])
    assert kept["gauge"]["dataPoints"] == metric["gauge"]["dataPoints"][:1]


def test_every_figure_of_the_table_is_a_column_of_samples() -> None:
    figures = {meaning.figure for meanings in known_metrics("retail").values() for meaning in meanings} - {HEARTBEAT}
    event = read_points(a_gauge("messaging.queue.depth", 1)).events[0]
    row = _row(fact_of(event.__replace__(attributes={"queue": "q", **dict.fromkeys(figures, 1)})))
    assert {name for name, value in row.items() if value == 1} == {name.replace("_age", "") for name in figures}
    assert figures > CHANGES


def test_unused_attributes_decide_nothing() -> None:
    extra = attributes({"server.address": "rabbit-1"})
    metric = a_gauge("messaging.queue.depth", 5)
    metric["gauge"]["dataPoints"][0]["attributes"] += extra
    assert sampled(read_points(metric))[0]["queue"] == "orders.us"
