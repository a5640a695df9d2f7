"""A mapping is tried by keyboard alone: the result comes beside the editor, and the place in the page stays."""

import json

import pytest

from tests.browser.conftest import Visitor
from tests.collectors.receivers.mappings import shipment

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_trial_swaps_the_result_and_keeps_the_focus(visitor: Visitor) -> None:
    page = visitor().open("/admin/mappings/new?example=wms-shipments")
    page.get_by_label("Message to try it on").fill(json.dumps(shipment()))
    button = page.get_by_role("button", name="Try")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_text("as /v1/events would take it: 2 events.").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Try"
    assert page.url.endswith("/admin/mappings/new?example=wms-shipments")
    page.get_by_label("Message to try it on").fill(json.dumps(shipment(status="LOST")))
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_text("line 26, event.outcome: item 1: =data.status gives 'LOST'").wait_for()
