"""An order's page while its events come in: they appear, and what somebody reads stays where it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.clock import utc_now
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.senders import send
from tests.browser.test_every_page import misfits
from tests.stories.towers import Tower

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

# What comes in while the page is open; each says another sentence at the top, and moves something else below.
STORY: list[tuple[str, dict[str, Any]]] = [
    ("erp.order.posted", {"outcome": "failed", "error": "INVALID_ITEM: Unknown SKU WB-CANDLE-SET-3"}),
    ("erp.order.posted", {"keys": {"netsuite.salesorder": "NS"}}),
    ("fulfilment.released", {"keys": {"fulfilment": "FO"}}),
    ("fulfilment.shipped", {"keys": {"tracking": "1Z"}}),
    ("invoice.posted", {"keys": {"invoice": "INV"}}),
]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_page_keeps_still_while_events_come_in(shop: Tower, visitor: Visitor, size: tuple[int, int]) -> None:
    page = open_new_order(shop, visitor, size, f"COMES-IN-{size[0]}")
    for _ in come_in(shop, page, f"COMES-IN-{size[0]}"):
        pass
    assert misfits(page) == []


def test_what_is_read_stays_while_something_grows_above_it(shop: Tower, visitor: Visitor) -> None:
    page = open_new_order(shop, visitor, PHONE, "READ-BELOW")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    place = "document.querySelector('#lines').getBoundingClientRect().top"
    reads_at = page.evaluate(place)
    assert 0 < reads_at < PHONE[1]
    for step in come_in(shop, page, "READ-BELOW"):
        before, reads_at = reads_at, page.evaluate(place)
        assert abs(reads_at - before) <= 30, step  # a new key in sight is one row


def open_new_order(shop: Tower, visitor: Visitor, size: tuple[int, int], name: str) -> Page:
    placed = {
        "keys": {"order": name},
        "channel": "shopify-us",
        "amount": {"value": "148.19", "currency": "USD"},
        "promised_at": (utc_now() + timedelta(days=3)).isoformat(),
        "lines": [{"sku": f"WB-CANDLE-SET-{number}", "quantity": 1, "unit_price": "14.81"} for number in range(9)],
    }
    send(shop, (f"{name}-0", "order.placed", placed))
    shop.settle()
    page = visitor(size).open(f"/orders/by-key/order/{name}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def come_in(shop: Tower, page: Page, name: str) -> Iterator[str]:
    """Send the story event by event; goes on when the page tells of each."""
    for number, (step, facts) in enumerate(STORY, start=1):
        keys = {"order": name, **{space: f"{value}-{name}" for space, value in facts.get("keys", {}).items()}}
        send(shop, (f"{name}-{number}", step, {"channel": "shopify-us", **facts, "keys": keys}))
        page.wait_for_function(
            "(n) => document.querySelectorAll('.lanes :is(.lanes-dot, .lanes-try)').length > n", arg=number
        )
        yield step


def test_opening_a_payload_by_keyboard_keeps_the_place(shop: Tower, visitor: Visitor) -> None:
    page = open_new_order(shop, visitor, DESK, "BY-KEYBOARD")
    opener = page.get_by_role("button", name="Payload of event 1")
    opener.focus()
    page.keyboard.press("Enter")
    closer = page.get_by_role("button", name="Close the payload of event 1")
    expect(closer).to_be_focused()
    # htmx takes a new element over some milliseconds after it gave it the focus: sooner the key follows the plain link.
    expect(closer).to_have_attribute("data-htmx-powered", "true")
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()
