"""Chromium where the reader is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Error, Page, Request, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.freeze.line import MIRROR, Line
from tests.freeze.mirror import HOST

PATIENCE_MS: Final = 30_000

_FLAGS: Final = [
    *(flag for flag in FLAGS if not flag.startswith("--host-resolver")),
    f"--host-resolver-rules=MAP {HOST} {MIRROR}, MAP * ~NOTFOUND",  # no wait for a name server
    "--ignore-certificate-errors",
]


@contextmanager
def reader(line: Line, work: Path) -> Iterator[BrowserContext]:
    """A browser that remembers nothing."""
    program = line.wrap(CHROMIUM, work / "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser.new_context()
        browser.close()


def reads(page: Page, address: str, patience_ms: int = PATIENCE_MS) -> bool:
    """Whether everything at ``address`` came, pictures included."""
    asked: list[Request] = []
    broken: list[Request] = []

    def ask(request: Request) -> None:
        asked.append(request)

    def fail(request: Request) -> None:
        broken.append(request)

    page.on("request", ask)
    page.on("requestfailed", fail)
    try:
        page.goto(address, wait_until="load", timeout=patience_ms)
    except Error:
        return False
    finally:
        page.remove_listener("request", ask)
        page.remove_listener("requestfailed", fail)
    return not any(request in broken for request in asked)  # not those of the page before


def first_text_ms(page: Page) -> float:
    """When the page that is open showed its first text, after it was asked for."""
    shown = "performance.getEntriesByName('first-contentful-paint')"
    page.wait_for_function(f"{shown}.length")
    time: float = page.evaluate(f"{shown}[0].startTime")
    return time
