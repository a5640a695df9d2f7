"""The tower's own telemetry: OpenTelemetry spans at the edges and the meters that it keeps of itself."""

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

tracer = trace.get_tracer("pharos")
meter = metrics.get_meter("pharos")

events_received = meter.create_counter("pharos.events.received", description="Events accepted by receivers")
events_quarantined = meter.create_counter("pharos.events.quarantined", description="Events set aside with a reason")
records_left = meter.create_counter("pharos.otlp.left", description="OTLP records that are no business of the tower's")
events_folded = meter.create_counter("pharos.events.folded", description="Events that the pipeline worked off")
events_repeated = meter.create_counter("pharos.events.repeated", description="Events that had been seen before")
inbox_length = meter.create_gauge("pharos.inbox.length", description="Events waiting in the inbox")
batch_seconds = meter.create_histogram("pharos.pipeline.batch.duration", unit="s", description="One inbox batch")
fold_seconds = meter.create_histogram("pharos.pipeline.fold.duration", unit="s", description="Folds of one batch")


def set_up_telemetry(role: str, otlp_endpoint: str) -> None:
    """Export over OTLP where an endpoint is set; the web process also answers Prometheus at /metrics."""
    resource = Resource.create({"service.name": "pharos", "service.instance.role": role})
    readers = [_prometheus()] if role == "web" else []
    provider = TracerProvider(resource=resource)
    if otlp_endpoint:
        readers.append(_export(provider, otlp_endpoint.rstrip("/")))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=readers))


# Exporters stay in memory with all that they import, so a process has only those that it uses.
def _prometheus() -> MetricReader:
    from opentelemetry.exporter.prometheus import PrometheusMetricReader

    return PrometheusMetricReader()


def _export(provider: TracerProvider, base: str) -> MetricReader:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/v1/traces")))
    return PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{base}/v1/metrics"))
