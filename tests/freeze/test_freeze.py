"""Chromium reads over a line that freezes each connection after 16 kB of reply."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.chromium import NEEDED
from tests.freeze.line import TOOLS, Line, line
from tests.freeze.mirror import BASE, mirror, write_chain, write_site
from tests.freeze.reader import reader, reads

FROZEN_MS = 8_000

pytestmark = NEEDED


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("freeze")


@pytest.fixture(scope="module")
def names(work: Path) -> dict[str, str]:
    return write_site(work / "srv/x7k2")


@pytest.fixture(scope="module")
def frozen(need: Callable[..., None]) -> Iterator[Line]:
    need("nginx", *TOOLS)
    with line() as made:
        made.freeze()
        yield made


@pytest.fixture(scope="module")
def context(
    frozen: Line, work: Path, names: dict[str, str], project: Path
) -> Iterator[BrowserContext]:
    assert names
    assert write_chain(work, "ecdsa") < 1_500
    docs = (project / "docs/mirrors.md").read_text("utf-8")
    with mirror(frozen, work, docs), reader(frozen, work) as found:
        yield found


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    made = context.new_page()
    yield made
    made.close()


def test_an_article_is_read_with_all_its_pictures(page: Page, names: dict[str, str]) -> None:
    assert reads(page, BASE + names["english"])

    pictures = page.locator("img")
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
    widths = page.evaluate(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert widths == [400, 320]


def test_the_front_page_and_every_other_is_read(page: Page, names: dict[str, str]) -> None:
    light = names.keys() - {"whole", "alias"}  # the second is gone as soon as it is there
    missed = [name for name in sorted(light) if not reads(page, BASE + names[name])]

    assert missed == []
    assert {"front", "lite"} <= light


def test_a_long_article_is_read_to_its_end(page: Page, names: dict[str, str]) -> None:
    assert reads(page, BASE + names["part"])
    seen = page.locator(".e-content p").count()
    while page.locator("a[rel=next]").count():
        page.locator("a[rel=next]").click()
        page.wait_for_load_state("load")
        seen += page.locator(".e-content p").count()

    assert seen == 200


def test_a_heavy_page_freezes_and_comes_where_nobody_freezes_it(
    page: Page, frozen: Line, names: dict[str, str]
) -> None:
    assert not reads(page, BASE + names["whole"], FROZEN_MS)

    frozen.thaw()
    try:
        assert reads(page, BASE + names["whole"])
        assert page.locator(".e-content p").count() == 200
    finally:
        frozen.freeze()
