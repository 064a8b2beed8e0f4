"""Looking at sites for sources: the sample newsroom, and sites that have less, or lie."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestServer

from mirror.config import FetchConfig
from mirror.errors import SourceError
from mirror.newsroom.app import make_newsroom
from mirror.source.fetch import Fetcher
from mirror.source.finding import MAX_TRIED, Found, find
from tests.source.friendly_server import Friendly, friendly_server
from tests.source.sitemaps import index, news, urlset

RSS = (
    "<rss version='2.0'><channel><item><title>One</title><link>/story-1</link>"
    "<pubDate>Fri, 27 Nov 2026 10:00:00 GMT</pubDate></item>"
    "<item><title>Two</title><link>/story-2</link></item></channel></rss>"
)


@pytest.fixture
async def site() -> AsyncIterator[Friendly]:
    async with friendly_server() as server:
        server.types["/"] = "text/html"
        yield server


async def look(url: str) -> Found:
    config = FetchConfig.model_validate({"private_addresses": True, "timeout": "2s"})
    async with Fetcher(config) as fetcher:
        return await find(url, fetcher.get)


def kinds(found: Found) -> list[str]:
    return [proposal.kind for proposal in found.proposals]


async def test_the_sample_newsroom_offers_a_feed_an_api_and_a_news_sitemap() -> None:
    start = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    app = make_newsroom(start=start, now=lambda: start + timedelta(minutes=1))
    server = TestServer(app)
    await server.start_server()

    found = await look(str(server.make_url("/")))

    await server.close()
    feed, api, sitemap = found.proposals
    assert (feed.kind, feed.title, feed.entries) == ("feed", "The Harbour Courier", 21)
    assert (api.kind, sitemap.kind, sitemap.remark) == ("wordpress", "sitemap", "a news sitemap")
    assert api.entries == sitemap.entries == 31
    assert feed.newest == api.newest == sitemap.newest
    assert feed.newest_title
    assert found.failed == ()


async def test_a_source_itself_is_told_as_what_it_is(site: Friendly) -> None:
    site.files["/a"] = RSS
    site.files["/b"] = urlset(site.url("/2026/11/27/one"))
    site.files["/c"] = '[{"id": 1, "link": "/story-1"}]'

    assert [kinds(await look(site.url(path))) for path in ("/a", "/b", "/c")] == [
        ["feed"],
        ["sitemap"],
        ["wordpress"],
    ]


async def test_usual_places_are_tried_only_where_none_is_named(site: Friendly) -> None:
    site.files["/"] = "<html><body><p>News</p></body></html>"
    site.files["/rss.xml"] = RSS
    site.files["/sitemap.xml"] = index((site.url("/s1.xml"), "2026-01-01"), site.url("/s0.xml"))
    site.files["/s1.xml"] = urlset(
        *(site.url(f"/2026/11/{day}/story") for day in range(10, 20)), site.url("/about")
    )

    found = await look(site.url("/"))

    feed, sitemap = found.proposals
    assert (feed.url, feed.entries, feed.newest_title) == (site.url("/rss.xml"), 2, "One")
    assert feed.newest == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert (sitemap.url, sitemap.entries) == (site.url("/sitemap.xml"), 10)
    assert "an index of 2 files" in sitemap.remark
    assert sitemap.match == "/20[0-9]{2}/[0-9]{2}/"
    assert (site.url("/feed"), "is not there (404)") in found.failed


async def test_comment_feeds_are_left_out_and_robots_names_sitemaps(site: Friendly) -> None:
    site.files["/"] = (
        '<html><head><link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="Alternate" type="application/rss+xml; charset=utf-8" title=" My  news"'
        ' href="/f"><link rel="alternate" type="application/rss+xml" href="/f"></head></html>'
    )
    site.files["/f"] = RSS
    site.files["/robots.txt"] = f"User-agent: *\nSITEMAP: {site.url('/n.xml')}\nsitemap:/n.xml\n"
    site.files["/n.xml"] = news((site.url("/short"), "2026-11-27", "Short"))

    found = await look(site.url("/"))

    assert [(one.kind, one.title) for one in found.proposals] == [
        ("feed", "My news"),
        ("sitemap", ""),
    ]
    assert found.failed == ()


async def test_a_page_of_links_is_proposed_as_a_list_where_there_is_nothing_else(
    site: Friendly,
) -> None:
    stories = "".join(
        f"<div class='card big'><a href='/img'><img></a>"
        f"<h3><a href='/the-story-of-{n}'>Story {n}</a></h3></div>"
        for n in range(5)
    )
    site.files["/"] = f"<html><body><nav><a href='/about'>About</a></nav>{stories}</body></html>"

    (proposal,) = (await look(site.url("/"))).proposals

    assert (proposal.kind, proposal.url, proposal.entries) == ("listing", site.url("/"), 5)
    assert proposal.selector == "h3 a"
    assert proposal.newest_title == "Story 0"


async def test_a_site_with_nothing_says_what_was_tried(site: Friendly) -> None:
    site.files["/"] = "<html><body>Hello</body></html>"

    found = await look(site.url("/"))

    assert found.proposals == ()
    assert len(found.failed) == 9


async def test_a_hostile_page_makes_us_ask_no_more_than_so_often(site: Friendly) -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/f{n}">' for n in range(999)
    )
    site.files["/"] = f"<html><head>{links}</head></html>"

    found = await look(site.url("/"))

    assert found.proposals == ()
    assert len(site.asked) <= MAX_TRIED + 3


async def test_an_address_that_gives_nothing_is_an_error(site: Friendly) -> None:
    with pytest.raises(SourceError, match="404"):
        await look(site.url("/nothing"))
