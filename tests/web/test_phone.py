"""The status page and the sample newsroom in Chromium at a phone's width."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, async_playwright

from mirror.metrics import Metrics
from mirror.newsroom.agenda import Agenda
from mirror.newsroom.app import Newsroom
from mirror.status import HeldStatus, MirrorStatus, Problem, SourceStatus, Status
from mirror.web import make_app
from tests.browser.chromium import FLAGS

pytestmark = pytest.mark.real

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LONG = "https://mirror.example/" + "a-very-long-segment-without-any-space" * 3
STATUS = Status(
    newsroom="The Harbour Courier",
    now=NOW,
    sources=(SourceStatus(name="n" * 64, url=LONG, last_error=LONG),),
    held=(HeldStatus(url=LONG, title="T" * 200, reasons=(LONG,), since=NOW),),
    mirrors=(MirrorStatus(name="m" * 64, url=LONG, size=1, ours=2, lag_s=9e5),),
    problems=(Problem(key="k", what="W" * 200, since=NOW, why=LONG, remedy=LONG),),
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("not installed: chromium (`make test` installs what it can)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


async def sideways(browser: Browser, url: str, width: int) -> tuple[int, list[str]]:
    """How far the page is wider than the screen, and what the browser complained of."""
    page = await browser.new_page(viewport={"width": width, "height": 700})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(url, wait_until="domcontentloaded")
    over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    await page.close()
    return int(over), said


@pytest.mark.parametrize("width", [320, 390])
async def test_the_status_page_fits_a_phone_and_breaks_no_rule_of_its_own(
    browser: Browser, width: int
) -> None:
    async def status() -> tuple[Status, ...]:
        return (STATUS,)

    server = TestServer(make_app(status, Metrics()))
    await server.start_server()

    over, said = await sideways(browser, str(server.make_url("/")), width)

    await server.close()
    assert (over, said) == (0, [])


async def test_the_newsroom_fits_a_phone(browser: Browser) -> None:
    agenda = Agenda(7, NOW, timedelta(seconds=3))
    now = NOW + timedelta(minutes=2)
    server = TestServer(Newsroom(agenda, lambda: now).app())
    await server.start_server()
    paths = ["/", "/ru", *(story.path for story in agenda.stories(now)[:7])]

    found = [await sideways(browser, str(server.make_url(path)), 320) for path in paths]

    await server.close()
    assert [over for over, _ in found] == [0] * len(paths)
