"""A feed that is opened in a browser: readable, and says how to subscribe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from feeds.documents import documents
from feeds.localise import localise
from feeds.stylesheet import style_path, stylesheet
from mirror.endpoints.serving import serving
from tests.browser.chromium import NEEDED
from tests.feeds.feed_examples import FOUR, LISTED, RUSSIAN
from tests.nginx import Site, free_port, nginx

pytestmark = NEEDED

WHAT = {"all": "This is a feed", "ru": "Это лента"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("feeds")
    site = Site(port=free_port(), root=folder)
    base = f"{site.base}x7k2/"
    files = documents(LISTED, FOUR) | documents(RUSSIAN, FOUR)
    files |= {style_path(one): stylesheet(one) for one in ("en", "ru")}
    for path, data in files.items():
        file = folder / "x7k2" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(localise(data, base))
    with nginx(site):
        yield base


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", ["all", "ru"])
@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_it_says_what_it_is_and_shows_titles_and_nothing_runs_off_the_screen(
    browser: Browser, address: str, name: str, ending: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # as playwright asks

    page.goto(f"{address}feeds/{name}.{ending}")

    root = "document.documentElement"
    said = page.evaluate(f"getComputedStyle({root}, '::before').content")
    assert said.startswith(f'"{WHAT[name]}')
    assert page.evaluate(f"{root}.scrollWidth") <= width
    shown = page.evaluate(f"{root}.innerText ?? {root}.textContent")
    assert "Story 3: bread & circuses" in shown
    item = "item" if ending == "rss" else "entry"
    content = "encoded" if ending == "rss" else "content"
    displays = page.evaluate(
        "names => names.map(name => [...document.getElementsByTagNameNS('*', name)].at(-1))"
        ".map(element => getComputedStyle(element).display)",
        [item, "title", content],
    )
    assert displays == ["block", "block", "none"]
    assert {request.url.partition("x7k2/")[0] + "x7k2/" for request in asked} <= {
        address,
        f"{address.removesuffix('x7k2/')}favicon.icox7k2/",
    }
    page.close()


@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_hosts_are_told_a_media_type_with_which_browsers_show_it(ending: str) -> None:
    assert serving(f"feeds/all.{ending}").content_type == "application/xml; charset=utf-8"


def test_the_sheet_is_served_as_one() -> None:
    assert serving(style_path("ru")).content_type == "text/css; charset=utf-8"
    assert Path(style_path("ru")).suffix == ".css"
