"""Personal data in payloads: masked wherever it stands, while what explains the order stays."""

import json
from typing import Any

import pytest

from app.orders.masks import MASK, MOST_SHOWN, mask_payload


def masked(payload: Any) -> Any:
    return json.loads(mask_payload(json.dumps(payload).encode()).text)


@pytest.mark.parametrize(
    "field",
    ["email", "contactEmail", "phone", "phone_number_mobile", "firstName", "last_name", "customerName", "street",
     "address1", "addressLine1", "postalCode", "zip", "city", "ipAddress", "buyer_name", "date-of-birthday"],
)  # fmt: skip
def test_fields_are_masked_by_their_names(field: str) -> None:
    assert masked({field: "something"}) == {field: MASK}


@pytest.mark.parametrize(
    "field",
    ["sku", "name", "productName", "order_id", "message", "externalId", "capacity", "description", "relationship"],
)
def test_fields_that_explain_the_order_stay(field: str) -> None:
    assert masked({field: "WB-CANDLE-SET-3"}) == {field: "WB-CANDLE-SET-3"}


def test_everything_about_a_person_is_masked_but_the_country() -> None:
    sent = {"shippingAddress": {"name": "Ada", "lines": ["12 High St", {"unit": 4}], "country": "GB"}, "total": "9.50"}
    shown = {"shippingAddress": {"name": MASK, "lines": [MASK, {"unit": MASK}], "country": "GB"}, "total": "9.50"}
    assert masked(sent) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("customer.email", {"stringValue": "nobody"}, {"stringValue": MASK}),
        ("client.address", {"stringValue": "10.0.0.17"}, {"stringValue": MASK}),
        (
            "contact.phone",
            {"arrayValue": {"values": [{"intValue": "7"}]}},
            {"arrayValue": {"values": [{"intValue": MASK}]}},
        ),
        ("retail.order.id", {"stringValue": "SO-1001"}, {"stringValue": "SO-1001"}),
    ],
)
def test_attributes_of_opentelemetry_are_masked_by_their_own_names(name: str, value: Any, shown: Any) -> None:
    sent = {"attributes": [{"key": name, "value": value}]}
    assert masked(sent) == {"attributes": [{"key": name, "value": shown}]}


def test_mail_addresses_and_phone_numbers_are_masked_inside_text() -> None:
    note = "Ada <ada@example.com> or +44 20 7946 0018, order 026-3671229-0736606, part 792343600"
    assert masked({"note": note})["note"] == f"Ada <{MASK}> or {MASK}, order 026-3671229-0736606, part 792343600"


def test_an_address_written_as_one_value_is_masked_and_a_country_code_is_not() -> None:
    assert masked({"ship_to": "12 High St, York", "shipTo": "US", "customer": "f845df5d7c"}) == {
        "ship_to": MASK, "shipTo": "US", "customer": "f845df5d7c",
    }  # fmt: skip


def test_it_counts_what_it_hid() -> None:
    assert mask_payload(b'{"email": "a@b.example", "phone": null, "city": ""}').hidden == 1


def test_what_is_not_json_is_masked_as_text() -> None:
    assert mask_payload(b"<mail>ada@example.com</mail>").text == f"<mail>{MASK}</mail>"


def test_what_is_not_text_is_not_shown() -> None:
    assert mask_payload(b"\xff\xfe\x00").text == "3 bytes that are not text"


def test_a_huge_payload_is_cut() -> None:
    text = mask_payload(json.dumps({"a": "x" * (MOST_SHOWN + 500)}).encode()).text
    assert len(text) < MOST_SHOWN + 50
    assert text.endswith("more characters")
