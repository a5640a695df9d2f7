"""What a log record becomes; an exception that is told twice counts once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.collectors.receivers.otlp_requests import (
    ENDS_AT,
    a_log,
    a_span,
    attributes,
    read_logs,
    read_spans,
)

THROWN = {"exception.type": "TaxCodeError", "exception.message": "no code for A-1"}


def test_error_record_fails_its_milestone() -> None:
    (event,) = read_logs(a_log()).events
    assert (event.step, event.outcome, event.error) == ("erp.order.posted", "failed", "order rejected")
    assert event.keys == (("order", "SO-1001"),)
    assert event.occurred_at == datetime(2026, 11, 23, 10, 15, 2, 123456, UTC)
    assert (event.source, event.system) == ("otlp:netsuite", "netsuite")
    assert event.id.startswith("log/")


ACCEPTED: list[tuple[str, dict[str, Any], str, Any]] = [
    ("information is success", a_log(severityNumber=9), "outcome", "ok"),
    ("success has no error", a_log(severityNumber=9), "error", None),
    ("words count where numbers lack", a_log(severityNumber=0, severityText="ERROR"), "outcome", "failed"),
    ("a number goes before the word", a_log(severityNumber=9, severityText="ERROR"), "outcome", "ok"),
    ("an exception below an error", a_log(THROWN, severityNumber=13), "outcome", "retrying"),
    ("an exception is the error", a_log(THROWN), "error", "TaxCodeError: no code for A-1"),
    ("a body that is no text", a_log(body={"kvlistValue": {"values": []}}), "error", None),
    ("time 0 is unknown", a_log(timeUnixNano="0", observedTimeUnixNano=str(ENDS_AT + 10**9)), "occurred_at",
     datetime(2026, 11, 23, 10, 15, 3, 123456, UTC)),
    ("no trace", a_log(traceId="", spanId=""), "attributes", {}),
]  # fmt: skip


@pytest.mark.parametrize(("log", "field", "value"), [case[1:] for case in ACCEPTED], ids=[c[0] for c in ACCEPTED])
def test_accepted(log: dict[str, Any], field: str, value: Any) -> None:
    reading = read_logs(log)
    assert reading.refusals == []
    assert getattr(reading.events[0], field) == value


def test_record_without_any_time_is_refused() -> None:
    (refusal,) = read_logs(a_log(timeUnixNano="0", observedTimeUnixNano="0")).refusals
    assert refusal.reason == "the log record has no time: send timeUnixNano or observedTimeUnixNano"


def test_records_are_the_same_when_they_say_the_same() -> None:
    again = a_log(observedTimeUnixNano=str(ENDS_AT + 99))
    other = a_log(body={"stringValue": "order rejected again"})
    first, second, third = (event.uid for event in read_logs(a_log(), again, other).events)
    assert first == second != third


@pytest.mark.parametrize("kind", ["TaxCodeError", "shop.tax.TaxCodeError"])
def test_exception_of_a_span_and_of_its_log_record_is_one_event(kind: str) -> None:
    event = {"name": "exception", "attributes": attributes(THROWN | {"exception.type": kind})}
    status = {"code": 2, "message": "TaxCodeError: no code for A-1"}
    (told,) = read_spans(a_span(status=status, events=[event])).events
    (logged,) = read_logs(a_log(THROWN)).events
    assert told.uid == logged.uid
    assert (told.error, told.outcome) == (logged.error, logged.outcome)


def test_handled_exception_does_not_hide_the_success_of_its_span() -> None:
    (told,) = read_spans(a_span(events=[{"name": "exception", "attributes": attributes(THROWN)}])).events
    (logged,) = read_logs(a_log(THROWN)).events
    assert told.uid != logged.uid
    assert told.outcome == "ok"
