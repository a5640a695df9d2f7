"""What a span becomes, and what is said of one that cannot become anything."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.ids import event_uid
from app.events.event import pack_event, unpack_event
from collectors.receivers.otlp_normalise import NO_MILESTONE, UNKNOWN_MILESTONE
from collectors.receivers.otlp_reading import NOT_BUSINESS, Rules
from collectors.receivers.otlp_signals import TRACES
from tests.collectors.receivers.otlp_requests import (
    ENDS_AT,
    NOW,
    ORDER,
    RULES,
    SPAN,
    TRACE,
    a_span,
    attributes,
    read_spans,
    request,
)


def an_exception(kind: str, message: str) -> dict[str, Any]:
    told = attributes({"exception.type": kind, "exception.message": message})
    return {"name": "exception", "timeUnixNano": str(ENDS_AT), "attributes": told}


def test_span_is_read_whole() -> None:
    told = {
        "retail.tracking.number": "1Z9",
        "retail.order.internal_id": "88121",
        "retail.channel": "shopify-us",
        "retail.amount.value": "99.50",
        "retail.amount.currency": "USD",
        "retail.item.sku": ["A-1", "B-2"],
        "http.response.status_code": 201,
        "customer.email": "ada@example.com",
    }
    reading = read_spans(a_span(told))
    (event,) = reading.events
    assert (event.source, event.id) == ("otlp:netsuite", f"{TRACE}/{SPAN}")
    assert event.uid == event_uid(event.source, event.id)
    assert event.step == "erp.order.posted"
    assert event.occurred_at == datetime(2026, 11, 23, 10, 15, 2, 123456, UTC)
    assert (event.received_at, event.is_timed) == (NOW, True)
    assert event.keys == (
        ("order", "SO-1001"),
        ("tracking", "1Z9"),
        ("sku", "A-1"),
        ("sku", "B-2"),
        ("netsuite.order", "88121"),
    )
    assert (event.channel, event.system, event.connector) == ("shopify-us", "netsuite", "netsuite")
    assert (event.outcome, event.error, event.attempt, event.duration_ms) == ("ok", None, 1, 840)
    assert (event.amount_minor, event.currency) == (9950, "USD")
    shown = {"name": "post order", "trace_id": TRACE, "span_id": SPAN, "http.response.status_code": 201}
    assert event.attributes == shown
    assert json.loads(event.payload) == request(TRACES, a_span(told))
    assert unpack_event(pack_event(event)) == event
    assert (reading.refusals, reading.left, reading.unknown) == ([], {}, {})


ACCEPTED: list[tuple[str, dict[str, Any], str, Any]] = [
    ("several orders", a_span({"retail.order.ids": ["SO-2", "SO-3"]}), "keys", "order SO-1001 order SO-2 order SO-3"),
    ("any namespace", a_span({"retail.key.netsuite.salesorder": 7}), "keys", "order SO-1001 netsuite.salesorder 7"),
    ("documents", a_span({"retail.invoice.number": "I-1"}), "keys", "order SO-1001 invoice I-1"),
    ("parcels", a_span({"retail.shipment.id": "F-1"}), "keys", "order SO-1001 fulfilment F-1"),
    ("returns", a_span({"retail.return.id": "R-1"}), "keys", "order SO-1001 return R-1"),
    ("an error status fails", a_span(status={"code": 2, "message": "timed out"}), "outcome", "failed"),
    ("its message is the error", a_span(status={"code": 2, "message": "timed out"}), "error", "timed out"),
    ("else the last exception", a_span(status={"code": 2}, events=[an_exception("A", "1"), an_exception("b.B", "2")]),
     "error", "b.B: 2"),
    ("else its attributes", a_span({"exception.type": "T"}, status={"code": 2}), "error", "T"),
    ("else the kind of error", a_span({"error.type": "timeout"}, status={"code": 2}), "error", "timeout"),
    ("else the HTTP status", a_span({"http.status_code": 503}, status={"code": 2}), "error", "503"),
    ("an exception that was handled", a_span(events=[an_exception("A", "1")]), "outcome", "ok"),
    ("the sender's own word", a_span({"retail.outcome": "retrying"}, status={"code": 2}), "outcome", "retrying"),
    ("dead letters", a_span({"messaging.servicebus.disposition_status": "dead_letter"}), "outcome", "dead_lettered"),
    ("resent requests", a_span({"http.request.resend_count": 2}), "attempt", 3),
    ("delivered messages", a_span({"messaging.servicebus.message.delivery_count": 2}), "attempt", 2),
    ("the sender's own count", a_span({"retail.attempt": 4, "http.request.resend_count": 1}), "attempt", 4),
    ("a leg by its queue", a_span({"messaging.destination.name": "orders"}), "connector", "netsuite/orders"),
    ("an old name of it", a_span({"messaging.destination": "orders"}), "connector", "netsuite/orders"),
    ("a leg by its name", a_span({"retail.connector": "to-erp"}), "connector", "to-erp"),
    ("numbers for text", a_span({"retail.amount.value": 5, "retail.amount.currency": "JPY"}), "amount_minor", 5),
    ("numbers for nanoseconds", a_span(endTimeUnixNano=ENDS_AT), "occurred_at",
     datetime(2026, 11, 23, 10, 15, 2, 123456, UTC)),
    ("no start", a_span(startTimeUnixNano="0"), "duration_ms", None),
    ("a clock that went back", a_span(startTimeUnixNano=str(ENDS_AT + 1)), "duration_ms", None),
    ("ids in capitals", a_span(traceId=TRACE.upper()), "id", f"{TRACE}/{SPAN}"),
]  # fmt: skip


@pytest.mark.parametrize(("span", "field", "value"), [case[1:] for case in ACCEPTED], ids=[c[0] for c in ACCEPTED])
def test_accepted(span: dict[str, Any], field: str, value: Any) -> None:
    reading = read_spans(span)
    assert reading.refusals == []
    found = getattr(reading.events[0], field)
    assert (" ".join(" ".join(pair) for pair in found) if field == "keys" else found) == value


REFUSED = [
    (a_span({"retail.amount.value": "5"}), "retail.amount has no currency: add an ISO 4217 code"),
    (
        a_span({"retail.amount.value": "x", "retail.amount.currency": "USD"}),
        "retail.amount 'x' is not a decimal number",
    ),
    (a_span({"retail.amount.value": "5", "retail.amount.currency": "XQZ"}), "unknown currency 'XQZ'"),
    (a_span({"retail.amount.value": "-5", "retail.amount.currency": "USD"}), "retail.amount is negative (-5)"),
    (a_span({"retail.amount.value": 1.005, "retail.amount.currency": "USD"}), "more decimals than USD allows"),
    (a_span({"retail.order.id": True}), "retail.order.id is neither text nor a number"),
    (a_span({"retail.order.id": "x" * 201}), "retail.keys.order has a value of 201 characters"),
    (a_span({"retail.key.Bad Name": "x"}), "'Bad Name' is not a namespace"),
    (a_span({"retail.attempt": "two"}), "retail.attempt 'two' is not a number of attempts"),
    (a_span({"retail.outcome": "maybe"}), "unknown outcome 'maybe'"),
    (a_span({"retail.channel": "a\0b"}), "NUL character"),
    (a_span({"notes": "x" * 70_000}), "the record is over 65,536 bytes"),
    (a_span(attributes=attributes({"retail.milestone": "order.placed"})), "names no order: add the attribute retail.o"),
    (a_span(endTimeUnixNano="0"), "the span has no end: send endTimeUnixNano"),
    (a_span(endTimeUnixNano="1"), "1970-01-01T00:00:00+00:00 is before 2000 or over two years ahead"),
    (a_span(endTimeUnixNano=str(2**64 - 1)), "over two years ahead"),
    (a_span(traceId="0" * 32), "no valid traceId and spanId: send 32 and 16 hex digits"),
    (a_span(spanId="ab"), "no valid traceId and spanId"),
]


@pytest.mark.parametrize(("span", "reason"), REFUSED, ids=[reason[:50] for _, reason in REFUSED])
def test_refused_with_its_reason_and_kept_alone(span: dict[str, Any], reason: str) -> None:
    reading = read_spans(a_span(spanId="00000000000000aa"), span)
    assert len(reading.events) == 1
    (refusal,) = reading.refusals
    assert reason in refusal.reason
    assert refusal.index == 1
    ((kept,),) = (
        (scope["spans"] for scope in group["scopeSpans"]) for group in json.loads(refusal.body)["resourceSpans"]
    )
    assert kept == [span]


def test_kept_record_can_be_mended_and_sent_again() -> None:
    (refusal,) = read_spans(a_span({"retail.channel": "a\0b"})).refusals
    mended = json.loads(refusal.body.replace(b"a\\u0000b", b"ab"))
    (span,) = mended["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert read_spans(span).events[0].channel == "ab"


LEFT = [
    (a_span(attributes=attributes({"http.request.method": "POST"})), NOT_BUSINESS),
    (a_span(attributes=attributes({"retail.order.id": "SO-1001"})), NO_MILESTONE),
    (a_span({"retail.milestone": "erp.order.postd"}), UNKNOWN_MILESTONE),
    ({}, NOT_BUSINESS),
]


@pytest.mark.parametrize(("span", "reason"), LEFT, ids=[reason for _, reason in LEFT])
def test_what_is_no_business_is_counted_and_left(span: dict[str, Any], reason: str) -> None:
    reading = read_spans(span)
    assert (reading.events, reading.refusals, reading.left) == ([], [], {reason: 1})
    assert reading.unknown == ({"erp.order.postd": 1} if reason == UNKNOWN_MILESTONE else {})


def test_resource_names_keys_but_no_milestone() -> None:
    service = {"service.name": "NetSuite EU", "retail.order.id": "SO-9", "retail.milestone": "order.placed"}
    span = a_span(attributes=attributes({"retail.milestone": "erp.order.posted", "retail.order.internal_id": "7"}))
    (event,) = read_spans(span, service=service).events
    assert event.step == "erp.order.posted"
    assert event.keys == (("order", "SO-9"), ("netsuite-eu.order", "7"))
    other = a_span(attributes=attributes({"retail.channel": "web"}))
    assert read_spans(other, service=service).left == {NO_MILESTONE: 1}


def test_nearer_places_go_first_and_links_add_up() -> None:
    links = [
        {"attributes": attributes({"retail.order.id": f"SO-{number}", "retail.channel": "link"})} for number in (1, 2)
    ]
    batch = a_span(attributes=attributes({"retail.milestone": "order.accepted"}), links=links)
    (event,) = read_spans(batch, scope={"retail.channel": "scope"}, service={"retail.channel": "resource"}).events
    assert (event.keys, event.channel) == ((("order", "SO-1"), ("order", "SO-2")), "link")
    assert (event.system, event.source) == ("unknown_service", "otlp:unknown_service")
    (event,) = read_spans(a_span(links=links), scope={"retail.channel": "scope"}).events
    assert (event.keys, event.channel) == ((("order", "SO-1001"),), "link")


def test_prefix_is_a_choice() -> None:
    rules = Rules(RULES.steps, prefix="com.example.retail")
    told = {f"com.example.{name}": value for name, value in ORDER.items()}
    reading = read_spans(a_span(attributes=attributes(told)), a_span(), rules=rules)
    assert [event.keys for event in reading.events] == [(("order", "SO-1001"),)]
    assert reading.left == {NOT_BUSINESS: 1}


def test_failure_is_named_by_its_exception_and_success_by_its_span() -> None:
    failed = a_span(status={"code": 2}, events=[an_exception("shop.tax.TaxError", "no code")])
    names = [event.id for event in read_spans(a_span(), failed, failed).events]
    assert names[0] == f"{TRACE}/{SPAN}"
    assert names[1] == names[2] != names[0]
    assert names[1].startswith(f"{TRACE}/{SPAN}/")
