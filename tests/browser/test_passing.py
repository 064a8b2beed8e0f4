"""Passing an article on from the reader's own browser; and the other comforts of the script."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from feeds.verify import Pin, Verdict, verify_file
from tests.browser.chromium import HOST, NEEDED, serve
from tests.browser.reading import write_pages
from tests.feeds.tree import SignedTree

pytestmark = NEEDED

STATUS = ".pass [role=status]"
HOME = "news.example"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("made")
    return {**write_pages(folder), "": str(folder)}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, names: dict[str, str]) -> SignedTree:
    made = Path(names[""])
    files = {str(file.relative_to(made)): file.read_bytes() for file in made.rglob("*.*")}
    leaves = {path: data for path, data in files.items() if path[:2] in {"a/", "p/", "m/", "x/"}}
    tree = SignedTree(
        tmp_path_factory.mktemp("mirror"), time=datetime.now(UTC) - timedelta(minutes=5)
    )
    return tree.publish(leaves, {path: files[path] for path in files.keys() - leaves.keys()})


@pytest.fixture(scope="module")
def addresses(tree: SignedTree) -> Iterator[dict[str, str]]:
    """The mirror at an address that browsers count as secure, and at one that they do not."""
    assert tree.folder
    with serve(tree.folder, "127.0.0.1") as local, serve(tree.folder, HOST) as plain:
        yield {"secure": local, "plain": plain}


@pytest.fixture
def address(addresses: dict[str, str]) -> str:
    return addresses["secure"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(timezone_id="Asia/Vladivostok")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda said: pytest.fail(said.text) if "Security" in said.text else None)
    yield page
    context.close()


def press(page: Page, name: str) -> None:
    if not page.locator(".pass[open]").count():
        page.get_by_text("Pass it on").click()
    page.get_by_role("button", name=name).click()


def pasted(page: Page) -> str:
    """What a paste into a field gives."""
    page.evaluate("document.body.append(document.createElement('textarea'))")
    page.locator("textarea").focus()
    page.keyboard.press("Control+V")
    return page.locator("textarea").input_value()


def saved(page: Page, into: Path) -> Path:
    with page.expect_download() as download:
        press(page, "Save to forward")
    file = into / download.value.suggested_filename
    download.value.save_as(file)
    return file


def change(page: Page, pattern: str, old: bytes, new: bytes) -> None:
    """Let the mirror serve something else at addresses like ``pattern``."""

    def answer(route: Route) -> None:
        answered = route.fetch()
        route.fulfill(response=answered, body=answered.body().replace(old, new))

    page.route(pattern, answer)


@pytest.mark.parametrize(
    ("name", "where", "pictures"),
    [("english", "plain", 2), ("arabic", "secure", 1), ("long", "secure", 0)],
)
def test_a_saved_article_is_one_genuine_file_with_its_pictures(
    page: Page,
    tree: SignedTree,
    addresses: dict[str, str],
    names: dict[str, str],
    tmp_path: Path,
    *,
    name: str,
    where: str,
    pictures: int,
) -> None:
    page.goto(addresses[where] + names[name])

    file = saved(page, tmp_path)

    report = verify_file(file.read_bytes(), None, Pin(keyring=tree.keyring))
    assert report.verdict is Verdict.GENUINE, report.findings
    expect(page.locator(STATUS)).to_have_text("Saved: one file with its pictures and its proof.")
    assert re.fullmatch(r"2026-07-03-[0-9a-f]{4}\.html", file.name)
    page.goto(file.as_uri())
    sources = page.evaluate("[...document.images].map(image => image.src.slice(0, 23))")
    assert sources == ["data:image/webp;base64,"] * pictures
    assert name != "long" or page.locator(".e-content p").count() == 200  # all of its pages


def test_what_the_mirror_changed_is_not_saved(
    page: Page, address: str, names: dict[str, str]
) -> None:
    change(page, "**/*.html", b"</article>", b"</article><p>Advertisement</p>")
    page.goto(address + names["english"])

    press(page, "Save to forward")

    expect(page.locator(STATUS)).to_contain_text("does not fit its proof")


def test_a_picture_that_the_mirror_changed_is_left_out(
    page: Page, address: str, tree: SignedTree, names: dict[str, str], tmp_path: Path
) -> None:
    change(page, "**/*.webp", b"RIFF", b"RIFX")
    page.goto(address + names["arabic"])

    file = saved(page, tmp_path)

    expect(page.locator(STATUS)).to_contain_text("could not be fetched: 1.")
    assert b"data:image" not in file.read_bytes()
    assert (
        verify_file(file.read_bytes(), None, Pin(keyring=tree.keyring)).verdict is Verdict.GENUINE
    )


@pytest.mark.parametrize("where", ["secure", "plain"])
def test_the_plain_text_holds_no_address(
    page: Page, addresses: dict[str, str], names: dict[str, str], where: str
) -> None:
    if where == "secure":
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(addresses[where] + names["english"])
    page.evaluate(
        "address => document.querySelector('.e-content p').append(` (see ${address}, www.x.test)`)",
        f"https://www.{HOME}/secret and {HOME}",
    )

    press(page, "Copy as plain text")

    expect(page.locator(STATUS)).to_have_text("Copied.")
    text = pasted(page)
    assert text.startswith(
        "Nothing planned\n\nA. One, B. Two, 3 July 2026, 13:05 UTC\n\nWhat it is about.\n\n"
    )
    assert "(see […] and […] […]" in text
    assert "\n• First\n• Second\n" in text
    assert "Second picture." not in text
    assert (
        re.search(rf"https?:|www\.|{HOME}|127\.0|mirror\.test|\n\n\n| \n|The Example Times", text)
        is None
    )


def test_the_text_of_a_long_article_is_all_of_it(
    page: Page, address: str, names: dict[str, str]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address + names["long"])
    press(page, "Copy as plain text")
    expect(page.locator(STATUS)).to_have_text("Copied.")
    assert pasted(page).count("\n\n") == 201

    page.route("**/p/*/*.html", lambda route: route.abort())
    press(page, "Copy as plain text")
    expect(page.locator(STATUS)).to_contain_text("only what stands on this one")


def test_the_link_is_that_of_this_mirror(page: Page, address: str, names: dict[str, str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}{names['english']}?from=chat#text")

    press(page, "Copy link")

    expect(page.locator(STATUS)).to_have_text("Copied.")
    assert pasted(page) == address + names["english"]


def test_a_page_from_a_folder_says_that_it_is_a_file_already(
    page: Page, tree: SignedTree, names: dict[str, str]
) -> None:
    assert tree.folder
    page.goto((tree.folder / names["english"]).as_uri())

    press(page, "Save to forward")

    expect(page.locator(STATUS)).to_contain_text(".tlog-proof")
    expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
    expect(page.get_by_text("can be dangerous")).to_be_visible()


@pytest.mark.parametrize("name", ["front", "english", "find"])
def test_escape_twice_leaves_at_once(
    page: Page, address: str, names: dict[str, str], name: str
) -> None:
    page.goto(address + names[name])
    expect(page.get_by_role("button", name="Leave")).to_be_visible()

    page.keyboard.press("Escape")
    page.wait_for_timeout(1_100)
    page.keyboard.press("Escape")
    assert page.url == address + names[name]  # two slow ones are none
    page.keyboard.press("Escape")

    page.wait_for_url("about:blank")
    assert page.evaluate("history.length") == 2  # the page's own place is taken


def test_times_are_told_by_the_readers_clock_when_asked(
    page: Page, address: str, names: dict[str, str]
) -> None:
    page.goto(address + names["english"])
    time = page.locator(".byline .dt-published")
    expect(time).to_have_text("3 July 2026, 13:05 UTC")

    page.get_by_role("button", name="Times by my clock").click()

    expect(time).to_contain_text("23:05")
    expect(time).to_have_attribute("title", "3 July 2026, 13:05 UTC")


def test_the_front_page_says_how_old_this_copy_is(
    page: Page, address: str, tree: SignedTree, names: dict[str, str]
) -> None:
    told = page.locator(".edition [role=status]")
    for hours, says in ((1, "Last confirmed "), (100, "too long ago"), (-1, "of your device")):
        page.clock.set_fixed_time(tree.time + timedelta(hours=hours))
        page.goto(address + names["front"])

        expect(told).to_contain_text(says)
        expect(told).to_contain_text(f"{tree.time:%H:%M} UTC")


def test_without_script_nothing_is_promised_that_is_not_there(
    browser: Browser, address: str, names: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + names["english"])

    assert page.locator("button, details").count() == 0
    expect(page.get_by_text("We never announce meetings")).to_be_visible()
    expect(page.get_by_text("Other addresses, and how to check this copy")).to_be_visible()
    context.close()


def test_nothing_is_stored_whatever_is_pressed(
    page: Page, address: str, names: dict[str, str], tmp_path: Path
) -> None:
    page.goto(address + names["front"])
    page.goto(address + names["english"])
    saved(page, tmp_path)
    for button in page.locator("article button").all():
        button.click()

    assert page.context.cookies() == []
    kept = page.evaluate(
        """async () => [localStorage.length, sessionStorage.length,
        (await indexedDB.databases()).length, (await caches.keys()).length,
        (await navigator.serviceWorker.getRegistrations()).length]"""
    )
    assert kept == [0, 0, 0, 0, 0]
