"""The sample newsroom over HTTP: what readers, feed readers and crawlers get."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import feedparser
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree, html
from PIL import Image
from yarl import URL

from mirror.newsroom.agenda import (
    AT_START,
    CORRECTED,
    CORRECTED_WITH,
    WITHDRAWN,
    WITHDRAWN_WITH,
    Agenda,
)
from mirror.newsroom.app import Newsroom
from mirror.newsroom.story import Embed, Inline

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERY = timedelta(seconds=3)
AGENDA = Agenda(7, START, EVERY)

Client: TypeAlias = TestClient[web.Request, web.Application]


class Clock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.now = START


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site(clock: Clock) -> AsyncIterator[Client]:
    newsroom = Newsroom(AGENDA, lambda: clock.now)
    async with TestClient(TestServer(newsroom.app())) as client:
        yield client


async def text_of(site: Client, path: str) -> str:
    answer = await site.get(path)
    assert answer.status == 200, path
    return await answer.text()


@pytest.mark.parametrize(
    "path",
    ["/", "/ru", "/news", "/culture", "/ru/novosti", "/rss/all", "/rss/news", "/ru/rss/all",
     "/ru/rss/kultura", "/news-sitemap.xml", "/robots.txt", "/static/courier.css", "/pixel.gif"],
)  # fmt: skip
async def test_every_kind_of_page_is_there(site: Client, path: str) -> None:
    assert (await site.get(path)).status == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/ru/nichego", "/rss/nothing", "/media/999-a.jpg", "/static/x", "/2026/x"]
)
async def test_what_is_not_there_is_not_found(site: Client, path: str) -> None:
    assert (await site.get(path)).status == 404


async def test_every_story_of_the_feed_can_be_opened(site: Client) -> None:
    for feed in ("/rss/all", "/ru/rss/all"):
        parsed = feedparser.parse(await text_of(site, feed))
        assert not parsed.bozo
        assert parsed.entries
        for entry in parsed.entries:
            page = html.fromstring(await text_of(site, URL(entry.link, encoded=True).raw_path))
            assert page.xpath("//h1")[0].text == entry.title


async def test_feeds_are_in_two_languages_and_by_section(site: Client) -> None:
    english = feedparser.parse(await text_of(site, "/rss/all"))
    russian = feedparser.parse(await text_of(site, "/ru/rss/all"))
    news = feedparser.parse(await text_of(site, "/rss/news"))

    assert (english.feed.language, russian.feed.language) == ("en", "ru")
    assert len(english.entries) + len(russian.entries) == AT_START
    assert {tag.term for entry in news.entries for tag in entry.tags} == {"News"}


async def test_a_correction_shows_in_the_feed_and_on_the_page(site: Client, clock: Clock) -> None:
    clock.now = AGENDA.comes_out(CORRECTED_WITH)

    parsed = feedparser.parse(await text_of(site, "/rss/all"))
    page = await text_of(site, AGENDA.path(CORRECTED))

    entry = next(e for e in parsed.entries if e.link.endswith(AGENDA.path(CORRECTED)))
    assert entry.updated == "2026-11-24T09:30:39+00:00"
    assert "Correction: an earlier version" in page
    assert 'property="article:modified_time" content="2026-11-24T09:30:39+00:00"' in page


async def test_a_withdrawn_story_is_gone_from_site_feed_and_sitemap(
    site: Client, clock: Clock
) -> None:
    path = AGENDA.path(WITHDRAWN)
    clock.now = AGENDA.comes_out(WITHDRAWN)
    assert path in await text_of(site, "/rss/all")

    clock.now = AGENDA.comes_out(WITHDRAWN_WITH)

    assert (await site.get(path)).status == 410
    for place in ("/", "/rss/all", "/news-sitemap.xml"):
        assert path not in await text_of(site, place)


async def test_a_reader_who_has_it_gets_304(site: Client, clock: Clock) -> None:
    for path in ("/", "/rss/all", "/news-sitemap.xml", AGENDA.path(0), "/media/0-a.jpg"):
        first = await site.get(path)
        tag, date = first.headers["ETag"], first.headers["Last-Modified"]

        assert (await site.get(path, headers={"If-None-Match": tag})).status == 304
        assert (await site.get(path, headers={"If-Modified-Since": date})).status == 304
        both = {"If-None-Match": '"other"', "If-Modified-Since": date}
        assert (await site.get(path, headers=both)).status == 200
        assert (await site.get(path, headers={"If-Modified-Since": "soon"})).status == 200
    clock.now = START + EVERY
    old = {"If-None-Match": tag, "If-Modified-Since": date}
    assert (await site.get("/rss/all", headers=old)).status == 200


async def test_a_withdrawal_is_news_to_who_asks_by_date(site: Client, clock: Clock) -> None:
    clock.now = AGENDA.comes_out(WITHDRAWN_WITH) - timedelta(seconds=1)
    feed = "/rss/opinion"
    date = (await site.get(feed)).headers["Last-Modified"]

    clock.now = AGENDA.comes_out(WITHDRAWN_WITH)

    assert (await site.get(feed, headers={"If-Modified-Since": date})).status == 200


async def test_an_unchanged_page_stays_the_same_while_stories_come(
    site: Client, clock: Clock
) -> None:
    before = await text_of(site, AGENDA.path(3))
    clock.now = START + 10 * EVERY

    assert await text_of(site, AGENDA.path(3)) == before


async def test_pictures_are_jpegs_that_name_a_camera_a_person_and_a_place(site: Client) -> None:
    data = await (await site.get("/media/3-a.jpg")).read()

    image = Image.open(io.BytesIO(data))
    exif = image.getexif()
    assert (image.format, image.size) == ("JPEG", (1_200, 800))
    assert exif[0x013B] == "Lena Marsh"
    assert exif.get_ifd(0x8825)[1] == "N"


async def test_a_page_carries_the_furniture_that_mirrors_must_tell_apart(site: Client) -> None:
    page = html.fromstring(await text_of(site, AGENDA.path(1)))

    for selector in (
        "div.support-appeal", "header.article__header", "div.byline__author",
        "time.byline__datetime", "figure.article__featured-image", "div.article__block--html",
        "aside.article__related-article", "section.newsletter-box", "div.social",
        "section.donate-text", "div.cookie-banner", "img.tracker",
    ):  # fmt: skip
        name, _, css = selector.partition(".")
        held = f"contains(concat(' ', normalize-space(@class), ' '), ' {css} ')"
        assert page.xpath(f"//{name}[{held}]"), selector
    assert page.xpath("//script[not(@src) and not(@type)]")
    assert page.xpath("//time/@datetime")[0].startswith("2026-11-2")


async def test_embeds_and_lazy_pictures_are_on_some_pages(site: Client, clock: Clock) -> None:
    clock.now = START + 30 * EVERY
    stories = AGENDA.stories(clock.now)
    embed = next(s for s in stories if any(isinstance(b, Embed) for b in s.blocks))
    lazy = next(s for s in stories if any(isinstance(b, Inline) for b in s.blocks))

    assert "<iframe" in await text_of(site, embed.path)
    page = html.fromstring(await text_of(site, lazy.path))
    (source,) = page.xpath("//img[contains(@class, 'lazy')]/@data-src")
    assert (await site.get(source)).content_type == "image/jpeg"


async def test_the_sitemap_names_every_story_with_its_date(site: Client) -> None:
    root = etree.fromstring((await text_of(site, "/news-sitemap.xml")).encode())

    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9",
             "n": "http://www.google.com/schemas/sitemap-news/0.9"}  # fmt: skip
    assert len(root.findall("s:url/s:loc", names)) == AT_START
    assert len(root.findall("s:url/n:news/n:publication_date", names)) == AT_START
