"""WCAG 2.2 AA as far as axe-core can tell, on every kind of page, light and dark."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from feeds.pages.verify import verify_page
from tests.browser.chromium import NEEDED
from tests.browser.reading import write_pages
from tests.feeds.pages_examples import SITE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LEFT_OUT = ("alias",)  # it leads on at once
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # all else is the same in the dark
ASK = """([type, values]) => axe.run(document, {runOnly: {type, values}})
    .then(found => found.violations.map(one => ({id: one.id, help: one.help,
        where: one.nodes.map(node => node.html.slice(0, 200))})))"""

pytestmark = NEEDED


@pytest.fixture(scope="module")
def axe(project: Path) -> str:
    """Its code, from the npm package that is pinned beside what verify.html is made of."""
    return (project / "web/verify/node_modules/axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("site")
    names = write_pages(folder)
    (folder / "verify.html").write_bytes(verify_page(SITE, []))
    names["verify"] = "verify.html"
    return {name: (folder / path).as_uri() for name, path in names.items() if name not in LEFT_OUT}


def faults(browser: Browser, axe: str, url: str) -> list[dict[str, Any]]:
    """What axe-core finds at ``url``, in the light and in the dark."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="light")
    page = context.new_page()
    page.goto(url)
    page.evaluate(axe + "; null")
    found: list[dict[str, Any]] = page.evaluate(ASK, ["tag", RULES])
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(ASK, ["rule", OF_COLOURS])
    context.close()
    return found


def test_every_kind_of_page_is_accessible(
    browser: Browser, axe: str, pages: dict[str, str]
) -> None:
    found = {name: faults(browser, axe, url) for name, url in pages.items()}

    wrong = {name: faults for name, faults in found.items() if faults}
    assert wrong == {}, json.dumps(wrong, indent=1, ensure_ascii=False)


def test_what_is_not_accessible_is_found(browser: Browser, axe: str, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<title>x</title><img src='a.png'><p style='color:#ccc'>pale</p>", "utf-8")

    assert {"html-has-lang", "image-alt", "color-contrast"} <= {
        one["id"] for one in faults(browser, axe, page.as_uri())
    }


def test_what_is_pale_in_the_dark_alone_is_found(
    browser: Browser, axe: str, tmp_path: Path
) -> None:
    page = tmp_path / "bad.html"
    dark = "@media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }"
    page.write_text(
        f"<html lang=en><title>x</title><style>{dark}</style><main><h1>x</h1><p>pale</p>"
    )

    assert [one["id"] for one in faults(browser, axe, page.as_uri())] == ["color-contrast"]
