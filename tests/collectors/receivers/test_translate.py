"""A message becomes native documents by a mapping; what it lacks is named with line, field and expression."""

from typing import Any

import pytest

from app.events.event import STEPS
from collectors.receivers.mapping_file import read_mapping
from collectors.receivers.translate import translate
from tests.collectors.receivers.mappings import complaints, document_of, mapping_of, message


def test_fields_that_are_not_mapped_are_the_messages_own() -> None:
    document = document_of(mapping_of(), message() | {"time": "2026-11-23T10:00:00Z", "subject": "SO-1"})
    assert {name: document[name] for name in ("id", "source", "time", "subject", "type")} == {
        "id": "m-1",
        "source": "/shop",
        "time": "2026-11-23T10:00:00Z",
        "subject": "SO-1",
        "type": "retail.order.placed",
    }


@pytest.mark.parametrize(
    ("field", "content", "found"),
    [
        ("channel: web", {}, "web"),
        ("channel: =data.shop", {"shop": 7}, "7"),
        ("channel: =data.shop", {"shop": True}, "true"),
        ("channel: =data.shop", {}, None),
        ("channel: {value: =data.shop, default: web}", {}, "web"),
        ("channel: {value: =data.shop, map: {7: us}}", {"shop": 7}, "us"),
        ("channel: {value: =data.shop, map: {07: us}}", {"shop": "07"}, "us"),
        ("channel: {value: =data.shop, map: {true: us}}", {"shop": True}, "us"),
        ("channel: {value: =data.shop, map: {NO: us}}", {"shop": "NO"}, "us"),
        ("channel: {value: =data.shop, map: {A: us}, default: other}", {"shop": "B"}, "other"),
        ("channel: {value: =data.shop, map: {A: us}, default: ~}", {"shop": "B"}, None),
        ("channel: {value: =data.shop, map: {A: us}}", {}, None),
        ("channel: =join('-', [data.a, to_string(data.b)])", {"a": "x", "b": 1}, "x-1"),
    ],
)
def test_values_are_literals_expressions_or_looked_up(field: str, content: dict[str, Any], found: str | None) -> None:
    assert document_of(mapping_of(field), message(**content))["data"]["channel"] == found


@pytest.mark.parametrize(
    ("field", "value", "time"),
    [
        ("=data.at", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("{value: =data.at, zone: Europe/Berlin}", "2026-07-01 10:00", "2026-07-01T10:00:00+02:00"),
        ("{value: =data.at, zone: Europe/Berlin}", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("{value: =data.at, format: unix}", 1795428000, "2026-11-23T10:00:00+00:00"),
        ("{value: =data.at, format: unix_ms}", "1795428000500", "2026-11-23T10:00:00.500000+00:00"),
        ("{value: =data.at, format: '%Y%m%d%H%M', zone: UTC}", "202611231000", "2026-11-23T10:00:00+00:00"),
        ("{value: =data.at, format: '%d/%m/%Y %H:%M %z'}", "23/11/2026 10:00 +0100", "2026-11-23T10:00:00+01:00"),
        ("=data.at", None, None),
    ],
)
def test_times_are_read_in_their_form(field: str, value: object, time: str | None) -> None:
    assert document_of(mapping_of(f"time: {field}"), message(at=value))["time"] == time


@pytest.mark.parametrize(
    ("field", "amount"),
    [
        ("{value: =data.n, currency: USD}", {"value": "12.50", "currency": "USD"}),
        ("{minor: =data.cents, currency: =data.money}", {"value": "12.50", "currency": "EUR"}),
        ("{minor: =data.cents, currency: JPY}", {"value": "1250", "currency": "JPY"}),
        ("{minor: =data.cents, currency: KWD}", {"value": "1.250", "currency": "KWD"}),
        ("{value: =data.none, currency: =data.none}", None),
    ],
)
def test_amounts_are_decimals_or_minor_units(field: str, amount: object) -> None:
    given = message(n="12.50", cents=1250, money="EUR")
    assert document_of(mapping_of(f"amount: {field}"), given)["data"]["amount"] == amount


def test_keys_are_texts_or_lists_and_some_may_be_missing() -> None:
    mapping = mapping_of("keys: {order: =data.no, sku: '=data.lines[].sku', invoice: =data.none}")
    found = document_of(mapping, message(no=7, lines=[{"sku": "A"}, {"sku": None}, {"sku": "B"}]))["data"]["keys"]
    assert found == {"order": "7", "sku": ["A", "B"]}


def test_lines_see_the_message_the_item_and_themselves() -> None:
    mapping = mapping_of(
        "lines: {each: =item.lines, sku: =line.sku, quantity: =line.n, unit_price: =data.price}",
        head="mapping: short\neach: =data.orders\n",
    )
    lines = [{"sku": 1, "n": "2"}, {"sku": "B", "n": 1.5}]
    document = document_of(mapping, message(price="9.99", orders=[{"lines": lines}]))
    assert document["data"]["lines"] == [
        {"sku": "1", "quantity": 2, "unit_price": "9.99"},
        {"sku": "B", "quantity": 1.5, "unit_price": "9.99"},
    ]
    assert document["id"] == "m-1/0"


@pytest.mark.parametrize(
    ("field", "content", "complaint"),
    [
        ("channel: =data.shop", {"shop": {}}, "channel: =data.shop gives an object, not one value"),
        ("channel: =data.shop", {"shop": [1]}, "channel: =data.shop gives a list, not one value"),
        ("channel: {value: =data.shop, map: {A: b}}", {"shop": "C"},
         "channel: =data.shop gives 'C', which is not in its table: add it there, or a default"),
        ("channel: =length(data.shop)", {}, "channel: =length(data.shop) in function length(), invalid type for value"),
        ("channel: =join(data.shop)", {}, "channel: =join(data.shop) expected 2 arguments for function join(), receiv"),
        ("time: =data.at", {"at": "soon"}, "time: =data.at gives 'soon', which is no time in the form ISO 8601"),
        ("time: =data.at", {"at": "2026-11-23"}, "time: =data.at gives '2026-11-23', a time without a zone: name it"),
        ("time: =data.at", {"at": {}}, "time: =data.at gives an object, not one value"),
        ("time: {value: =data.at, format: '%d.%m.%Y'}", {"at": "x"}, "time: =data.at gives 'x', which is no time in"),
        ("time: {value: =data.at, format: unix}", {"at": "x"}, "time: =data.at gives 'x', which is no number of seco"),
        ("time: {value: =data.at, format: unix}", {"at": 1e99}, "time: =data.at gives '1e+99', which is no number of"),
        ("keys: {order: =data.no}", {}, "keys: none of order gives a value"),
        ("amount: {minor: =data.n, currency: USD}", {"n": 1.5}, "amount.minor: =data.n gives '1.5', not a whole numb"),
        ("amount: {minor: =data.n, currency: USD}", {"n": "x"}, "amount.minor: =data.n gives 'x', not a whole number"),
        ("lines: {each: =data.l, sku: a, quantity: 1}", {}, "lines.each: =data.l gives nothing, not a list"),
        ("lines: {each: =data.l, sku: a, quantity: 1}", {"l": 5}, "lines.each: =data.l gives 5, not a list"),
    ],
)  # fmt: skip
def test_complaints_name_line_field_and_expression(field: str, content: dict[str, Any], complaint: str) -> None:
    (found,) = complaints(mapping_of(field), message(**content))
    assert found.startswith(f"mapping 'short', line 4, event.{complaint}")


def test_step_may_be_looked_up_and_must_come_out() -> None:
    mapping = read_mapping("mapping: short\nevent:\n  step: {value: =data.kind, map: {NEW: order.placed}}\n", STEPS)
    assert document_of(mapping, message(kind="NEW"))["type"] == "retail.order.placed"
    assert complaints(mapping, message()) == ["mapping 'short', line 3, event.step: =data.kind gives no step"]


EACH = "mapping: short\neach: =data.items\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({}, "=data.items gives nothing, not a list"),
        ({"items": "x"}, "=data.items gives 'x', not a list"),
        ({"items": [0] * 1001}, "=data.items gives 1,001 items, at most 1,000 are taken"),
    ],
)
def test_items_must_be_a_list(content: dict[str, Any], complaint: str) -> None:
    assert complaints(mapping_of(head=EACH), message(**content)) == [f"mapping 'short', line 2, each: {complaint}"]


def test_empty_list_is_no_event_and_no_fault() -> None:
    translation = translate(mapping_of(head=EACH), message(items=[]))
    assert (translation.documents, translation.problems) == ([], [])


def test_items_with_one_id_would_count_once_and_are_refused() -> None:
    found = complaints(mapping_of("id: =data.no", head=EACH), message(no=1, items=[{}, {}]))
    assert found == [
        "mapping 'short', line 5, event.id: item 1: =data.no gives the id of item 0 again: "
        "put something of the item into it"
    ]


def test_bad_item_takes_nothing_from_the_others() -> None:
    translation = translate(mapping_of("channel: =item.c", head=EACH), message(items=[{"c": "a"}, {"c": []}, {}]))
    assert [item for item, _ in translation.documents] == [0, 2]
    assert [problem.item for problem in translation.problems] == [1]
