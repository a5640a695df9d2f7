"""The three signals of OTLP: where the records of each lie in a request, and how it is answered (pure)."""

from dataclasses import dataclass
from enum import Enum

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Encoding(Enum):
    """The two encodings of OTLP/HTTP, by their content type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: the way to its records in both encodings, and how what was refused is counted."""

    name: str
    counted: str
    path: tuple[str, str, str]
    json_path: tuple[str, str, str]
    rejected: str
    record: type[Message]
    response: type[Message]


TRACES = Signal(
    name="traces",
    counted="span",
    path=("resource_spans", "scope_spans", "spans"),
    json_path=("resourceSpans", "scopeSpans", "spans"),
    rejected="rejected_spans",
    record=Span,
    response=ExportTraceServiceResponse,
)
LOGS = Signal(
    name="logs",
    counted="log record",
    path=("resource_logs", "scope_logs", "log_records"),
    json_path=("resourceLogs", "scopeLogs", "logRecords"),
    rejected="rejected_log_records",
    record=LogRecord,
    response=ExportLogsServiceResponse,
)
METRICS = Signal(
    name="metrics",
    counted="data point",
    path=("resource_metrics", "scope_metrics", "metrics"),
    json_path=("resourceMetrics", "scopeMetrics", "metrics"),
    rejected="rejected_data_points",
    record=Metric,
    response=ExportMetricsServiceResponse,
)
SIGNALS = (TRACES, LOGS, METRICS)
