from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.chromium import NEEDED, serve
from tests.browser.reading import write_pages

PAGES = [
    *("english", "long", "russian", "arabic", "withdrawn", "gone"),
    *("front", "section", "list", "archive", "letters", "names", "mirrors", "find"),
]

pytestmark = NEEDED


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def names(folder: Path) -> dict[str, str]:
    return write_pages(folder)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def address(folder: Path, names: dict[str, str]) -> Iterator[str]:
    assert names
    with serve(folder, "127.0.0.1") as served:
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(
    browser: Browser, folder: Path, names: dict[str, str], width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    for name in PAGES:
        page.goto((folder / names[name]).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    background = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    context.close()

    assert (sum(int(part) for part in background[4:-1].split(",")) < 200) == dark


def test_pages_ask_nobody_else_and_break_no_policy(
    page: Page, address: str, names: dict[str, str]
) -> None:
    asked: list[str] = []
    said: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: said.append(f"{message.text} {message.location}"))
    for name in PAGES:
        page.goto(address + names[name], wait_until="networkidle")

    assert len(asked) > len(PAGES)
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert said == []


def test_pictures_show_from_a_folder(page: Page, folder: Path, names: dict[str, str]) -> None:
    page.goto((folder / names["english"]).as_uri())
    pictures = page.locator("img")
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
    widths = page.evaluate(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    )

    assert widths == [400, 320]


def test_a_long_article_is_read_to_its_end_by_its_links(
    page: Page, folder: Path, names: dict[str, str]
) -> None:
    page.goto((folder / names["alias"]).as_uri())
    page.wait_for_url("**/a/00/*.html")
    seen = 0
    while page.locator("a[rel=next]").count():
        seen += page.locator(".e-content p").count()
        page.locator("a[rel=next]").click()
    seen += page.locator(".e-content p").count()

    assert seen == 200
    page.get_by_text("Back to the beginning").click()
    assert page.url == (folder / names["long"]).as_uri()


def test_the_first_key_press_offers_to_skip_to_the_text(
    page: Page, folder: Path, names: dict[str, str]
) -> None:
    page.goto((folder / names["english"]).as_uri())
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    assert page.locator(".skip").bounding_box() is not None
    page.keyboard.press("Enter")
    assert page.url.endswith("#text")


def test_a_line_has_about_65_characters(page: Page, folder: Path, names: dict[str, str]) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((folder / names["long"]).as_uri())

    signs, lines = page.evaluate(
        """() => { const text = document.querySelector('.e-content p');
        const height = parseFloat(getComputedStyle(text).lineHeight);
        return [text.textContent.length, Math.round(text.offsetHeight / height)]; }"""
    )
    assert 55 <= signs / lines <= 72
