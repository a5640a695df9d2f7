"""Story: programs that speak OpenTelemetry already are pointed at the tower, with their SDK's own exporters."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
import requests
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Observation
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, set_span_in_context

from tests.stories.towers import Tower

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]

ORDER = {"retail.order.id": "SO-1", "retail.channel": "shopify-us"}


class TaxCodeError(Exception):
    """What the ERP says of an order that it does not take."""


class Program:
    """A program with the three providers of the SDK, whose exporters send to a tower."""

    def __init__(self, tower: Tower, service: str) -> None:
        resource = Resource({"service.name": service})
        self.spans = InMemorySpanExporter()
        self.exporter = OTLPSpanExporter(**self._to(tower, "traces"))
        tracers = TracerProvider(resource=resource)
        tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        logs = LoggerProvider(resource=resource)
        logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(**self._to(tower, "logs"))))
        temporality = {Counter: AggregationTemporality.DELTA}
        exporter = OTLPMetricExporter(**self._to(tower, "metrics"), preferred_temporality=temporality)
        self.metrics = MeterProvider([PeriodicExportingMetricReader(exporter, 3_600_000)], resource)
        self.tracer, self.logger = tracers.get_tracer("shop.sync"), logs.get_logger("shop.sync")
        self.meter = self.metrics.get_meter("shop.sync")
        self.close = lambda: (tracers.shutdown(), logs.shutdown(), self.metrics.shutdown())

    def _to(self, tower: Tower, signal: str) -> dict[str, Any]:
        session = requests.Session()
        session.trust_env = False
        headers = {"authorization": f"Bearer {tower.token('ingest')}"}
        endpoint = f"{tower.base_url}/v1/{signal}"
        return {"endpoint": endpoint, "headers": headers, "compression": Compression.Gzip, "session": session}

    def finished(self) -> list[ReadableSpan]:
        return list(self.spans.get_finished_spans())


@pytest.fixture
def shop(tower: Tower) -> Iterator[Program]:
    with closing(Program(tower, "shopify")) as program:
        yield program


@pytest.fixture
def erp(tower: Tower) -> Iterator[Program]:
    with closing(Program(tower, "netsuite")) as program:
        yield program


def place(shop: Program, order: str, value: str) -> Link:
    told = {"retail.milestone": "order.placed", "retail.order.internal_id": f"gid-{order}"}
    amount = {"retail.amount.value": value, "retail.amount.currency": "USD"}
    with shop.tracer.start_as_current_span("take order", attributes=ORDER | {"retail.order.id": order} | told) as span:
        span.set_attributes(amount)
    return Link(span.get_span_context(), {"retail.order.id": order})


def fail_to_post(erp: Program) -> None:
    """The exception is told twice, by the span and by a log record, as libraries do that change over."""
    told = ORDER | {"retail.milestone": "erp.order.posted"}
    try:
        with erp.tracer.start_as_current_span("post order", attributes=told) as span:
            raise TaxCodeError("no code for A-1")
    except TaxCodeError as error:
        context = set_span_in_context(span)
        erp.logger.emit(
            exception=error, attributes=told, context=context, severity_number=SeverityNumber.ERROR, body="rejected"
        )


def journey(client: httpx.Client, key: str) -> dict[str, Any]:
    (row,) = client.get("/api/v1/journeys", params={"key": key}).json()["rows"]
    shown: dict[str, Any] = client.get(f"/api/v1/journeys/{row['id']}").json()
    return shown | {"listed": row}


def steps_of(tower: Tower) -> list[str]:
    found = tower.ask("SELECT array_agg(step ORDER BY occurred_at, step) FROM events")
    return list(found or ())


def test_orders_are_told_in_spans_and_log_records(tower: Tower, shop: Program, erp: Program) -> None:
    links = [place(shop, "SO-1", "99.50"), place(shop, "SO-2", "12.00")]
    with erp.tracer.start_as_current_span("poll", attributes={"http.request.method": "GET"}):
        fail_to_post(erp)
    batch = {"retail.milestone": "order.accepted", "messaging.destination.name": "orders.us"}
    with shop.tracer.start_as_current_span("queue orders", attributes=batch, links=links):
        pass
    tower.settle()
    assert steps_of(tower) == ["order.placed", "order.placed", "erp.order.posted", "order.accepted"]
    with tower.client("read") as client:
        told = journey(client, "order:SO-1")
        assert told["listed"]["value"] == {"amount": "99.50", "currency": "USD", "minor": 9950}
        assert told["listed"]["channel"] == "shopify-us"
        assert "TaxCodeError: no code for A-1" in str(told)
        assert journey(client, "shopify.order:gid-SO-1")["listed"]["id"] == told["listed"]["id"]
        other = journey(client, "order:SO-2")
        assert other["listed"]["id"] != told["listed"]["id"]
        assert "order.accepted" in str(other)
        assert "TaxCodeError" not in str(other)
    assert tower.ask("SELECT count(*) FROM quarantine") == 0


def test_exports_that_are_tried_again_count_once(tower: Tower, shop: Program, erp: Program) -> None:
    place(shop, "SO-1", "99.50")
    fail_to_post(erp)
    tower.settle()
    once = tower.export()
    for program in (shop, erp, shop):
        assert program.exporter.export(program.finished()) is SpanExportResult.SUCCESS
    tower.settle()
    assert tower.export() == once
    assert steps_of(tower) == ["order.placed", "erp.order.posted"]


def test_refused_spans_are_counted_for_the_client_and_kept(tower: Tower, shop: Program) -> None:
    place(shop, "SO-1", "99.50")
    place(shop, "SO-2", "99.505")
    with tower.client("ingest") as client:
        body = encode_spans(shop.finished()).SerializeToString()
        headers = {"content-type": "application/x-protobuf"}
        answer = client.post("/v1/traces", content=body, headers=headers)
        assert client.post("/v1/traces", content=bytes(2**26 + 1), headers=headers).status_code == 413
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 1
    assert "more decimals than USD allows" in partial.error_message
    tower.settle()
    assert steps_of(tower) == ["order.placed"]
    assert tower.ask("SELECT count(*) FROM quarantine WHERE door = '/v1/traces'") == 2


def test_queues_and_connectors_are_told_in_metrics(tower: Tower, shop: Program) -> None:
    queue = {"messaging.destination.name": "orders.us", "messaging.system": "rabbitmq"}
    for name, value in (("depth", 612), ("in_flight", 4), ("oldest_age", 1840), ("consumers", 2)):
        callback = [lambda _options, value=value: [Observation(value, queue)]]
        shop.meter.create_observable_gauge(f"messaging.queue.{name}", callback)
    shop.meter.create_counter("messaging.queue.published").add(31, queue)
    shop.meter.create_gauge("retail.connector.heartbeat").set(1, {"retail.connector": "shop-orders"})
    shop.meter.create_histogram("http.server.request.duration").record(0.2)
    assert shop.metrics.force_flush()
    tower.settle()
    row = tower.ask("SELECT to_jsonb(queue_samples) - 'at' FROM queue_samples")
    assert {name: value for name, value in row.items() if value is not None} == {
        "queue": "orders.us", "broker": "rabbitmq", "depth": 612, "in_flight": 4, "oldest_seconds": 1840,
        "published": 31, "consumers": 2,
    }  # fmt: skip
    assert sorted(steps_of(tower)) == ["connector.heartbeat", "queue.sample"]
    with tower.client("read") as client:
        assert client.get("/api/v1/metrics/queue.depth").json()["value"] == 612
        metrics = client.get("/metrics").text
    assert 'pharos_otlp_left_total{otel_scope_name="pharos"' in metrics
