"""Whom a browser asks while somebody reads: by Chromium's own log of the network."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS, HOST, NEEDED, serve
from tests.browser.reading import write_pages

PAGES = ("front", "section", "list", "archive", "names", "english", "long", "mirrors", "find")
WAIT_MS = 300  # for what a browser may do a little after a page has come
BROWSERS_OWN = (".google.com", ".googleapis.com")  # Chromium asks these for itself, with any page

pytestmark = NEEDED


def asked(log: Path) -> set[str]:
    """Every host that was looked up, connected to or asked for something."""
    told = json.loads(log.read_text("utf-8"))
    hosts: set[str] = set()
    for event in told["events"]:
        params = event.get("params", {})
        named = [str(params[key]) for key in ("url", "host", "hostname") if key in params]
        hosts |= {urlsplit(one if "//" in one else f"//{one}").hostname or "" for one in named}
    return hosts - {""}


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[tuple[Browser, Path]]:
    log = tmp_path / "net.json"
    flags = [*FLAGS, f"--log-net-log={log}", "--net-log-capture-mode=Everything"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium, log


def test_nobody_but_the_mirror_is_asked_or_looked_up(
    reading: tuple[Browser, Path], tmp_path: Path
) -> None:
    browser, log = reading
    names = write_pages(tmp_path / "site")
    with serve(tmp_path / "site") as address:
        page = browser.new_context().new_page()
        for name in PAGES:
            page.goto(address + names[name], wait_until="networkidle")
            page.wait_for_timeout(WAIT_MS)
        page.goto(address + names["english"])
        page.get_by_text("Pass it on").click()
        for button in page.locator("article button").all():
            button.click()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.wait_for_url("about:blank")
        browser.close()

    found = asked(log)
    assert HOST in found
    assert {
        host for host in found - {HOST, "127.0.0.1"} if not host.endswith(BROWSERS_OWN)
    } == set()
