"""Property: whatever bytes arrive, the decoders of OTLP read them or raise the one typed error."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.errors import PayloadError
from app.events.event import pack_event
from collectors.receivers.otlp_answers import write_response
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_reading import Reading
from collectors.receivers.otlp_signals import LOGS, METRICS, SIGNALS, TRACES, Encoding, Signal
from tests.collectors.receivers.otlp_requests import (
    NOW,
    RULES,
    a_gauge,
    a_log,
    a_span,
    attributes,
    in_json,
    in_protobuf,
)

TOLD = {"retail.amount.value": "5", "retail.amount.currency": "USD", "retail.item.sku": ["A", 1, 2.5]}
FAULT = {"status": {"code": 2}, "events": [{"name": "exception", "attributes": attributes({"exception.type": "T"})}]}
GOOD = {
    TRACES.name: (a_span(TOLD), a_span(**FAULT), a_span(links=[{"attributes": attributes({"retail.order.id": "1"})}])),
    LOGS.name: (a_log(TOLD), a_log({"exception.message": "no"}, severityNumber=9)),
    METRICS.name: (a_gauge("messaging.queue.depth", 5), a_gauge("retail.connector.up", 0.5, {"retail.connector": "x"})),
}
WRITE: dict[Encoding, Callable[..., bytes]] = {Encoding.JSON: in_json, Encoding.PROTOBUF: in_protobuf}
# What tends to break readers: long lengths, other wire types, half a character, brackets, numbers out of range.
NASTY = [b"\xff" * 10, b"\x0a", b"\x80", b"\0", b"\xc3", b'"', b"{", b"[", b"]}", b"null", b"1e999", b"-", b"\\u0000",
         b"\\ud800", b"99999999999999999999999999", b"true", b"retail.", b"2.5"]  # fmt: skip

pieces = st.sampled_from(NASTY) | st.binary(max_size=12)
cuts = st.tuples(st.integers(0, 4000), st.integers(0, 12), pieces)


def survive(signal: Signal, encoding: Encoding, body: bytes) -> Reading | None:
    try:
        reading = normalise(signal, encoding, body, RULES, NOW)
    except PayloadError:
        return None
    assert all(map(pack_event, reading.events))
    assert all(refusal.reason and b"\0" not in refusal.reason.encode() for refusal in reading.refusals)
    write_response(reading, RULES.steps, encoding)
    return reading


def mutate(body: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, gone, piece in changes:
        start = place % (len(body) + 1)
        body = body[:start] + piece + body[start + gone :]
    return body


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("signal", SIGNALS, ids=[signal.name for signal in SIGNALS])
def test_good_requests_are_read_whole(signal: Signal, encoding: Encoding) -> None:
    reading = survive(signal, encoding, WRITE[encoding](signal, *GOOD[signal.name]))
    assert reading is not None
    assert len(reading.events) == len(GOOD[signal.name])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SIGNALS), st.sampled_from(Encoding), st.binary(max_size=200) | st.lists(pieces).map(b"".join))
def test_any_bytes_are_survived(signal: Signal, encoding: Encoding, body: bytes) -> None:
    survive(signal, encoding, body)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SIGNALS), st.sampled_from(Encoding), st.lists(cuts, min_size=1, max_size=6))
@example(TRACES, Encoding.JSON, [(0, 0, b"\xef\xbb\xbf")])
def test_mutations_of_good_requests_are_survived(
    signal: Signal, encoding: Encoding, changes: list[tuple[int, int, bytes]]
) -> None:
    survive(signal, encoding, mutate(WRITE[encoding](signal, *GOOD[signal.name]), changes))
