"""JSON as the OTLP specification has it, written by hand; and requests that are none."""

import json
from typing import Any

import pytest

from app.core.errors import PayloadError
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_signals import LOGS, TRACES, Encoding
from tests.collectors.receivers.otlp_requests import NOW, RULES, a_span, in_json, in_protobuf, request

BY_HAND = """
{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"erp-connector"}}]},
 "newField": {"x": [1, 2.5e3]},
 "scopeLogs":[{"scope":{"name":"retail.sync"},"schemaUrl":"https://example.com","logRecords":[{
  "timeUnixNano":"1795428902123456789","severityNumber":17,"somethingNew":true,
  "body":{"stringValue":"invoice rejected"},"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",
  "attributes":[{"key":"retail.order.id","value":{"stringValue":"WEB-100045"}},
   {"key":"retail.\\u006dilestone","value":{"stringValue":"invoice.posted"}},
   {"key":"\\u0072etail.tracking.number","value":{"intValue":12}},
   {"key":"a","value":{"bytesValue":"AAE="}}, {"key":"b","value":null}, {"key":"c"}, {"key":"d","value":{}},
   {"key":"exception.type","value":{"stringValue":"TaxCodeError"}}]}]}]}]}
"""


def test_log_by_hand_is_read() -> None:
    (event,) = normalise(LOGS, Encoding.JSON, BY_HAND.encode(), RULES, NOW).events
    assert event.keys == (("order", "WEB-100045"), ("tracking", "12"))
    assert (event.step, event.outcome, event.error) == ("invoice.posted", "failed", "TaxCodeError")
    assert event.id.startswith("5b8efff798038103d269b633813fc60c/eee19b7ec3c1b174/")


EMPTY = [b"{}", b"null", b'{"resourceSpans":[]}', b'{"resourceSpans":null}', b'{"resourceSpans":[{}]}',
         b'{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}]}', b'{"resourceLogs":[{}]}']  # fmt: skip


@pytest.mark.parametrize("body", EMPTY)
def test_nothing_is_fine(body: bytes) -> None:
    reading = normalise(TRACES, Encoding.JSON, body, RULES, NOW)
    assert (reading.events, reading.refusals, reading.left) == ([], [], {})


UNREADABLE = [
    (b"", "broken JSON: it ends too early"),
    (b"[]", "not OTLP/JSON: expected 'object | null', got 'array'"),
    (b'{"resourceSpans":{}}', "not OTLP/JSON: expected 'array | null', got 'object'"),
    (b'{"resourceSpans":[{]}', "broken JSON"),
    (in_json(TRACES, a_span())[:-1], "broken JSON: it ends too early"),
    (in_protobuf(TRACES, a_span()), "broken JSON"),
    (b"[" * 100_000, "not OTLP/JSON"),
    (b'{"x":' + b"[" * 100_000, "the body is nested too deeply"),
]


@pytest.mark.parametrize(("body", "reason"), UNREADABLE)
def test_what_is_no_request_is_refused_whole(body: bytes, reason: str) -> None:
    with pytest.raises(PayloadError, match="^" + reason.replace("|", r"\|")) as refused:
        normalise(TRACES, Encoding.JSON, body, RULES, NOW)
    assert refused.value.hint


@pytest.mark.parametrize("body", [b"\xff\xff", in_protobuf(TRACES, a_span())[:-1], in_json(TRACES, a_span())])
def test_what_is_no_protobuf_is_refused_whole(body: bytes) -> None:
    with pytest.raises(PayloadError, match="not an OTLP request in protobuf"):
        normalise(TRACES, Encoding.PROTOBUF, body, RULES, NOW)


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"traceId": 5}, "traceId: expected 'str | null', got 'int'"),
    ({"endTimeUnixNano": 1.795428902e18}, "endTimeUnixNano: expected 'int | str | null', got 'float'"),
    ({"endTimeUnixNano": "17954289021234567e2"}, "endTimeUnixNano '17954289021234567e2' is not a whole number"),
    ({"endTimeUnixNano": 10**30}, "endTimeUnixNano is out of range"),
    ({"endTimeUnixNano": "-5"}, "endTimeUnixNano is negative"),
    ({"status": {"code": "STATUS_CODE_ERROR"}}, "status.code: expected 'int | null', got 'str'"),
    ({"events": [{"attributes": {}}]}, "events[0].attributes: expected 'array | null', got 'object'"),
    ({"links": [{"attributes": [{"key": "a", "value": {"intValue": "x"}}]}]}, "intValue 'x' is not a whole number"),
    ({"links": [{"attributes": [{"key": "a", "value": {"doubleValue": "x"}}]}]}, "doubleValue 'x' is not a number"),
]


@pytest.mark.parametrize(("changes", "reason"), BROKEN, ids=[reason[:40] for _, reason in BROKEN])
def test_record_of_a_wrong_shape_is_refused_alone(changes: dict[str, Any], reason: str) -> None:
    body = in_json(TRACES, a_span(spanId="00000000000000aa"), a_span(**changes))
    reading = normalise(TRACES, Encoding.JSON, body, RULES, NOW)
    assert len(reading.events) == 1
    (refusal,) = reading.refusals
    assert refusal.reason == reason
    assert json.loads(refusal.body) == request(TRACES, a_span(**changes))


def test_resource_of_a_wrong_shape_refuses_its_business() -> None:
    body = request(TRACES, a_span(), a_span(attributes=[]))
    body["resourceSpans"][0]["resource"]["attributes"] = {"service.name": "erp"}
    reading = normalise(TRACES, Encoding.JSON, json.dumps(body).encode(), RULES, NOW)
    assert [refusal.reason for refusal in reading.refusals] == ["attributes: expected 'array | null', got 'object'"]
    assert reading.left == {"not business": 1}


TELEMETRY = [
    {"name": "a\0b"},
    {"name": "größer <b> & \n"},
    {"attributes": [{"key": "retail.order.id", "value": {"stringValue": "a\0b"}}]},
    {"traceId": 5, "attributes": "none"},
    {"name": "x" * 70_000},
]


@pytest.mark.parametrize("span", TELEMETRY)
def test_telemetry_is_never_refused_whatever_it_is_like(span: dict[str, Any]) -> None:
    reading = normalise(TRACES, Encoding.JSON, in_json(TRACES, span), RULES, NOW)
    assert (reading.refusals, reading.left.total()) == ([], 1)


def test_very_deep_value_is_refused_alone() -> None:
    deep = b'{"arrayValue":{"values":[' * 250 + b"{}" + b"]}}" * 250
    body = in_json(TRACES, a_span({"deep": "here"}), a_span()).replace(b'{"stringValue":"here"}', deep)
    reading = normalise(TRACES, Encoding.JSON, body, RULES, NOW)
    assert len(reading.events) == 1
    assert "nested" in reading.refusals[0].reason


def test_deep_values_are_refused_in_both_encodings() -> None:
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(30):
        deep = {"arrayValue": {"values": [deep]}}
    span = a_span()
    span["attributes"].append({"key": "deep", "value": deep})
    for encoding, body in ((Encoding.JSON, in_json(TRACES, span)), (Encoding.PROTOBUF, in_protobuf(TRACES, span))):
        (refusal,) = normalise(TRACES, encoding, body, RULES, NOW).refusals
        assert "nested deeper than 64 levels" in refusal.reason
