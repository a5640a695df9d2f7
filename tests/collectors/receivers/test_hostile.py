"""Whatever bytes arrive at a door: errors are typed, good events beside bad ones are read, what is refused is kept."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from app.core.errors import PharosError
from app.events.event import STEPS, Event, Refusal, pack_event
from collectors.receivers.access import mode_of, unpack
from collectors.receivers.cloudevents_normalise import Limits, Mode, normalise
from collectors.receivers.mapped import map_foreign, read_webhook
from collectors.receivers.mapping_file import read_mapping
from collectors.receivers.otlp_normalise import normalise as read_otlp
from collectors.receivers.otlp_reading import Rules
from collectors.receivers.otlp_signals import LOGS, METRICS, SIGNALS, TRACES, Encoding, Signal
from collectors.receivers.wire import write_field
from tests.collectors.receivers.hostile import NASTY, SECONDS, hold, is_json, misshapen, mutated
from tests.collectors.receivers.mappings import WMS, shipment
from tests.collectors.receivers.native_events import NOW, native
from tests.collectors.receivers.otlp_requests import REQUESTS, SERVICE, a_gauge, a_log, a_span, in_json, in_protobuf

pytestmark = pytest.mark.timeout(SECONDS + 180)

LIMITS = Limits(STEPS, max_event_bytes=16 * 1024, max_events=50)
RULES = Rules(STEPS, max_event_bytes=16 * 1024)
MAPPING = read_mapping(WMS, STEPS)
EVENTS = [native(), native(id="e-18", type="retail.order.placed"), shipment()]
GOOD = [json.dumps(native(id=f"good-{number}")).encode() for number in (1, 2)]
RECORDS: dict[str, dict[str, Any]] = {
    TRACES.name: a_span({"retail.amount.value": "9.5", "retail.amount.currency": "USD", "exception.type": "E"}),
    LOGS.name: a_log({"retail.key.wms": ["a", "b"], "exception.message": "no"}),
    METRICS.name: a_gauge("messaging.queue.depth", 5, {"messaging.system": "x"}),
}
BESIDE = {TRACES: a_span(spanId="00000000000000aa"), LOGS: a_log(body={"stringValue": "good"}),
             METRICS: a_gauge("messaging.queue.depth", 7, timeUnixNano="1795428999000000000")}  # fmt: skip


def read_events(mode: Mode, body: bytes, headers: list[tuple[str, str]]) -> tuple[list[Event], list[Refusal]]:
    """Read as the door does, mappings included."""
    reading = normalise(mode, body, headers, LIMITS, NOW)
    reading = map_foreign(reading, "/v1/events", lambda: [MAPPING], LIMITS, NOW)
    return reading.events, reading.refusals


def check(events: list[Event], refusals: list[Refusal]) -> None:
    """What was read can be stored, and so can what was refused, with a reason and its bytes."""
    assert all(map(pack_event, events))
    for event in events:
        assert "\0" not in repr(event.keys) + event.id + event.source
        assert (event.id + event.source).encode()
    assert all(one.reason and "\0" not in one.reason and one.reason.encode() for one in refusals)


def survive(read: Callable[[], tuple[list[Event], list[Refusal]]]) -> tuple[list[Event], list[Refusal]] | None:
    """Read, unless the whole is refused with an error that the sender is told."""
    try:
        events, refusals = read()
    except PharosError as error:
        found = error
    else:
        check(events, refusals)
        return events, refusals
    assert found.status in (400, 413, 415)
    assert found.message.encode()
    return None


def bodies(document: Any) -> st.SearchStrategy[bytes]:
    return mutated(json.dumps(document).encode()) | misshapen(document)


anything = st.sampled_from(EVENTS).flatmap(bodies) | st.lists(st.sampled_from(NASTY)).map(b"".join)
NAMES = ("ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time", "ce-subject", "ce-", "ce-data", "ce-\xe9",
         "content-type", "content-encoding")  # fmt: skip
WORDS = ("1.0", "retail.order.placed", "%", "%00", "%ff", '"\\"', "\xff\xfe", "9" * 99, "text/plain", "",
         "application/cloudevents+json; charset=utf-16", "application/cloudevents-batch+xml")  # fmt: skip
words = st.sampled_from(WORDS) | st.text(st.characters(max_codepoint=255), max_size=20)
headers = st.lists(st.tuples(st.sampled_from(NAMES), words), max_size=8)


def test_any_event_in_any_mode_is_survived() -> None:
    def one(mode: Mode, body: bytes, headers: list[tuple[str, str]]) -> None:
        survive(lambda: read_events(mode, body, headers))
        survive(lambda: ([], [Refusal(0, str(mode_of(dict(headers))), b"")]))

    assert hold(one, {"mode": st.sampled_from(Mode), "body": anything, "headers": headers})


def test_good_events_of_a_batch_are_read_whatever_lies_between_them() -> None:
    def one(body: bytes) -> None:
        sent = b"[" + b",".join((GOOD[0], body, GOOD[1])) + b"]"
        found = survive(lambda: read_events(Mode.BATCHED, sent, []))
        if found is not None and is_json(body):
            assert {"good-1", "good-2"} <= {event.id for event in found[0]}
            assert all(refusal.body in sent for refusal in found[1])
        elif found is not None and not found[0]:
            assert found[1][0].body == sent

    assert hold(one, {"body": anything})


def test_good_lines_are_read_whatever_lies_between_them() -> None:
    def one(body: bytes) -> None:
        sent = b"\n".join((GOOD[0], body, GOOD[1]))
        found = survive(lambda: read_events(Mode.LINES, sent, []))
        assert found is not None
        assert {"good-1", "good-2"} <= {event.id for event in found[0]}
        assert all(refusal.body in sent for refusal in found[1])

    assert hold(one, {"body": anything})


def test_any_webhook_is_survived_and_kept() -> None:
    def one(body: bytes) -> None:
        def read() -> tuple[list[Event], list[Refusal]]:
            reading = read_webhook(body, MAPPING, LIMITS, NOW)
            return reading.events, reading.refusals

        if found := survive(read):
            assert all(refusal.body == body for refusal in found[1])

    assert hold(one, {"body": bodies(shipment()["data"])})


def test_any_gzip_is_survived_within_its_limit() -> None:
    packed = gzip.compress(GOOD[0] * 20) + gzip.compress(b"\0" * 100_000)

    def one(body: bytes, encoding: str) -> None:
        survive(lambda: ([], [Refusal(0, "x", unpack(body, encoding, 50_000))]))

    assert hold(
        one, {"body": mutated(packed), "encoding": st.sampled_from(["gzip", "x-gzip", " GZIP", "", "br", "\xff"])}
    )


def test_any_export_request_is_survived() -> None:
    def one(signal: Signal, encoding: Encoding, data: Any) -> None:
        write = in_json if encoding is Encoding.JSON else in_protobuf
        body = data.draw(mutated(write(signal, RECORDS[signal.name], RECORDS[signal.name])))
        survive(lambda: read_records(signal, encoding, body))

    assert hold(one, {"signal": st.sampled_from(SIGNALS), "encoding": st.sampled_from(Encoding), "data": st.data()})


def test_good_records_are_read_whatever_lies_between_them() -> None:
    def one(signal: Signal, encoding: Encoding, data: Any) -> None:
        record = RECORDS[signal.name]
        if encoding is Encoding.JSON:
            bad = data.draw(bodies(record))
            body = in_json(signal, BESIDE[signal], "HERE").replace(b'"HERE"', bad)
            is_whole = is_json(bad)
        else:
            bad = data.draw(mutated(record_of(signal, record)))
            inside = write_field(2, record_of(signal, BESIDE[signal])) + write_field(2, bad)
            body = write_field(1, write_field(1, resource_of(signal)) + write_field(2, inside))
            is_whole = True
        found = survive(lambda: read_records(signal, encoding, body))
        if is_whole:
            assert found is not None
            good = read_records(signal, Encoding.JSON, in_json(signal, BESIDE[signal]))[0]
            assert {event.uid for event in good} <= {event.uid for event in found[0]}
            for refusal in found[1]:
                kept = Encoding(dict(refusal.headers or ()).get("content-type", Encoding.JSON.value))
                again = read_otlp(signal, kept, refusal.body, RULES, NOW)
                assert [one.reason for one in again.refusals] == [refusal.reason]
                assert [one.body for one in again.refusals] == [refusal.body]

    assert hold(one, {"signal": st.sampled_from(SIGNALS), "encoding": st.sampled_from(Encoding), "data": st.data()})


def read_records(signal: Signal, encoding: Encoding, body: bytes) -> tuple[list[Event], list[Refusal]]:
    reading = read_otlp(signal, encoding, body, RULES, NOW)
    return reading.events, reading.refusals


def record_of(signal: Signal, record: dict[str, Any]) -> bytes:
    """One record in protobuf, taken out of a request that holds it alone."""
    return parsed(signal, record)[1]


def resource_of(signal: Signal) -> bytes:
    return parsed(signal, RECORDS[signal.name])[0]


def parsed(signal: Signal, record: dict[str, Any]) -> tuple[bytes, bytes]:
    request: Any = REQUESTS[signal.name].FromString(in_protobuf(signal, record, service=SERVICE))
    group = getattr(request, signal.path[0])[0]
    inside = getattr(getattr(group, signal.path[1])[0], signal.path[2])[0]
    return group.resource.SerializeToString(), inside.SerializeToString()
