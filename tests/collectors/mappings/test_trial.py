"""Trying a mapping says what its door would make of a message, and a new mapping begins with what the message has."""

import json

import pytest

from collectors.mappings.starter import begin_mapping
from collectors.mappings.trial import try_mapping
from tests.collectors.receivers.mappings import LIMITS, NOW, SHORT, WMS, problems_of, shipment

WEBHOOK = SHORT + "  keys: {order: =data.no}\n"


def test_webhook_is_told_from_a_cloudevent() -> None:
    trial = try_mapping(WEBHOOK, '{"no": 7}', LIMITS, NOW)
    assert trial.read_as == "a webhook body, as /v1/map/short would take it"
    assert trial.made[0].title == "order.placed · order 7"
    assert json.loads(trial.made[0].text)["data"] == {"keys": {"order": "7"}}


def test_pattern_that_does_not_take_the_message_is_said() -> None:
    trial = try_mapping(WMS.replace("com.northwind", "com.southwind"), json.dumps(shipment()), LIMITS, NOW)
    assert trial.miss == (
        "Its match does not take this message: type is 'com.northwind.wms.shipment.confirmed', source is '/wms/berlin'."
    )
    assert len(trial.made) == 2


def test_item_that_is_no_event_is_left_out_and_named() -> None:
    parcels = [*shipment()["data"]["parcels"], {"tracking": "x", "lines": [{"article": "", "pieces": 1}]}]
    trial = try_mapping(WMS, json.dumps(shipment(parcels=parcels)), LIMITS, NOW)
    assert len(trial.made) == 2
    assert trial.problems == (
        "mapping 'wms-shipments', line 31, event.lines.sku: item 2: =line.article "
        "data.lines[0].sku has 0 characters: send 1 to 200",
    )


@pytest.mark.parametrize(
    ("document", "payload", "problem"),
    [
        ("", "{}", "mapping:1: the document is empty"),
        (WEBHOOK, "  ", "Paste a message, or pick one that was set aside"),
        (WEBHOOK, "{", "message: broken JSON: it ends too early, after 1 bytes"),
        (WEBHOOK, "[1]", "mapping 'short', line 4, event.keys: none of order gives a value"),
    ],
)
def test_problems_are_listed(document: str, payload: str, problem: str) -> None:
    assert try_mapping(document, payload, LIMITS, NOW).problems == (problem,)


@pytest.mark.parametrize("sample", [None, b"", b"{", b"[]", b"\xff", json.dumps(shipment()).encode(), b'{"a": 1}'])
def test_beginning_is_a_mapping(sample: bytes | None) -> None:
    assert problems_of(begin_mapping(sample)) == []


def test_beginning_names_what_the_message_has() -> None:
    begun = begin_mapping(json.dumps(shipment()).encode())
    assert begun.startswith("# This message has in data: 'confirmation', 'order_no', 'shop'")
    assert 'type: "com.northwind.wms.shipment.confirmed"' in begun
