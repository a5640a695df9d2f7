"""The four forms of a request are read alike, and one bad event never hurts the others."""

import json
from base64 import b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import PayloadError, TooLargeError
from app.events.event import STEPS, Event, pack_event
from collectors.receivers.cloudevents_normalise import Limits, Mode, normalise
from tests.collectors.receivers.native_events import LIMITS, NOW, native, with_data

HEADERS = [
    ("content-type", "application/json"),
    ("ce-specversion", "1.0"),
    ("ce-id", "e-17"),
    ("ce-source", "/middleware/orders"),
    ("ce-type", "retail.erp.order.posted"),
    ("ce-time", "2026-11-23T10:15:00Z"),
    ("ce-subject", "SO-1001"),
]
BODY = json.dumps(native()["data"]).encode()


def test_all_forms_say_the_same() -> None:
    structured = normalise(Mode.STRUCTURED, json.dumps(native()).encode(), (), LIMITS, NOW).events
    batched = normalise(Mode.BATCHED, json.dumps([native()]).encode(), (), LIMITS, NOW).events
    lines = normalise(Mode.LINES, json.dumps(native()).encode() + b"\n", (), LIMITS, NOW).events
    binary = normalise(Mode.BINARY, BODY, HEADERS, LIMITS, NOW).events
    in_base64 = native(data=None, data_base64=b64encode(BODY).decode())
    encoded = normalise(Mode.STRUCTURED, json.dumps(in_base64).encode(), (), LIMITS, NOW).events
    assert len({without_payload(form) for form in (structured, batched, lines, binary, encoded)}) == 1
    assert json.loads(binary[0].payload)["data"] == native()["data"]


def without_payload(events: list[Event]) -> bytes:
    return pack_event(msgspec.structs.replace(events[0], payload=b""))


def test_one_bad_event_among_500_is_named_and_the_others_kept() -> None:
    batch = [native(id=f"e-{number}") for number in range(500)]
    batch[137] = with_data(amount={"value": "-1", "currency": "USD"})
    reading = normalise(Mode.BATCHED, json.dumps(batch).encode(), (), LIMITS, NOW)
    assert len(reading.events) == 499
    assert [refusal.index for refusal in reading.refusals] == [137]
    assert json.loads(reading.refusals[0].body) == batch[137]
    assert not reading.is_unreadable


def test_broken_batch_is_refused_whole_with_the_place() -> None:
    body = json.dumps([native()]).encode()[:-1] + b", {]"
    reading = normalise(Mode.BATCHED, body, (), LIMITS, NOW)
    assert (reading.events, reading.is_unreadable) == ([], True)
    assert reading.refusals[0].body == body
    assert reading.refusals[0].reason == f"broken JSON: expected '\"' (byte {len(body) - 1})"


@pytest.mark.parametrize("body", [b"{}", b"", b"[" * 30_000, b'"text"'])
def test_what_is_no_batch_is_unreadable(body: bytes) -> None:
    reading = normalise(Mode.BATCHED, body, (), LIMITS, NOW)
    assert reading.is_unreadable
    assert len(reading.refusals) == 1


def test_empty_batch_is_fine() -> None:
    reading = normalise(Mode.BATCHED, b"[]", (), LIMITS, NOW)
    assert (reading.events, reading.refusals, reading.is_unreadable) == ([], [], False)


def test_lines_are_counted_from_zero_and_empty_ones_skipped() -> None:
    good = json.dumps(native()).encode()
    reading = normalise(Mode.LINES, b"\n".join([good, b"", b"{broken", good + b"\r", b" "]), (), LIMITS, NOW)
    assert len(reading.events) == 2
    assert [(refusal.index, refusal.body) for refusal in reading.refusals] == [(2, b"{broken")]
    assert not reading.is_unreadable


def test_too_many_events_are_refused_before_anything_is_kept() -> None:
    limits = Limits(STEPS, max_events=2)
    with pytest.raises(TooLargeError, match="more than 2 events"):
        normalise(Mode.BATCHED, b"[1,2,3]", (), limits, NOW)


HEADER_CASES = [
    ("ce-subject", "Z%C3%BCrich 1", "subject", "Zürich 1"),
    ("ce-subject", "Z%c3%bcrich", "subject", "Zürich"),
    ("ce-subject", '"SO \\"1\\""', "subject", 'SO "1"'),
    ("ce-subject", "%53O-1", "subject", "SO-1"),
    ("ce-subject", "100%25", "subject", "100%"),
    ("ce-subject", "Zürich".encode().decode("latin-1"), "subject", "Zürich"),
]


@pytest.mark.parametrize(("name", "value", "field", "meant"), HEADER_CASES)
def test_headers_are_decoded_once(name: str, value: str, field: str, meant: str) -> None:
    headers = [pair for pair in HEADERS if pair[0] != name] + [(name, value)]
    reading = normalise(Mode.BINARY, BODY, headers, LIMITS, NOW)
    assert getattr(reading.events[0], field) == meant


BAD_HEADERS = [
    (("ce-subject", "%zz"), "header ce-subject has a broken percent-encoding"),
    (("ce-subject", "%ff"), "header ce-subject is not UTF-8"),
    (("ce-id", "e-18"), "header ce-id came twice"),
    (("ce-or_der", "1"), "header ce-or_der is no CloudEvents attribute"),
    (("ce-data", "1"), "header ce-data is no CloudEvents attribute"),
    (("ce-partitionkey", "%00"), "NUL character"),
]


@pytest.mark.parametrize(("header", "reason"), BAD_HEADERS, ids=[reason for _, reason in BAD_HEADERS])
def test_bad_headers_are_named(header: tuple[str, str], reason: str) -> None:
    kept = [pair for pair in HEADERS if pair[0] != "ce-subject"]
    reading = normalise(Mode.BINARY, BODY, [*kept, header], LIMITS, NOW)
    assert reading.is_unreadable
    assert reason in reading.refusals[0].reason


def test_binary_body_that_is_no_json_is_kept_with_its_attributes() -> None:
    reading = normalise(Mode.BINARY, b"\x00avro", HEADERS, LIMITS, NOW)
    (refusal,) = reading.refusals
    assert refusal.reason == "data: broken JSON: invalid character (byte 0)"
    assert (refusal.source, refusal.event_id) == ("/middleware/orders", "e-17")
    assert json.loads(refusal.body)["data_base64"] == b64encode(b"\x00avro").decode()


def test_base64_must_hold_the_profile() -> None:
    for text, reason in [("%%%", "data_base64 is not base64"), ("W10=", "data: not a CloudEvent")]:
        body = json.dumps(native(data=None, data_base64=text)).encode()
        reading = normalise(Mode.STRUCTURED, body, (), LIMITS, NOW)
        assert reading.refusals[0].reason.startswith(reason)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from([*native(), "data_base64"])
DATA_FIELDS = st.sampled_from([*native()["data"]])


@given(body=st.binary(max_size=200), mode=st.sampled_from(Mode), value=st.text(max_size=20))
def test_garbage_is_refused_never_raised(body: bytes, mode: Mode, value: str) -> None:
    headers = [("ce-specversion", "1.0"), ("ce-id", value), ("content-type", value)]
    try:
        reading = normalise(mode, body, headers, LIMITS, NOW)
    except PayloadError:
        return
    assert reading.events == []


@given(name=FIELDS, value=JSON, inner=DATA_FIELDS, deep=JSON)
def test_any_json_is_read_or_refused_and_what_is_read_can_be_packed(
    name: str, value: object, inner: str, deep: object
) -> None:
    batch = [native(), native(**{name: value}), with_data(**{inner: deep})]
    reading = normalise(Mode.BATCHED, json.dumps(batch).encode(), (), LIMITS, NOW)
    assert len(reading.events) + len(reading.refusals) == 3
    assert reading.events[0].id == "e-17"
    assert all(map(pack_event, reading.events))
