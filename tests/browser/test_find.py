"""``find.html`` and ``404.html`` on an nginx mirror, over plain HTTP: no secure context."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from feeds.ids import article_id
from feeds.localise import localise
from feeds.pages import find_page, not_found_page, reading_path, reading_scripts
from feeds.words import words_for
from tests.browser.chromium import HOST, NEEDED
from tests.feeds.pages_examples import SITE
from tests.nginx import Nginx, Site, free_port, nginx

ORIGINAL = "https://www.news.example/2026/новости/story?b=2&a=1"
ON_ANOTHER_HOST = "https://ru.news.example/2026/07/03/other"
WORD = "x7k2"
OURS = replace(SITE, more_hosts=("ru.news.example",))

pytestmark = NEEDED


def page_of(address: str) -> str:
    name = article_id(address)
    return f"a/{name[:2]}/{name}.html"


@pytest.fixture(scope="module", params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, language: str
) -> Iterator[tuple[Nginx, str, Path]]:
    root = tmp_path_factory.mktemp("www")
    base_site = Site(
        port=free_port(),
        root=root,
        extra=(
            "location / { return 404; }",
            f"location /{WORD}/ {{ index index.html; error_page 404 /{WORD}/404.html; }}",
        ),
    )
    base = f"http://{HOST}:{base_site.port}/{WORD}/"
    ours = replace(OURS, language=language)
    files = {
        "index.html": b"front",
        "find.html": find_page(ours),
        "404.html": localise(not_found_page(ours), base),
        **reading_scripts(ours, []),
        page_of(ORIGINAL): b"<title>story</title>the story",
        page_of(ON_ANOTHER_HOST): b"<title>other</title>the other",
        page_of("https://news.example/erased"): b"",
    }
    for path, data in files.items():
        file = root / WORD / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    with nginx(base_site) as running:
        yield running, base, root / WORD


@pytest.fixture
def base(server: tuple[Nginx, str, Path]) -> str:
    return server[1]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda message: pytest.fail(message.text) if _refused(message) else None)
    yield page
    context.close()


def _refused(message: object) -> bool:
    return "Content Security Policy" in str(message)


def ask(page: Page, base: str, address: str) -> None:
    page.goto(f"{base}find.html")
    page.locator("#address").fill(address)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    "address",
    [
        ORIGINAL,
        f" http://m.news.example/2026/{quote('новости')}/story/?a=1&utm_source=tg&b=2#comments ",
        "www.news.example/2026/новости/story?a=1&b=2",
        "/2026/новости/story?b=2&a=1",
        "2026/новости/story?b=2&a=1",
    ],
)
def test_an_original_address_leads_to_the_article(page: Page, base: str, address: str) -> None:
    ask(page, base, address)

    page.wait_for_url(base + page_of(ORIGINAL))


def test_find_takes_the_address_behind_its_number_sign(page: Page, base: str) -> None:
    page.goto(f"{base}find.html#{ORIGINAL}")

    page.wait_for_url(base + page_of(ORIGINAL))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("2026/новости/story?b=2&a=1", ORIGINAL),
        ("2026/новости/story/?fbclid=1&a=1&b=2", ORIGINAL),
        (ORIGINAL, ORIGINAL),
        ("www.news.example/2026/новости/story?b=2&a=1", ORIGINAL),
        ("2026/07/03/other", ON_ANOTHER_HOST),
    ],
)
def test_a_path_of_the_original_site_after_the_base_leads_to_the_article(
    page: Page, base: str, path: str, found: str
) -> None:
    page.goto(base + path, wait_until="commit")

    page.wait_for_url(base + page_of(found))


@pytest.mark.parametrize("address", ["https://news.example/none", "/erased", "news.example/none"])
def test_what_is_not_there_is_said_plainly(
    page: Page, base: str, language: str, address: str
) -> None:
    ask(page, base, address)

    expect(page.locator("#told")).to_have_text(words_for(language)("find absent"))
    assert page.url == f"{base}find.html"


def test_what_is_no_address_is_said_plainly(page: Page, base: str, language: str) -> None:
    ask(page, base, "https://[1/")

    expect(page.locator("#told")).to_have_text(words_for(language)("find wrong"))


def test_a_page_that_was_never_there_says_so(page: Page, base: str, language: str) -> None:
    answer = page.goto(f"{base}2026/07/03/none")

    assert answer is not None
    assert answer.status == 404
    expect(page.locator("#told")).to_have_text(words_for(language)("find absent"))
    expect(page.locator("h1")).to_have_text(words_for(language)("missing"))
    page.get_by_role("link", name=str(words_for(language)("front"))).click()
    assert page.url == f"{base}index.html"


def test_an_article_page_that_is_gone_is_not_looked_for_again(
    page: Page, server: tuple[Nginx, str, Path]
) -> None:
    running, base, _ = server
    before = len(running.requests())

    page.goto(f"{base}a/00/0000000000000000.html", wait_until="networkidle")

    assert [line for line in running.requests()[before:] if "HEAD" in line] == []
    expect(page.locator("#find")).to_be_visible()


def test_only_the_page_by_its_id_is_asked_for(
    page: Page, server: tuple[Nginx, str, Path], language: str
) -> None:
    running, base, _ = server
    before = len(running.requests())

    ask(page, base, ORIGINAL)
    page.wait_for_url(base + page_of(ORIGINAL))

    assert [line.split()[:2] for line in running.requests()[before:]] == [
        ["GET", f"/{WORD}/find.html"],
        ["GET", f"/{WORD}/{reading_path(language)}"],
        ["HEAD", f"/{WORD}/{page_of(ORIGINAL)}"],
        ["GET", f"/{WORD}/{page_of(ORIGINAL)}"],
    ]


def test_from_a_folder_find_gives_the_link(
    page: Page, server: tuple[Nginx, str, Path], language: str
) -> None:
    folder = server[2]
    page.goto((folder / "find.html").as_uri())
    page.locator("#address").fill(ORIGINAL)
    page.locator("#find button").click()
    expect(page.locator("#told")).to_contain_text(words_for(language)("find unsure"))
    page.locator("#told a").click()

    assert page.url == (folder / page_of(ORIGINAL)).as_uri()


def test_without_script_the_pages_say_what_to_do(
    browser: Browser, base: str, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in ("find.html", "2026/07/03/none"):
        page.goto(base + path)
        expect(page.locator("#find")).to_be_hidden()
        expect(page.get_by_text(words_for(language)("find script"))).to_be_visible()
    page.get_by_role("link", name=str(words_for(language)("find"))).click()
    expect(page.get_by_text("sha256sum")).to_be_visible()
    context.close()
