"""Export requests for the tests of OTLP: one good record of each signal, and how to make it differ."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.events.event import STEPS
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_reading import Reading, Rules
from collectors.receivers.otlp_signals import LOGS, METRICS, TRACES, Encoding, Signal

NOW = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
REQUESTS = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}
RULES = Rules(STEPS, max_event_bytes=64 * 1024)
TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
ENDS_AT = 1_795_428_902_123_456_789  # 2026-11-23T10:15:02.123456Z
SERVICE = {"service.name": "netsuite"}
ORDER = {"retail.order.id": "SO-1001", "retail.milestone": "erp.order.posted"}


def a_value(value: Any) -> dict[str, Any]:
    """An attribute's value in the JSON form."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [a_value(one) for one in value]}}
    return {"stringValue": value}


def attributes(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Attributes in the JSON form."""
    return [{"key": key, "value": a_value(value)} for key, value in told.items()]


def a_span(told: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A span of 840 ms in which an order was posted; `told` are more attributes, or others."""
    span = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "post order",
        "kind": 3,
        "startTimeUnixNano": str(ENDS_AT - 840_000_000),
        "endTimeUnixNano": str(ENDS_AT),
        "attributes": attributes(ORDER | (told or {})),
    }
    return span | changes


def a_log(told: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """An error that says why an order could not be posted."""
    log = {
        "timeUnixNano": str(ENDS_AT),
        "observedTimeUnixNano": str(ENDS_AT + 5),
        "severityNumber": 17,
        "body": {"stringValue": "order rejected"},
        "traceId": TRACE,
        "spanId": SPAN,
        "attributes": attributes(ORDER | (told or {})),
    }
    return log | changes


def a_gauge(name: str, value: float, told: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A metric with one point, of the queue `orders.us` unless told otherwise."""
    number = {"asInt": str(value)} if isinstance(value, int) else {"asDouble": value}
    where = {"messaging.destination.name": "orders.us", "messaging.system": "rabbitmq"} if told is None else told
    point = {"timeUnixNano": str(ENDS_AT), "attributes": attributes(where)} | number
    return {"name": name, "gauge": {"dataPoints": [point | changes]}}


def a_sum(name: str, value: float, temporality: int, is_monotonic: bool, **more: Any) -> dict[str, Any]:
    """The same as a sum."""
    points = a_gauge(name, value, **more)["gauge"]
    return {"name": name, "sum": points | {"aggregationTemporality": temporality, "isMonotonic": is_monotonic}}


def request(signal: Signal, *records: Any, service: dict[str, Any] = SERVICE, scope: Any = None) -> dict[str, Any]:
    """An export request in the JSON form."""
    groups, scopes, names = signal.json_path
    inside = {"scope": {"name": "test"} | ({"attributes": attributes(scope)} if scope else {}), names: list(records)}
    return {groups: [{"resource": {"attributes": attributes(service)}, scopes: [inside]}]}


def in_json(signal: Signal, *records: Any, **around: Any) -> bytes:
    """An export request as JSON."""
    return json.dumps(request(signal, *records, **around), separators=(",", ":")).encode()


def in_protobuf(signal: Signal, *records: Any, **around: Any) -> bytes:
    """The same request as protobuf, by way of Google's reader, whose ids are in base64."""
    text = json.dumps(_with_base64(request(signal, *records, **around)))
    return json_format.Parse(text, REQUESTS[signal.name]()).SerializeToString()


def read(signal: Signal, *records: Any, rules: Rules = RULES, **around: Any) -> Reading:
    """Read records in both encodings, which must say the same."""
    as_json = normalise(signal, Encoding.JSON, in_json(signal, *records, **around), rules, NOW)
    as_protobuf = normalise(signal, Encoding.PROTOBUF, in_protobuf(signal, *records, **around), rules, NOW)
    bare = [[event.__replace__(payload=b"") for event in one.events] for one in (as_json, as_protobuf)]
    assert bare[0] == bare[1]
    assert [one.reason for one in as_json.refusals] == [one.reason for one in as_protobuf.refusals]
    assert (as_json.left, as_json.unknown) == (as_protobuf.left, as_protobuf.unknown)
    return as_json


def read_spans(*spans: Any, **around: Any) -> Reading:
    return read(TRACES, *spans, **around)


def read_logs(*logs: Any, **around: Any) -> Reading:
    return read(LOGS, *logs, **around)


def read_points(*metrics: Any, **around: Any) -> Reading:
    return read(METRICS, *metrics, **around)


def _with_base64(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_base64(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_base64(one, name) for one in value]
    if name in ("traceId", "spanId", "parentSpanId"):
        return b64encode(bytes.fromhex(value)).decode()
    return value
