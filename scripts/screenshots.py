"""Takes the pictures of docs/pictures: every page in three variants, from a demo that runs in a temporary folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PORT = 8127
BASE = f"http://127.0.0.1:{PORT}"
VARIANTS = {"light": (1440, 900, "light"), "dark": (1440, 900, "dark"), "390": (390, 844, "light")}
PAGES = {
    "tower": "/tower",
    "orders": "/orders",
    "exceptions": "/exceptions",
    "queues": "/queues",
    "connectors": "/connectors",
    "alerts": "/alerts",
    "metrics": "/metrics-catalogue",
    "metric": "/metrics-catalogue/revenue.at_risk",
    "admin": "/admin",
    "quarantine": "/admin/quarantine",
    "unmatched": "/admin/waiting",
    "mappings": "/admin/mappings",
    "mapping": "/admin/mappings/new?example=wms-shipments",
    "users": "/admin/users",
    "tokens": "/admin/tokens",
    "audit": "/admin/audit",
    "docs": "/docs",
}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Take the pictures of an outage, then those of a calm day."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    take("demo", {**PAGES, "order": "/orders?q=status:exception", "tower-asof": "/tower?at=HOUR"}, with_sign_in=True)
    take("calm-day", {"tower-calm": "/tower"}, with_sign_in=False)


def take(story: str, pages: dict[str, str], *, with_sign_in: bool) -> None:
    """Run one story and photograph its pages."""
    with TemporaryDirectory(prefix="pharos-pictures-", ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "PHAROS_DATA_DIR": folder, "PHAROS_PORT": str(PORT), "PHAROS_STORY": story}
        command = [sys.executable, "-m", "app", "demo"]
        demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert demo.stdout is not None
            link = demo.stdout.readline().strip()
            wait_until_filled()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
                photograph(browser, link, pages, with_sign_in=with_sign_in)
                browser.close()
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def wait_until_filled() -> None:
    """Wait until a day of events has been taken in and the rules have had time to fire."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{BASE}/readyz", trust_env=False).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.2)
    time.sleep(110)


def photograph(browser: Browser, link: str, pages: dict[str, str], *, with_sign_in: bool) -> None:
    """Open every page in every variant."""
    state = None
    for variant, (width, height, theme) in VARIANTS.items():
        view = {"width": width, "height": height}
        if with_sign_in:
            stranger = browser.new_page(viewport=view, color_scheme=theme)
            stranger.goto(f"{BASE}/sign-in")
            stranger.screenshot(path=PICTURES / f"sign-in-{variant}.png")
            stranger.close()
        context = browser.new_context(viewport=view, color_scheme=theme, storage_state=state)
        page = context.new_page()
        if state is None:
            page.goto(link)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/tower")
            state = context.storage_state()
        for name, path in pages.items():
            hour_ago = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(time.time() - 3600))
            page.goto(BASE + path.replace("HOUR", hour_ago))
            if name == "order":
                page.locator("[data-rows] [data-open]").last.click()
                page.wait_for_url("**/orders/*-*")
            page.wait_for_timeout(1500)
            page.screenshot(path=PICTURES / f"{name}-{variant}.png")
        context.close()


if __name__ == "__main__":
    main()
