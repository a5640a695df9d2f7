"""The main job in a real browser: an order appears, is found by its ERP number, and says why it is stuck."""

from datetime import timedelta
from time import monotonic

import pytest
from playwright.sync_api import expect

from app.core.clock import utc_now
from tests.browser.conftest import Visitor
from tests.browser.senders import send
from tests.stories.towers import Tower

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_an_order_appears_and_is_explained(shop: Tower, visitor: Visitor) -> None:
    visit = visitor()
    page = visit.open("/orders")
    expect(page.get_by_text("Live", exact=False).first).to_be_visible()
    placed = {
        "keys": {"order": "NEW-77001"},
        "channel": "shopify-us",
        "system": "shopify",
        "amount": {"value": "148.19", "currency": "USD"},
        "promised_at": (utc_now() + timedelta(days=3)).isoformat(),
    }
    accepted_at = send(shop, ("new-1", "order.placed", placed))
    page.get_by_role("link", name="NEW-77001").wait_for(timeout=5000)
    assert monotonic() - accepted_at <= 2.0

    rejected = {
        "keys": {"order": "NEW-77001", "netsuite.salesorder": "NS-88121"},
        "channel": "shopify-us",
        "system": "netsuite",
        "outcome": "failed",
        "error": "INVALID_ITEM: Unknown SKU WB-CANDLE-SET-3",
    }
    send(shop, ("new-2", "erp.order.posted", rejected))
    shop.settle()
    page.keyboard.press("/")
    page.keyboard.type("NS-88121")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*-*")
    heading = page.locator("main h2").first
    expect(heading).to_contain_text("rejected")
    expect(heading).to_contain_text("unknown SKU WB-CANDLE-SET-3")
    expect(page.locator("main")).to_contain_text("ERP integration")


def test_the_tower_shows_the_hour_that_is_asked_for(shop: Tower, visitor: Visitor) -> None:
    at = (utc_now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%MZ")
    with shop.client("read") as reader:
        past = reader.get("/api/v1/metrics/orders.late", params={"at": at}).json()["value"]
        present = reader.get("/api/v1/metrics/orders.late").json()["value"]
    assert past != present
    page = visitor().open(f"/tower?at={at}")
    expect(page.get_by_role("link", name="return to now").first).to_be_visible()
    late = page.locator("#tower-strip .tile", has_text="Orders late").first
    expect(late.locator(".tile-value")).to_contain_text(f"{past:,}")
    now = visitor().open("/tower").locator("#tower-strip .tile", has_text="Orders late").first
    expect(now.locator(".tile-value")).not_to_have_text(late.locator(".tile-value").inner_text())


def test_the_choke_of_an_outage_is_lit(visitor: Visitor) -> None:
    page = visitor().open("/tower")
    expect(page.locator(".flow-drop.is-act").first).to_be_visible()
    expect(page.locator("#tower-headline, .finding").first).to_contain_text("NetSuite")


def test_a_link_signs_in_once(shop: Tower, visitor: Visitor) -> None:
    link = shop.sign_in_link("viewer")
    page = visitor(is_signed_in=False).page
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/tower")
    again = visitor(is_signed_in=False).page
    again.goto(link)
    expect(again.get_by_text("used or is too old")).to_be_visible()


def test_pages_work_by_keyboard(visitor: Visitor) -> None:
    page = visitor().open("/orders")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-rows] > *') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("o")
    page.wait_for_url("**/orders/*-*")
