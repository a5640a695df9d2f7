"""Foreign messages become events by a mapping and then the native reading; what nobody takes stays refused."""

import json
from base64 import b64encode
from typing import Any

import pytest

from app.events.event import STEPS
from collectors.receivers.cloudevents_normalise import Mode, Reading, normalise
from collectors.receivers.mapped import map_foreign, read_webhook
from collectors.receivers.mapping import Mapping, choose
from collectors.receivers.mapping_file import read_mapping
from tests.collectors.receivers.mappings import LIMITS, NOW, SHORT, WMS, mapping_of, shipment
from tests.collectors.receivers.native_events import native

SHIPPED = read_mapping(WMS, STEPS)


def taken(*events: Any, mappings: tuple[Mapping, ...] = (SHIPPED,)) -> Reading:
    """Read events natively, then by mappings."""
    reading = normalise(Mode.BATCHED, json.dumps(events).encode(), (), LIMITS, NOW)
    return map_foreign(reading, "/v1/events", lambda: mappings, LIMITS, NOW)


def test_foreign_event_becomes_one_event_for_each_parcel() -> None:
    reading = taken(shipment())
    assert reading.refusals == []
    first, second = reading.events
    assert (first.id, first.source, first.step, first.channel) == (
        "C-7/1Z1",
        "/wms/berlin",
        "fulfilment.shipped",
        "shopify-us",
    )
    assert second.keys == (("order", "SO-1001"), ("fulfilment", "C-7"), ("tracking", "1Z2"), ("sku", "A-2"))
    assert first.occurred_at.isoformat() == "2026-11-23T09:15:00+00:00"
    assert (first.lines[0].sku, first.lines[0].quantity, first.attributes) == ("A-1", 2, {"carrier": "UPS"})
    assert json.loads(first.payload) == shipment()


def test_native_events_never_meet_a_mapping() -> None:
    def fail() -> tuple[Mapping, ...]:
        raise AssertionError("nothing is foreign")

    reading = normalise(Mode.BATCHED, json.dumps([native(), native(time="x")]).encode(), (), LIMITS, NOW)
    assert map_foreign(reading, "/v1/events", fail, LIMITS, NOW) is reading


def test_without_a_mapping_the_type_is_what_is_unknown() -> None:
    (refusal,) = taken(shipment() | {"data": [1, 2]}, mappings=()).refusals
    assert refusal.reason.startswith("unknown step 'com.northwind.wms.shipment.confirmed': no mapping takes it")
    (typo,) = taken(native(type="retail.order.plcaed"), mappings=()).refusals
    assert "did you mean 'retail.order.placed'" in typo.reason


def test_bad_parcel_is_named_and_the_good_one_taken() -> None:
    parcels = [*shipment()["data"]["parcels"], {"tracking": "1Z3", "lines": 7}]
    reading = taken(shipment(parcels=parcels))
    assert len(reading.events) == 2
    assert not reading.is_unreadable
    assert [refusal.reason for refusal in reading.refusals] == [
        "mapping 'wms-shipments', line 30, event.lines.each: item 2: =item.lines gives 7, not a list"
    ]


def test_single_event_that_is_mapped_was_readable() -> None:
    unreadable = normalise(Mode.STRUCTURED, json.dumps(shipment()).encode(), (), LIMITS, NOW)
    assert unreadable.is_unreadable
    assert not map_foreign(unreadable, "/v1/events", lambda: [SHIPPED], LIMITS, NOW).is_unreadable


@pytest.mark.parametrize(
    ("fields", "content", "reason"),
    [
        (["channel: web"], {}, "line 2, event: the event names no order: give data.keys.order, or the order id as su"),
        (["keys: {order: =data.no}", "outcome: =data.o"], {"no": "1", "o": "fine"},
         "line 5, event.outcome: =data.o unknown outcome 'fine'"),
        (["keys: {order: =data.no}", "amount: {value: =data.v, currency: EUR}"], {"no": "1", "v": "-1"},
         "line 5, event.amount: data.amount is negative (-1)"),
        (["keys: {order: =data.no}", "time: =data.at"], {"no": "1", "at": "1970-01-01T00:00:00Z"},
         "line 5, event.time: =data.at time 1970-01-01T00:00:00+00:00 is before 2000"),
        (["keys: {Order No: =data.no}"], {"no": "1"}, "line 4, event.keys: data.keys: 'Order No' is not a namespace"),
        (["keys: {order: =data.no}", "id: =data.none"], {"no": "1"}, "line 5, event.id: =data.none id is missing"),
        (["keys: {order: =data.no}", "attempt: =data.no"], {"no": "x"}, "line 5, event.attempt: =data.no data.attempt"),
    ],
)  # fmt: skip
def test_native_reading_judges_what_came_out(fields: list[str], content: dict[str, Any], reason: str) -> None:
    body = json.dumps(content).encode()
    (refusal,) = read_webhook(body, mapping_of(*fields), LIMITS, NOW).refusals
    assert refusal.reason.startswith(f"mapping 'short', {reason}")


def test_webhook_is_named_by_its_content() -> None:
    mapping = mapping_of("keys: {order: =data.no}")
    first, again, other = (
        read_webhook(body, mapping, LIMITS, NOW).events[0] for body in (b'{"no":1}', b'{"no":1}', b'{"no":2}')
    )
    assert first.uid == again.uid != other.uid
    assert (first.source, first.payload) == ("/v1/map/short", b'{"no":1}')


def test_expressions_see_extensions_and_data_in_base64() -> None:
    mapping = read_mapping(SHORT + "  keys: {order: =data.no}\n  channel: =extensions.shop\n", STEPS)
    matched = read_mapping(
        "match: {type: com.*}\n" + SHORT + "  keys: {order: =data.no}\n  channel: =extensions.shop\n", STEPS
    )
    assert not mapping.takes({"type": "com.x"})
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.x", "shop": "web"}
    (read,) = taken(event | {"data_base64": b64encode(b'{"no": "7"}').decode()}, mappings=(mapping, matched)).events
    assert (read.keys, read.channel) == ((("order", "7"),), "web")
    (refusal,) = taken(event | {"data_base64": "%"}, mappings=(matched,)).refusals
    assert refusal.reason.startswith("data_base64 is no JSON in base64")


def test_most_precise_mapping_takes_a_message() -> None:
    heads = {"b": "com.*", "a": "com.*", "c": "com.shop.*", "d": "*"}
    known = [
        read_mapping(f"match: {{type: '{glob}'}}\n{SHORT}".replace("short", name), STEPS)
        for name, glob in heads.items()
    ]

    def chosen(kind: str) -> str | None:
        mapping = choose(known, {"type": kind, "source": None, "door": "/v1/events"})
        return mapping.name if mapping else None

    assert [chosen(kind) for kind in ("com.shop.x", "com.x", "org")] == ["c", "a", "d"]


@pytest.mark.parametrize(
    ("match", "is_taken"),
    [("{type: com.a}", True), ("{type: com}", False), ("{source: '/s*'}", True), ("{type: com.a, source: /x}", False),
     ("{source: '/s*op'}", True), ("{source: '/*h*p'}", True), ("{source: '/shop*shop'}", False),
     ("{source: '*p*h*'}", False), ("{type: '*'}", True), ("{type: '**'}", True), ("{door: /v1/events}", True),
     ("{door: load}", False), ("{type: 'c*.a'}", True), ("{type: 'com?a'}", False)],
)  # fmt: skip
def test_every_pattern_must_fit(match: str, is_taken: bool) -> None:
    mapping = read_mapping(f"match: {match}\n{SHORT}", STEPS)
    assert mapping.takes({"type": "com.a", "source": "/shop", "door": "/v1/events"}) is is_taken
