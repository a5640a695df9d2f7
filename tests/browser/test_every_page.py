"""Every page, in both themes and both sizes: nothing for axe to find, nothing from elsewhere, nothing that jumps."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.stories.towers import Tower

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "/tower",
    "/tower?at=PAST",
    "/orders",
    "/orders/ONE",
    "/search?q=no-such-number",
    "/exceptions",
    "/queues",
    "/connectors",
    "/alerts",
    "/metrics-catalogue",
    "/metrics-catalogue/revenue.at_risk",
    "/admin",
    "/admin/quarantine",
    "/admin/quarantine/group?kind=x&sender=y&door=z",
    "/admin/waiting",
    "/admin/waiting/key?key=x&kind=order",
    "/admin/mappings",
    "/admin/mappings/new?example=wms-shipments",
    "/admin/users",
    "/admin/tokens",
    "/admin/audit",
    "/docs",
    "/no-such-page",
]
# How far content moves while a page loads, as the browser scores it; below 0.1 is "good".
SHIFT = """() => new Promise((done) => {
  let moved = 0;
  const note = (one) => { if (!one.hadRecentInput) moved += one.value; };
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(moved), 100);
})"""


@pytest.fixture(scope="session")
def paths(shop: Tower) -> list[str]:
    # The one that has waited longest: nothing new is told of it while its page is looked at.
    oldest = "ORDER BY opened_at LIMIT 1"
    one = shop.ask(f"SELECT journey_id FROM exceptions WHERE kind = 'failed' AND closed_at IS NULL {oldest}")
    past = shop.ask("SELECT to_char(now() - interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MI\"Z\"')")
    return [path.replace("ONE", str(one)).replace("PAST", past) for path in PAGES]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_accessible(visitor: Visitor, paths: list[str], theme: str, size: tuple[int, int]) -> None:
    visit = visitor(size, theme, for_axe=True)
    found = [f"{path}: {problem}" for path in paths for problem in axe(visit.open(path))]
    assert found == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_keeps_still(visitor: Visitor, paths: list[str], size: tuple[int, int]) -> None:
    visit = visitor(size, "light")
    found = [f"{path}: {problem}" for path in paths for problem in misfits(visit.open(path))]
    assert found == []


def test_sign_in_is_accessible(visitor: Visitor) -> None:
    for theme in ("light", "dark"):
        assert axe(visitor(DESK, theme, is_signed_in=False, for_axe=True).open("/sign-in")) == []


def axe(page: Page) -> list[str]:
    """What axe-core finds on a page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']} at {json.dumps(one['nodes'][0]['target'])} ({len(one['nodes'])})" for one in found["violations"]
    ]


def misfits(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    moved = page.evaluate(SHIFT)
    return [f"scrolls sideways by {wide} px"] * (wide > 0) + [f"content moved by {moved:.2f}"] * (moved > 0.1)


def test_pages_send_little(visitor: Visitor) -> None:
    visit: Visit = visitor()
    sizes: dict[str, int] = {}
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({kinds.get(event["requestId"], ""): int(event["encodedDataLength"])}),
    )
    visit.open("/tower")
    first_html = next(size for url, size in sizes.items() if url.endswith("/tower"))
    scripts = sum(size for url, size in sizes.items() if ".js" in url and "plotly" not in url)
    assert first_html <= 60_000
    assert scripts <= 60_000
