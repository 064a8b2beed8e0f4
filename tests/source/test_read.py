import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from feeds.ids import article_id
from feeds.snapshot import Snapshot, words
from mirror.config import Config, load_file
from mirror.errors import SourceChangedError, SourceRefusedError
from mirror.newsroom.app import make_newsroom
from mirror.newsroom.pictures import picture
from mirror.newsroom.rules import EXTRACT
from mirror.source.fetch import Fetcher
from mirror.source.item import Item
from mirror.source.poll import poll
from mirror.source.read import ReadArticle, read_article
from mirror.source.state import SourceState
from tests.source.hostile_server import Hostile, hostile_server

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
TEXT = "".join(
    f"<p>Paragraph {at} of the story is long enough to be read as text.</p>" for at in range(8)
)
FURNITURE = ("newsletter", "cookie", "donat", "support us", "read more", "поддерж", "рассылк")


def config_for(folder: Path, base: str, more: str = "") -> Config:
    file = folder / "config.toml"
    file.write_text(
        f'[site]\ntitle = "The News"\nurl = "{base}"\n[[source]]\nname = "news"\n'
        f'url = "{base}rss/all"\n[[source]]\nname = "ru"\n'
        f'url = "{base}ru/rss/all"\nlanguage = "ru"\n'
        '[trust]\norigin = "news.example/mirror"\ntag_year = 2026\n'
        f'[fetch]\nprivate_addresses = true\ntimeout = "5s"\n{more}',
        encoding="utf-8",
    )
    return load_file(file)


@pytest.fixture
async def site() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        yield server


async def read(config: Config, url: str, title: str = "") -> ReadArticle:
    async with Fetcher(config.fetch) as fetcher:
        return await read_article(fetcher, Item(url=url, id=url, title=title), config, NOW)


@pytest.mark.parametrize("rules", ["", EXTRACT], ids=["without rules", "with rules"])
async def test_the_sample_newsroom_is_read_whole_and_without_furniture(
    tmp_path: Path, rules: str
) -> None:
    start = NOW - timedelta(hours=1)
    async with TestServer(make_newsroom(start=start, now=lambda: NOW, count=24)) as server:
        config = config_for(tmp_path, str(server.make_url("/")), rules)
        async with Fetcher(config.fetch) as fetcher:
            for source in config.sources:
                polled = await poll(source, SourceState(), fetcher, NOW)
                assert polled.items, polled.note
                for item in polled.items[:5]:
                    article = await read_article(fetcher, item, config, NOW)
                    check(article, item, source.language or "en", by_rules=bool(rules))


def check(article: ReadArticle, item: Item, language: str, *, by_rules: bool) -> None:
    snapshot = article.snapshot
    assert snapshot.title == item.title
    assert snapshot.language == language
    assert snapshot.published_at == item.published
    assert snapshot.section == item.section
    assert len(words(snapshot.body_html)) > 300
    assert not article.verdict.reasons, by_rules
    assert not any(word in snapshot.body_html.lower() for word in FURNITURE)
    assert {file.path for file in snapshot.all_media} == set(article.media)
    assert Snapshot.decode(snapshot.encode()) == snapshot
    for path, data in article.media.items():
        assert hashlib.sha256(data).hexdigest() in path
    if snapshot.picture:
        assert snapshot.picture.small.size <= 3_000
        assert snapshot.picture.caption
        assert snapshot.picture.credit


async def test_a_picture_that_cannot_be_had_leaves_its_caption(
    site: Hostile, tmp_path: Path
) -> None:
    site.answer("/good.jpg", picture("1-a"), Content_Type="image/jpeg", Connection="close")
    site.answer("/bad.jpg", b"<html>no picture</html>", Connection="close")
    figures = "".join(
        f"<figure><img src=/{name}.jpg alt={name}><figcaption>Caption {name}</figcaption></figure>"
        for name in ("good", "bad", "gone")
    )
    page = f"<article><h1>The Story</h1>{TEXT}{figures}{TEXT}</article>"
    url = site.answer("/2026/1/2/x", page.encode(), Content_Type="text/html", Connection="close")

    article = await read(config_for(tmp_path, site.url("/")), url)

    body = article.snapshot.body_html
    assert body.count("<img") == 1
    assert "Caption bad" in body
    assert len(article.problems) == 2
    assert len(article.media) == len(article.snapshot.media) == 2


async def test_every_address_of_the_article_is_known(site: Hostile, tmp_path: Path) -> None:
    head = (
        '<link rel=canonical href="/2026/1/2/canonical-a1234?utm_source=x"><link rel=amphtml'
        ' href="https://elsewhere.example/2026/1/2/amp-a1234"><link rel=shortlink href="/">'
    )
    page = f"<head>{head}</head><article><h1>The Story</h1>{TEXT}</article>".encode()
    first = site.answer("/old", status="301 Moved", Location="/2026/1/2/new-a1234#top")
    site.answer("/2026/1/2/new-a1234", page, Content_Type="text/html")

    article = await read(config_for(tmp_path, site.url("/")), first)

    assert article.snapshot.source_url == site.url("/2026/1/2/new-a1234")
    assert article.addresses == (first, site.url("/2026/1/2/canonical-a1234?utm_source=x"))


async def test_the_original_is_named_without_what_follows_its_readers_around(
    site: Hostile, tmp_path: Path
) -> None:
    page = f"<article><h1>The Story</h1>{TEXT}</article>".encode()
    story = site.answer("/story", page, Content_Type="text/html")
    asked = f"{story}?id=7&utm_source=rss&fbclid=a1"

    article = await read(config_for(tmp_path, site.url("/")), asked)

    assert article.snapshot.source_url == site.url("/story?id=7")
    assert article.addresses == ()


async def test_what_an_address_leads_to_elsewhere_is_not_taken_for_the_article(
    site: Hostile, tmp_path: Path
) -> None:
    page = f"<article><h1>This page is blocked</h1>{TEXT}</article>".encode()
    site.answer("/2026/1/2/blocked-a1234", page, Content_Type="text/html")
    site.answer("/", page, Content_Type="text/html")
    away = site.url("/2026/1/2/blocked-a1234", host="localhost")
    first = site.answer("/2026/1/2/story-a1234", status="302 Found", Location=away)
    second = site.answer("/2026/1/2/story-a1235", status="302 Found", Location="/")
    config = config_for(tmp_path, site.url("/"))

    with pytest.raises(SourceRefusedError, match=r"led to localhost.* \[site\] hosts"):
        await read(config, first)
    with pytest.raises(SourceRefusedError, match="led to the front page"):
        await read(config, second)

    assert (await read(config, away)).snapshot.title, "the feed itself names that host"


async def test_links_to_other_articles_stay_inside_the_mirror(
    site: Hostile, tmp_path: Path
) -> None:
    link = (
        '<p>The harbour board had said so before, as <a href="/2026/1/1/before-a1233?fbclid=1">'
        'we wrote</a> <a href="/news">here</a>.</p>'
    )
    page = f"<article><h1>The Story</h1>{TEXT}{link}{TEXT}</article>".encode()
    url = site.answer("/2026/1/2/x", page, Content_Type="text/html")

    body = (await read(config_for(tmp_path, site.url("/")), url)).snapshot.body_html

    one = article_id(site.url("/2026/1/1/before-a1233"))
    assert f'as <a href="../../a/{one[:2]}/{one}.html">we wrote</a> here.' in body


@pytest.mark.parametrize(
    ("page", "content_type", "error"),
    [
        (b"<title>Just a moment...</title>", "text/html", "refused: is a browser check or CAPTCHA"),
        (b"%PDF-1.7", "application/pdf", "changed: is application/pdf, not a web page"),
        (b"<p>no title here but some words", "text/html", "changed: has no title"),
        (b"", "text/html", "changed: is empty"),
    ],
)
async def test_what_is_no_article_says_why(
    site: Hostile, tmp_path: Path, page: bytes, content_type: str, error: str
) -> None:
    url = site.answer("/2026/1/2/x", page, Content_Type=content_type)
    kind, _, problem = error.partition(": ")

    with pytest.raises(SourceRefusedError if kind == "refused" else SourceChangedError) as caught:
        await read(config_for(tmp_path, site.url("/")), url)

    assert caught.value.problem.startswith(problem)


async def test_a_short_article_is_held_and_the_feeds_title_helps(
    site: Hostile, tmp_path: Path
) -> None:
    url = site.answer("/2026/1/2/x", b"<article><p>One line only.</p></article>")

    article = await read(config_for(tmp_path, site.url("/")), url, title="From the feed")

    assert article.snapshot.title == "From the feed"
    assert article.snapshot.body_html == "<p>One line only.</p>"
    assert article.verdict.held
