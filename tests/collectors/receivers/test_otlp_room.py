"""One request costs little, whatever is in it: too much of anything ends it, and bad parts take no good ones along."""

import json

import pytest

from app.core.errors import TooLargeError
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_reading import Reading, Rules
from collectors.receivers.otlp_signals import METRICS, TRACES, Encoding, Signal
from collectors.receivers.wire import write_field
from tests.collectors.receivers.otlp_requests import NOW, RULES, a_gauge, a_span, in_json, in_protobuf

JSON, PROTOBUF = Encoding.JSON, Encoding.PROTOBUF
FEW = Rules(RULES.steps, max_records=1_000)
LESS = Rules(RULES.steps, max_kept_bytes=50_000)


def nested(*levels: int, inside: bytes) -> bytes:
    """Protobuf in protobuf: the field numbers from the outside in."""
    for number in reversed(levels):
        inside = write_field(number, inside)
    return inside


def spans(listed: bytes) -> bytes:
    return b'{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}' % listed


def read(body: bytes, encoding: Encoding, rules: Rules = RULES, signal: Signal = TRACES) -> Reading:
    return normalise(signal, encoding, body, rules, NOW)


FLOODS = [
    (TRACES, PROTOBUF, b"\x0a\x00" * 1_001),
    (TRACES, PROTOBUF, nested(1, inside=b"\x12\x00" * 1_001)),
    (TRACES, PROTOBUF, nested(1, 2, inside=b"\x12\x00" * 1_001)),
    (TRACES, PROTOBUF, nested(1, 2, inside=b"\x78\x01" * 1_001)),
    (TRACES, JSON, b'{"resourceSpans":[%s{}]}' % (b"{}," * 1_001)),
    (TRACES, JSON, b'{"resourceSpans":[{"scopeSpans":[%s{}]}]}' % (b"{}," * 1_001)),
    (TRACES, JSON, spans(b"1," * 1_001 + b"1")),
    (METRICS, JSON, in_json(METRICS, *[a_gauge("messaging.queue.depth", 1)] * 600)),
    (METRICS, PROTOBUF, in_protobuf(METRICS, *[a_gauge("messaging.queue.depth", 1)] * 600)),
]


@pytest.mark.parametrize(("signal", "encoding", "body"), FLOODS)
def test_too_many_records_are_refused_whole(signal: Signal, encoding: Encoding, body: bytes) -> None:
    with pytest.raises(TooLargeError, match="more than 1,000 records") as refused:
        read(body, encoding, FEW, signal)
    assert refused.value.hint == "Send smaller batches."


@pytest.mark.parametrize("encoding", Encoding)
def test_as_many_as_allowed_are_read(encoding: Encoding) -> None:
    write = in_protobuf if encoding is PROTOBUF else in_json
    body = write(TRACES, *(a_span(spanId=f"{number:016x}") for number in range(1, 901)))
    assert len(read(body, encoding, FEW).events) == 900


@pytest.mark.parametrize("encoding", Encoding)
def test_large_surroundings_are_not_kept_a_thousand_times(encoding: Encoding) -> None:
    write = in_protobuf if encoding is PROTOBUF else in_json
    service = {"service.name": "x", "note": "y" * 10_000}
    with pytest.raises(TooLargeError, match="50,000 bytes to keep"):
        read(write(TRACES, *[a_span()] * 5, service=service), encoding, LESS)


def test_more_business_than_can_be_read_in_time_is_refused() -> None:
    body = in_json(TRACES, *[a_span({f"a{number}": 1 for number in range(4_000)})] * 400)
    with pytest.raises(TooLargeError, match="1,500,000 values"):
        read(body, JSON, Rules(RULES.steps))


def test_record_of_the_wrong_shape_is_refused_alone_in_both_encodings() -> None:
    good = in_protobuf(TRACES, a_span())
    bad = nested(1, 2, 2, inside=b"\x0a\x05retail.")
    reading = read(bad + good, PROTOBUF)
    assert len(reading.events) == 1
    (refusal,) = reading.refusals
    assert (refusal.reason[:27], refusal.headers) == (
        "the span cannot be read: Er",
        [("content-type", "application/x-protobuf")],
    )
    assert read(refusal.body, PROTOBUF).refusals == reading.refusals


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"scopeSpans": [7]}, "expected 'object | null', got 'int'"),
        ({"scopeSpans": [{"spans": {}}]}, "expected 'array | null', got 'object'"),
        (7, "expected 'object | null', got 'int'"),
    ],
)
def test_group_of_the_wrong_shape_takes_no_other_with_it(bad: object, reason: str) -> None:
    request = json.loads(in_json(TRACES, a_span()))
    request["resourceSpans"].insert(0, bad)
    reading = read(json.dumps(request).encode(), JSON)
    assert len(reading.events) == 1
    assert [refusal.reason for refusal in reading.refusals] == [f"not OTLP/JSON: {reason}"]
    assert reading.refusals[0].body == b'{"resourceSpans":[%s]}' % json.dumps(bad).encode()


def test_group_cut_short_takes_no_other_with_it() -> None:
    bad = nested(1, inside=b"\x12\x50abc")
    reading = read(bad + in_protobuf(TRACES, a_span()), PROTOBUF)
    assert (len(reading.events), [refusal.body for refusal in reading.refusals]) == (1, [bad])
