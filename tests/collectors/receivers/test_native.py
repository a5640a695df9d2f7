"""What a native event becomes, and what is said of each that cannot become one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.ids import event_uid
from app.events.event import Line, pack_event, unpack_event
from tests.collectors.receivers.native_events import NOW, native, read, with_data


def test_native_event_is_read_whole() -> None:
    body = json.dumps(native()).encode()
    (event,) = read(body).events
    assert event.uid == event_uid("/middleware/orders", "e-17")
    assert event.step == "erp.order.posted"
    assert (event.occurred_at, event.received_at) == (datetime(2026, 11, 23, 10, 15, tzinfo=UTC), NOW)
    assert event.is_timed
    assert event.keys == (("order", "SO-1001"), ("netsuite.salesorder", "88121"), ("sku", "A-1"), ("sku", "B-2"))
    assert (event.channel, event.system, event.connector) == ("shopify-us", "netsuite", "orders-to-netsuite")
    assert (event.amount_minor, event.currency) == (9950, "USD")
    assert event.lines == (Line("A-1", 2, 2475),)
    assert (event.outcome, event.error, event.attempt, event.duration_ms) == ("ok", None, 1, 840)
    assert event.promised_at == datetime(2026, 11, 26, 22, 0, tzinfo=UTC)
    assert event.attributes == {"http.response.status_code": 201}
    assert event.payload == body
    assert unpack_event(pack_event(event)) == event


def test_event_without_time_happened_when_it_came() -> None:
    (event,) = read(native(time=None)).events
    assert event.occurred_at == NOW
    assert not event.is_timed


ACCEPTED = [
    ("unknown fields are kept", with_data(colour="red"), "outcome", "ok"),
    ("null is absent", with_data(keys={"invoice": None, "order": "SO-1"}), "keys", (("order", "SO-1"),)),
    ("keys are stripped", with_data(keys={"order": " SO-1 "}), "keys", (("order", "SO-1"),)),
    ("a repeated key counts once", with_data(keys={"sku": ["A", " A", "B"]}), "keys", (("sku", "A"), ("sku", "B"))),
    ("whole floats are whole", with_data(keys={"invoice": 88121.0}), "keys", (("invoice", "88121"),)),
    ("big numbers stay exact", with_data(keys={"invoice": 10**30}), "keys", (("invoice", "1" + "0" * 30),)),
    ("an order may be the subject", native(type="retail.order.placed", data={}), "keys", (("order", "SO-1001"),)),
    ("other subjects are no key", native(type="retail.queue.sample", data={}), "keys", ()),
    ("errors in two parts are joined", with_data(error={"code": 503, "message": "Down "}), "error", "503: Down"),
    ("errors with one part are that part", with_data(error={"message": "Down"}), "error", "Down"),
    ("empty words are absent", with_data(channel=" "), "channel", None),
    ("amounts may be numbers", with_data(amount={"value": 99.5, "currency": "USD"}), "amount_minor", 9950),
    ("yen have no decimals", with_data(amount={"value": 12, "currency": "JPY"}, lines=[]), "amount_minor", 12),
    ("an unknown amount has a currency", with_data(amount={"value": None, "currency": "USD"}), "currency", "USD"),
    ("zero is an amount", with_data(amount={"value": "0", "currency": "USD"}), "amount_minor", 0),
    ("whole pieces may be floats", with_data(lines=[{"sku": 7, "quantity": 2.0}]), "lines", (Line("7", 2),)),
    ("half milliseconds are rounded", with_data(duration_ms=840.6), "duration_ms", 841),
    ("skewed clocks are accepted", native(time="2026-11-24T10:15:00Z"), "is_timed", True),
    ("offsets are converted", native(time="2026-11-23T12:15:00+02:00"), "occurred_at", NOW.replace(minute=15)),
    ("huge attributes become text", with_data(attributes={"n": [10**30]}), "attributes", {"n": ["1" + "0" * 30]}),
]


@pytest.mark.parametrize(("event", "field", "value"), [case[1:] for case in ACCEPTED], ids=[c[0] for c in ACCEPTED])
def test_accepted(event: dict[str, Any], field: str, value: object) -> None:
    reading = read(event)
    assert reading.refusals == []
    assert getattr(reading.events[0], field) == value
    assert [unpack_event(pack_event(event)) for event in reading.events] == reading.events


REFUSED = [
    (native(id=""), "id is missing: every CloudEvent needs"),
    (native(source=None), "source is missing: every CloudEvent needs"),
    (native(id="x" * 1001), "longer than 1,000 characters"),
    (native(specversion="0.3"), "specversion is '0.3': send CloudEvents 1.0"),
    (native(specversion=None), "specversion is missing"),
    (native(type=None), "type is missing: write 'retail.' and the step"),
    (native(type="retail.erp.order.postd"), "did you mean 'retail.erp.order.posted'?"),
    (native(type="erp.order.posted"), "did you mean 'retail.erp.order.posted'?"),
    (native(type="com.shop.zzz"), "unknown step 'com.shop.zzz': declare the step in a flow"),
    (native(time="1970-01-01T00:00:00Z"), "before 2000 or over two years ahead: check the clock"),
    (native(time="2100-01-01T00:00:00Z"), "before 2000 or over two years ahead"),
    (native(time="0001-01-01T00:00:00+14:00"), "before 2000 or over two years ahead"),
    (native(time="9999-12-31T23:59:59-14:00"), "before 2000 or over two years ahead"),
    (native(time="2026-11-23T10:15:00"), "time: expected 'datetime' with a timezone component: write RFC 3339"),
    (native(time="yesterday"), "time: invalid RFC3339 encoded datetime: write RFC 3339"),
    (native(data="text"), "data: expected 'object | null', got 'str': send the native event profile"),
    (native(data_base64="e30="), "both data and data_base64"),
    (with_data(promised_at="2100-01-01T00:00:00Z"), "data.promised_at 2100-01-01"),
    (with_data(amount={"value": "-5", "currency": "USD"}), "data.amount is negative (-5): send it positive"),
    (with_data(amount={"value": "5", "currency": "XYZ"}), "data.amount: unknown currency 'XYZ': use an ISO 4217"),
    (with_data(amount={"value": "5"}), "data.amount has no currency: add an ISO 4217 code"),
    (with_data(amount={"value": "abc", "currency": "USD"}), "data.amount 'abc' is not a decimal number"),
    (with_data(amount={"value": "1e999999999", "currency": "USD"}), "is not a decimal number"),
    (with_data(amount={"value": "9" * 30, "currency": "USD"}), "is out of range"),
    (with_data(amount={"value": "1.005", "currency": "USD"}), "has more decimals than USD allows (2)"),
    (with_data(amount="99.50"), "data.amount: expected 'object | null', got 'str': send {\"value\": \"99.50\""),
    (with_data(outcome="failled"), "unknown outcome 'failled' (did you mean 'failed'?): use one of ok, failed,"),
    (with_data(keys=["SO-1"]), "data.keys: expected 'object | null', got 'array': send an object of namespace"),
    (with_data(keys={"order": True}), "data.keys[...]: expected"),
    (with_data(keys={"Order Id": "1"}), "'Order Id' is not a namespace: use lower-case words joined by dots"),
    (with_data(keys={"order": "x" * 201}), "data.keys.order has a value of 201 characters, at most 200"),
    (with_data(keys={"sku": [str(n) for n in range(201)]}), "holds 201 keys, at most 200 are taken"),
    (native(type="retail.order.placed", subject=None, data={}), "names no order: give data.keys.order"),
    (with_data(channel="x" * 201), "data.channel is longer than 200 characters"),
    (with_data(attempt=-1), "data.attempt: expected 'int' >= 0: send a whole number"),
    (with_data(duration_ms="fast"), "data.duration_ms: expected"),
    (with_data(error=503), "data.error: expected"),
    (with_data(lines=[{"sku": "A", "quantity": 1.5}]), "data.lines[0].quantity 1.5 is not a whole number"),
    (with_data(lines=[{"sku": " ", "quantity": 1}]), "data.lines[0].sku has 0 characters"),
    (with_data(lines=[{"sku": "A"}]), "data.lines[0]: object missing required field 'quantity': send a list of"),
    (with_data(amount=None), "data.lines[0].unit_price has no currency"),
    (with_data(lines=[{"sku": "A", "quantity": 1, "unit_price": "x"}]), "data.lines[0].unit_price 'x' is not"),
    (with_data(channel="a\0b"), r"the event holds a NUL character (\u0000): remove it"),
    (with_data(colour={"a\0": 1}), "NUL character"),
    (with_data(attributes={"a": json.loads("[" * 80 + "]" * 80)}), "nested deeper than 64 levels"),
    (with_data(attributes={"a": "x" * 70_000}), "bytes, at most 65,536 are taken"),
    ([], "not a CloudEvent: expected 'object', got 'array'"),
    (b"", "broken JSON: it ends too early, after 0 bytes"),
    (b'{"id": }', "broken JSON: invalid character (byte 7)"),
    (b'{"id": "\xff"}', "not UTF-8"),
    (b'{"nobody reads this": "\xff"}', "not UTF-8"),
    (b"[" * 30_000 + b"]" * 30_000, "not a CloudEvent"),
    (b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "nested too deeply"),
]


@pytest.mark.parametrize(("event", "reason"), REFUSED, ids=[reason[:50] for _, reason in REFUSED])
def test_refused_with_its_reason(event: Any, reason: str) -> None:
    reading = read(event)
    assert reading.events == []
    assert reading.is_unreadable
    (refusal,) = reading.refusals
    assert reason in refusal.reason
    assert refusal.body == (event if isinstance(event, bytes) else json.dumps(event).encode())


def test_refusal_names_the_event_where_it_can() -> None:
    (refusal,) = read(with_data(outcome="maybe")).refusals
    assert (refusal.source, refusal.event_id) == ("/middleware/orders", "e-17")
    (refusal,) = read(native(id="a\0b")).refusals
    assert refusal.event_id == "a\N{REPLACEMENT CHARACTER}b"
