"""One log record: where its attributes are, and what it says happened (pure)."""

from collections.abc import Sequence

import msgspec

from app.core.errors import PayloadError
from app.core.ids import fingerprint
from collectors.receivers.otlp_occurrence import (
    FAILED,
    OK,
    RETRYING,
    Occurrence,
    Thrown,
    find_thrown,
    name_failure,
    name_span,
    read_outcome,
    show,
)
from collectors.receivers.otlp_records import LogRecord, to_attributes, to_nanos, to_value
from collectors.receivers.otlp_told import Place, Told, modernise

ERROR_SEVERITY = 17
_ERROR_WORDS = frozenset({"error", "fatal", "critical", "severe", "emergency", "alert"})


def log_places(log: LogRecord) -> Sequence[Place]:
    """Give its attributes."""
    return ([modernise(to_attributes(log.attributes))],)


def describe_log(log: LogRecord, told: Told) -> Occurrence:
    """Say what happened: an error is a failure, and an exception below an error is one that is tried again."""
    observed = to_nanos(log.observed_time_unix_nano, "observedTimeUnixNano")
    at = to_nanos(log.time_unix_nano, "timeUnixNano") or observed
    if not at:
        raise PayloadError("the log record has no time: send timeUnixNano or observedTimeUnixNano")
    thrown = find_thrown(told.own)
    is_error = _is_error(log)
    outcome = read_outcome(told, FAILED if is_error else RETRYING if thrown else OK)
    span = name_span(log.trace_id, log.span_id)
    return Occurrence(
        at=at,
        name=name_failure(span, thrown) if thrown and span and outcome == FAILED else _name(log, at, told),
        outcome=outcome,
        error=None if outcome == OK else _error(log, thrown),
        duration_ms=None,
        shown=show(told, name=log.event_name, **_ids(span)),
    )


def _is_error(log: LogRecord) -> bool:
    if log.severity_number:
        return log.severity_number >= ERROR_SEVERITY
    return (log.severity_text or "").lower() in _ERROR_WORDS


def _name(log: LogRecord, at: int, told: Told) -> str:
    """Name a record by what it says; when it was observed says nothing, for every collector has its own."""
    said = (log.severity_number or 0, log.severity_text or "", log.event_name or "", to_value(log.body))
    ids = ((log.trace_id or "").lower(), (log.span_id or "").lower())
    content = (at, said, ids, told.own, *told.around)
    return f"log/{fingerprint(msgspec.json.encode(content, order='sorted').decode()).hex}"


def _error(log: LogRecord, thrown: Thrown | None) -> str | None:
    body = to_value(log.body)
    return thrown.text if thrown else body if isinstance(body, str) else None


def _ids(span: str | None) -> dict[str, str]:
    return {"trace_id": span[:32], "span_id": span[33:]} if span else {}
