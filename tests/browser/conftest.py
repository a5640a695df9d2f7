"""A real Chromium beside a real tower that has three hours of a simulated outage in it; shared by all browser tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from app.core.clock import utc_now
from app.simulator.send import play
from tests.stories.towers import Tower, tower_on

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CLOSED = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESK, PHONE = (1440, 900), (390, 844)
PAST = timedelta(hours=3)
FAULT = timedelta(hours=2, minutes=20)  # the outage begins so long after the start and still lasts at the end


@dataclass
class Visit:
    """A page somebody has open, and what went wrong on it: errors on the console, requests to other hosts."""

    page: Page
    base_url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to an address of the tower and let its charts be drawn."""
        self.page.goto(f"{self.base_url}{path}", wait_until="load")
        self.page.wait_for_timeout(400)
        return self.page

    def note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def note_request(self, request: Request) -> None:
        if not request.url.startswith((self.base_url, "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")


Visitor = Callable[..., Visit]


@pytest.fixture(scope="session")
def shop(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tower]:
    """The tower that everybody looks at."""
    folder: Path = tmp_path_factory.mktemp("shop")
    settings = {"RULE_INTERVAL_SECONDS": "2", "SIMULATED": "true", "RETAILER": "Northmere Retail"}
    with tower_on(template, folder, **settings) as tower:
        now = utc_now().replace(microsecond=0)
        play(tower.base_url, tower.token("ingest"), "erp-outage", now - PAST, now, 3, fault_after=FAULT)
        tower.settle(60)
        yield tower


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET + CLOSED)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(shop: Tower, chromium: Browser) -> object:
    """Sign an administrator in by link, once."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(shop.sign_in_link("admin"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/tower")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def visitor(shop: Tower, chromium: Browser, cookies: object) -> Iterator[Visitor]:
    """Open a window of a size and a theme; afterwards nobody may have had a reason to complain."""
    opened: list[tuple[BrowserContext, Visit]] = []

    def visit(
        size: tuple[int, int] = DESK, theme: str = "light", *, is_signed_in: bool = True, for_axe: bool = False
    ) -> Visit:
        context = chromium.new_context(
            bypass_csp=for_axe,  # axe styles what it measures, which our policy would not let it do
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,  # type: ignore[arg-type]
            storage_state=cookies if is_signed_in else None,  # type: ignore[arg-type]
        )
        visit = Visit(context.new_page(), shop.base_url)
        visit.page.on("console", visit.note_console)
        visit.page.on("request", visit.note_request)
        visit.page.on("pageerror", lambda error: visit.complaints.append(f"script: {error}"))
        opened.append((context, visit))
        return visit

    yield visit
    for context, _ in opened:
        context.close()
    assert [complaint for _, visit in opened for complaint in visit.complaints] == []
