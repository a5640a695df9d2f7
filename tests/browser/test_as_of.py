"""Every figure over the map, an hour ago and now, is the catalogue's answer for that very time."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.core.clock import utc_now
from app.core.money import Money
from app.web.filters import count, money
from tests.browser.conftest import Visitor
from tests.stories.towers import Tower

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

HOUR = timedelta(hours=1)


def test_figures_of_a_past_hour_are_those_of_the_api(shop: Tower, visitor: Visitor) -> None:
    at = utc_now().replace(second=0, microsecond=0) - HOUR
    page = visitor().open(f"/tower?at={at:%Y-%m-%dT%H:%MZ}")
    with shop.client("read") as reader:
        assert shown(page) == answered(reader, at)
        assert answered(reader, at) != answered(reader, utc_now())


def test_links_of_a_past_page_stay_in_the_past(shop: Tower, visitor: Visitor) -> None:
    at = f"{utc_now() - HOUR:%Y-%m-%dT%H:%MZ}"
    page = visitor().open(f"/tower?at={at}")
    expect(page.get_by_text("As of")).to_have_count(1)
    with shop.client("read") as reader:
        late = reader.get("/api/v1/metrics/orders.late", params={"at": at}).json()["value"]
        total = reader.get("/api/v1/exceptions", params={"at": at, "q": "status:late", "limit": 500}).json()["rows"]
    assert len({row["journey_id"] for row in total}) == late
    tile(page, "Orders late now").get_by_role("link").last.click()
    page.wait_for_url("**/exceptions*")
    expect(page.get_by_role("link", name="return to now")).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"{late:,}")


def test_a_past_page_keeps_still(shop: Tower, visitor: Visitor) -> None:
    visit = visitor()
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.open(f"/tower?at={utc_now() - HOUR:%Y-%m-%dT%H:%MZ}")
    asked.clear()
    visit.page.wait_for_timeout(2500)
    assert asked == []


def shown(page: Page) -> dict[str, str]:
    """What the tiles say."""
    return {
        name: tile(page, name).locator(".tile-value").inner_text().split("\n")[0].strip()
        for name in ("Revenue at risk", "Orders late now", "Late within the hour")
    }


def tile(page: Page, name: str) -> Any:
    return page.locator("#tower-strip .tile", has_text=name)


def answered(reader: httpx.Client, at: datetime) -> dict[str, str]:
    """What the API answers, written as the page writes it."""

    def ask(metric: str) -> dict[str, Any]:
        answer = reader.get(f"/api/v1/metrics/{metric}", params={"at": at.isoformat()})
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    risk = ask("revenue.at_risk")
    return {
        "Revenue at risk": str(money(Money(risk["value"], risk["unit"].partition(":")[2]))),
        "Orders late now": str(count(ask("orders.late")["value"])),
        "Late within the hour": str(count(ask("orders.due_soon")["value"])),
    }
