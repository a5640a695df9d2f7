"""One span: where its attributes are, and what it says happened (pure)."""

from collections.abc import Sequence

from app.core.errors import PayloadError
from collectors.receivers.otlp_occurrence import (
    FAILED,
    OK,
    Occurrence,
    Thrown,
    find_thrown,
    name_failure,
    name_span,
    read_outcome,
    show,
)
from collectors.receivers.otlp_records import Span, to_attributes, to_nanos
from collectors.receivers.otlp_told import Place, Told, modernise

ERROR_STATUS = 2
NANOS_PER_MS = 10**6


def span_places(span: Span) -> Sequence[Place]:
    """Give its attributes in read order: its own, then those of its links, where batches keep each message's."""
    own = modernise(to_attributes(span.attributes))
    return [own], [modernise(to_attributes(link.attributes)) for link in span.links or ()]


def describe_span(span: Span, told: Told) -> Occurrence:
    """Say what happened: a span is over when it ends, and failed when its status says so."""
    name = name_span(span.trace_id, span.span_id)
    if name is None:
        raise PayloadError("the span has no valid traceId and spanId: send 32 and 16 hex digits")
    end = to_nanos(span.end_time_unix_nano, "endTimeUnixNano")
    if not end:
        raise PayloadError("the span has no end: send endTimeUnixNano")
    has_error = span.status is not None and span.status.code == ERROR_STATUS
    outcome, thrown = read_outcome(told, FAILED if has_error else OK), _thrown(span, told)
    return Occurrence(
        at=end,
        name=name_failure(name, thrown) if thrown and outcome == FAILED else name,
        outcome=outcome,
        error=None if outcome == OK else _error(span, told, thrown),
        duration_ms=_duration(to_nanos(span.start_time_unix_nano, "startTimeUnixNano"), end),
        shown=show(told, name=span.name, trace_id=name[:32], span_id=name[33:]),
    )


def _thrown(span: Span, told: Told) -> Thrown | None:
    """Find the last exception: earlier ones were handled."""
    for event in reversed(span.events or ()):
        if event.name == "exception" and (thrown := find_thrown(to_attributes(event.attributes))):
            return thrown
    return find_thrown(told.own)


def _error(span: Span, told: Told, thrown: Thrown | None) -> str | None:
    if span.status is not None and span.status.message:
        return span.status.message
    if thrown:
        return thrown.text
    parts = (told.text("error.type"), told.text("http.response.status_code"))
    return next((part for part in parts if part), None)


def _duration(start: int, end: int) -> int | None:
    return (end - start + NANOS_PER_MS // 2) // NANOS_PER_MS if 0 < start <= end else None
