"""``verify.html`` in a browser: from a folder, and from a plain-HTTP host without WebCrypto."""

import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from feeds.pages import verify_page
from feeds.verify import Verdict
from feeds.weight import gzip_size
from tests.browser.checking import PAGE, PROOF, STORY, mirror
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDED, serve
from tests.feeds.bundles import hostile, under, zipped
from tests.feeds.pages_examples import SITE
from tests.feeds.tree import SignedTree, picture

pytestmark = NEEDED


@pytest.fixture(params=["file", "http"])
def page(
    browser: Browser, copy: Path, tree: SignedTree, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The page out of a folder, and from a plain-HTTP host; the browser finds no fault in it."""
    assert tree.size
    with serve(copy) as address:
        context = browser.new_context()
        opened = context.new_page()
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto((copy / PAGE).as_uri() if request.param == "file" else f"{address}{PAGE}")
        assert opened.evaluate("isSecureContext && !!crypto.subtle") == (request.param == "file")
        yield opened
        context.close()
    assert said == []


def choose(page: Page, *files: Path) -> str:
    page.set_input_files("#files", list(files))
    return verdict(page)


def verdict(page: Page) -> str:
    """The heading of the first verdict, in the language shown."""
    page.wait_for_selector("#result:not([aria-busy]) section")
    return page.locator("#result h2").first.inner_text()


def test_an_article_with_its_proof(page: Page, copy: Path) -> None:
    assert choose(page, copy / STORY, copy / PROOF) == "Genuine"
    told = page.inner_text("#result")
    assert "Published no later than" in told
    assert "may have been corrected or withdrawn since" in told
    assert "Whoever gave you the page may have forged both" in told

    (copy / STORY).write_bytes(b"<p>Other words.")
    assert choose(page, copy / STORY, copy / PROOF) == "Not genuine"
    assert "not the words that were published" in page.inner_text("#result")
    assert choose(page, copy / STORY) == "Could not tell"
    assert choose(page, copy / PROOF) == "Could not tell"


def test_an_article_with_all_in_one_file(page: Page, tmp_path: Path, tree: SignedTree) -> None:
    path, data = picture()
    story = "a/00/0011223344556677.html"
    tree.publish({story: f'<img src="../../{path}">\n'.encode(), path: data})
    saved = tmp_path / "saved.html"
    inside = b'<img src="data:image/webp;base64,UklGRiBwaWN0dXJlIFdFQlA=">\n'
    saved.write_bytes(inside + b"<!--\n" + tree.files[f"{story}.tlog-proof"] + b"-->\n")

    assert choose(page, saved) == "Genuine"


def test_several_files_have_a_verdict_each(page: Page, copy: Path) -> None:
    other = copy / "a/other.html"
    other.write_bytes(b"what nobody published")
    names = [copy / STORY, copy / PROOF, other, copy / "SHA256SUMS"]

    choose(page, *names, copy / "SHA256SUMS.tlog-proof")
    page.wait_for_function("document.querySelectorAll('#result section').length === 3")
    assert sorted(page.locator("#result h2").all_inner_texts()) == [
        "Could not tell",
        "Genuine",
        "Genuine",
    ]


def test_a_folder(page: Page, copy: Path) -> None:
    page.set_input_files("#folder", str(copy))
    page.get_by_text("files are as they were published").first.wait_for()
    assert verdict(page) == "Genuine"

    (copy / "extra.html").write_bytes(b"what nobody published")
    page.set_input_files("#folder", str(copy))
    page.get_by_text("was never published here").first.wait_for()
    assert verdict(page) == "Not genuine"

    (copy / "extra.html").unlink()
    (copy / "index.html").unlink()
    page.set_input_files("#folder", str(copy))
    page.get_by_text("is missing").first.wait_for()
    assert verdict(page) == "Incomplete"


def test_an_old_folder_is_out_of_date(page: Page, copy: Path, tree: SignedTree) -> None:
    old = mirror(copy, time=datetime.now(UTC) - timedelta(days=3))
    assert old.fingerprint == tree.fingerprint

    page.set_input_files("#folder", str(copy))
    page.get_by_text("Nothing here is newer than").first.wait_for()
    assert verdict(page) == "Out of date"


@pytest.mark.parametrize("way", ["file", "http"])
def test_what_is_dropped_on_the_page(
    browser: Browser, copy: Path, tree: SignedTree, way: str
) -> None:
    assert tree.size
    own = browser.browser_type.launch(executable_path=CHROMIUM, args=FLAGS)  # one drag at a time
    with serve(copy) as address:
        page = own.new_page()
        page.goto((copy / PAGE).as_uri() if way == "file" else f"{address}{PAGE}")
        drop(page, copy / STORY, copy / PROOF)
        assert verdict(page) == "Genuine"
        assert "Published no later than" in page.inner_text("#result")

        page.reload()
        drop(page, copy)
        page.get_by_text("files are as they were published").first.wait_for()
        assert verdict(page) == "Genuine"
    own.close()


@pytest.mark.parametrize("way", ["file", "http"])
def test_a_bundle_that_is_dropped_or_chosen(
    browser: Browser, copy: Path, tree: SignedTree, tmp_path: Path, way: str
) -> None:
    good, forged, alone = (tmp_path / f"{name}.zip" for name in ("good", "forged", "alone"))
    good.write_bytes(zipped(under("news", tree.files)))
    forged.write_bytes(zipped([*tree.files.items(), ("../evil", b"x"), (STORY, b"forged")]))
    alone.write_bytes(zipped({STORY: tree.files[STORY], PROOF: tree.files[PROOF]}))
    own = browser.browser_type.launch(executable_path=CHROMIUM, args=FLAGS)  # one drag at a time
    with serve(copy) as address:
        page = own.new_page()
        page.goto((copy / PAGE).as_uri() if way == "file" else f"{address}{PAGE}")
        drop(page, good)
        page.get_by_text("files are as they were published").first.wait_for()
        assert verdict(page) == "Genuine"

        page.reload()
        drop(page, alone)
        assert verdict(page) == "Genuine"
        assert "Published no later than" in page.inner_text("#result")

        assert choose(page, forged) == "Not genuine"
        told = page.inner_text("#result")
        assert "has a path that leads out of the bundle" in told
        assert "stands in the bundle twice" in told
        page.get_by_role("button", name="Русский").click()
        assert "путь ведёт за пределы архива" in page.inner_text("#result")
    own.close()


def test_hostile_bundles_have_the_same_verdict_in_the_browser(
    browser: Browser, copy: Path, tree: SignedTree, tmp_path: Path
) -> None:
    titles = {
        Verdict.NOT_GENUINE: "Not genuine",
        Verdict.COULD_NOT_TELL: "Could not tell",
        Verdict.INCOMPLETE: "Incomplete",
    }
    file = tmp_path / "news.zip"
    page = browser.new_page()
    page.goto((copy / PAGE).as_uri())
    for name, (data, expected) in hostile(tree).items():
        file.write_bytes(data)
        assert choose(page, file) == titles[expected], name
    page.close()


def test_a_browser_that_can_t_unpack_says_so(
    browser: Browser, copy: Path, tree: SignedTree, tmp_path: Path
) -> None:
    file = tmp_path / "news.zip"
    file.write_bytes(zipped(tree.files))
    page = browser.new_page()
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto((copy / PAGE).as_uri())

    assert choose(page, file) == "Could not tell"
    assert "This browser can’t unpack .zip files" in page.inner_text("#result")
    file.write_bytes(zipped(tree.files, zipfile.ZIP_STORED))
    assert choose(page, file) == "Genuine"
    page.close()


def drop(page: Page, *files: Path) -> None:
    """Files and folders from outside, let fall in the middle of the page."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": list(map(str, files)), "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 200, "y": 200, "data": data})
    session.detach()


def test_the_reader_s_fingerprint_is_what_counts(page: Page, copy: Path, tree: SignedTree) -> None:
    page.fill("#print", " ".join(re.findall("....", tree.fingerprint.upper())))
    assert page.locator("#compared").inner_text() == "The same as the one on this page."
    assert choose(page, copy / STORY, copy / PROOF) == "Genuine"
    assert "by the fingerprint that you entered" in page.inner_text("#result")

    page.fill("#print", tree.fingerprint[:8] + "0" * 56)
    assert "Differs from the one on this page in group 3" in page.inner_text("#compared")
    page.get_by_text("No keyring here has the fingerprint").first.wait_for()
    assert verdict(page) == "Could not tell"
    page.set_input_files("#folder", str(copy))
    page.get_by_text("no keyring here has the fingerprint that you trust").first.wait_for()
    assert verdict(page) == "Not genuine"

    page.fill("#print", tree.fingerprint[:40])
    assert page.inner_text("#compared") == "The same so far: 40 of 64."
    page.get_by_text("Yours has 40").first.wait_for()


def test_a_forged_page_is_found_out_by_a_keyring_from_elsewhere(
    browser: Browser, tmp_path: Path, tree: SignedTree, copy: Path
) -> None:
    site = replace(SITE, fingerprint="9f" * 32)
    (tmp_path / "forged.html").write_bytes(verify_page(site, []))
    ring = tmp_path / "keyring"
    ring.write_bytes(tree.keyring)
    page = browser.new_page()
    page.goto((tmp_path / "forged.html").as_uri())

    assert choose(page, copy / STORY, copy / PROOF) == "Could not tell"
    page.set_input_files("#keyring", ring)
    page.get_by_text("Checked by the keyring that you chose").first.wait_for()
    assert verdict(page) == "Genuine"
    page.close()


def test_both_languages(page: Page, copy: Path, tree: SignedTree) -> None:
    choose(page, copy / STORY, copy / PROOF)
    page.get_by_role("button", name="Русский").focus()
    page.keyboard.press("Enter")

    assert verdict(page) == "Подлинно"
    assert "Опубликовано не позднее" in page.inner_text("#result")
    assert "Published" not in page.inner_text("body")
    assert page.get_by_role("button", name="English").evaluate("e => e === document.activeElement")
    russian = verify_page(replace(SITE, language="ru-RU"), [tree.keyring])
    (copy / "ru.html").write_bytes(russian)
    page.goto(page.url.replace(PAGE, "ru.html"))
    assert page.get_by_role("heading", level=1).inner_text() == "Подлинная ли это копия?"


def test_it_is_worked_by_keyboard_and_read_aloud(page: Page) -> None:
    named = []
    for _ in range(9):
        page.keyboard.press("Tab")
        named.append(
            page.evaluate(
                """() => { const e = document.activeElement, l = e.labels?.[0] ?? e;
                return [...l.querySelectorAll('[lang=en]')].map(x => x.textContent)[0]
                  ?? l.textContent; }"""
            )
        )

    assert named[:7] == [
        "The Example Times",
        "Русский",
        "Choose files",
        "Choose a folder",
        "Fingerprint that you have from elsewhere",
        "Or a keyring file from somebody you trust",
        "On a command line",
    ]
    assert page.locator("#result").get_attribute("aria-live") == "polite"


def test_nothing_is_sent_and_nothing_is_stored(page: Page, copy: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, copy / STORY, copy / PROOF)
    page.set_input_files("#folder", str(copy))
    page.get_by_text("files are as they were published").first.wait_for()

    assert [url for url in asked if not url.startswith("data:")] == []
    assert page.context.cookies() == []
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy
    assert policy.startswith("default-src 'none'; img-src data:; script-src 'sha256-")
    assert page.locator("[style], [onclick], script[src], link[rel=stylesheet]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_a_phone(
    browser: Browser, copy: Path, tree: SignedTree, width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto((copy / PAGE).as_uri())
    choose(page, copy / STORY, copy / PROOF)
    page.locator("details summary").click()
    for button in ("Русский", "English"):
        page.get_by_role("button", name=button).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    context.close()

    assert tree.size
    assert (sum(int(part) for part in background[4:-1].split(",")) < 200) == dark


def test_without_javascript_it_says_how_to_check(browser: Browser, copy: Path) -> None:
    mirror(copy)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((copy / PAGE).as_uri())

    assert "needs JavaScript" in page.inner_text("noscript")
    assert not page.locator("#files").is_visible()
    page.locator("summary").click()
    assert "minisign -Vm head.txt" in page.inner_text("pre[dir]")
    context.close()


def test_the_shipped_page_is_what_the_sources_make(
    project: Path, need: Callable[..., None], tmp_path: Path
) -> None:
    need("node")
    if not (project / "web/verify/node_modules").is_dir():
        pytest.skip("needs: npm ci --prefix web/verify (`make test` does it)")
    made = tmp_path / PAGE
    build = project / "web/verify/build.mjs"
    subprocess.run(["node", str(build), str(made)], check=True, cwd=tmp_path)

    assert made.read_bytes() == (project / "feeds/static/verify.html").read_bytes()


def test_it_names_no_software_and_is_not_heavy() -> None:
    page = verify_page(SITE, [SignedTree().keyring])

    assert b"amizdat" not in page
    assert b"{{" not in page
    assert gzip_size(page) < 32_000
