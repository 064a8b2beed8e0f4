"""Each kind of source, from the site to signed articles on the mirrors."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from feeds.ids import article_id
from mirror.newsroom.agenda import CORRECTED, CORRECTED_WITH, Agenda
from mirror.newsroom.app import Newsroom
from mirror.newsroom.rules import EXTRACT
from tests.service.room import HOUR, NOW, Room, Site, Story, make_room, rounds
from tests.source.sitemaps import index, news, urlset

POLL = timedelta(minutes=10)


def named(site: Site, story: Story, moment: datetime | None = None) -> tuple[str, str]:
    """A story with its ``lastmod``."""
    assert story.date
    return site.base + story.path, (moment or story.date).isoformat()


def read_instead(room: Room, kind: str, path: str, *more: str) -> None:
    """Another source in the place of the feed."""
    was = f'kind = "feed"\nurl = "{room.site.base}/rss"'
    room.change(was, "\n".join((f'kind = "{kind}"', f'url = "{room.site.base}{path}"', *more)))


async def test_articles_of_a_sitemap_come_out_signed(room: Room, site: Site) -> None:
    stories = [Story(number) for number in range(3)]
    site.stories = {story.path: story for story in stories}
    site.files["/sitemap.xml"] = index((f"{site.base}/posts.xml", NOW.isoformat()))
    site.files["/posts.xml"] = urlset(*(named(site, story) for story in stories[:2]))
    read_instead(room, "sitemap", "/sitemap.xml")

    lines = await rounds(room, NOW)
    assert set(room.feed()) == {room.id(story) for story in stories[:2]}, lines

    site.files["/posts.xml"] = urlset(*(named(site, story) for story in stories))
    later = (NOW + POLL).isoformat()
    site.files["/sitemap.xml"] = index((f"{site.base}/posts.xml", later))
    site.asked.clear()
    await rounds(room, NOW + POLL)

    assert set(room.feed()) == {room.id(story) for story in stories}
    assert [path for path, _ in site.asked] == ["/sitemap.xml", "/posts.xml", stories[2].path]
    room.check(NOW + HOUR)


async def test_an_edit_that_a_sitemap_tells_of_is_published(room: Room, site: Site) -> None:
    story = Story(1)
    site.stories[story.path] = story
    site.files["/s.xml"] = urlset(named(site, story))
    read_instead(room, "sitemap", "/s.xml")
    await rounds(room, NOW)

    story.text += "<p>Correction: an earlier version named the wrong bridge in its last line.</p>"
    site.files["/s.xml"] = urlset(named(site, story, NOW + POLL))
    await rounds(room, NOW + POLL)

    assert "named the wrong bridge" in room.page(room.id(story))
    room.check(NOW + HOUR)


async def test_a_news_sitemap_beside_a_feed_brings_nothing_twice(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    url, date = named(site, story)
    site.files["/news.xml"] = news((url, date, story.title))
    room.text += f'\n[[source]]\nname = "map"\nkind = "sitemap"\nurl = "{site.base}/news.xml"\n'

    await rounds(room, NOW)

    assert site.times(story.path) == 1
    assert len(room.feed()) == 1
    room.check()


async def test_a_round_with_nothing_new_asks_a_sitemap_once_and_writes_nothing(
    room: Room, site: Site
) -> None:
    story = Story(1)
    site.stories[story.path] = story
    site.files["/sitemap.xml"] = index((f"{site.base}/posts.xml", NOW.isoformat()))
    site.files["/posts.xml"] = urlset(named(site, story))
    read_instead(room, "sitemap", "/sitemap.xml")
    await rounds(room, NOW)
    site.asked.clear()
    rows, files = room.rows(), room.files()

    await rounds(room, NOW + POLL)

    assert site.asked == [("/sitemap.xml", True)]
    assert (room.rows(), room.files()) == (rows, files)


AGENDA = Agenda(7, NOW - HOUR, timedelta(minutes=5), count=31)


@pytest.fixture
async def courier(tmp_path: Path) -> AsyncIterator[tuple[Room, list[datetime]]]:
    """A mirror of the sample newsroom, and the moment that its site shows."""
    moment = [NOW]
    server = TestServer(Newsroom(AGENDA, lambda: moment[0]).app())
    await server.start_server()
    room = make_room(tmp_path / "courier", Site(base=str(server.make_url("/")).removesuffix("/")))
    room.change("[extract]                      # CSS selectors\n", EXTRACT)
    room.change("keep = []                      # stays although it looks like furniture\n", "")
    room.change('drop = []                      # goes: donation boxes, "read more" asides\n', "")
    yield room, moment
    await server.close()


@pytest.mark.parametrize(
    ("kind", "path", "more"),
    [
        ("listing", "/", ('selector = ".article-excerpt h3"', 'next = "a.front__older"')),
        ("wordpress", "/wp-json/wp/v2/posts", (r"match = '/\d{4}/'",)),
        ("sitemap", "/news-sitemap.xml", ()),
    ],
)
async def test_the_sample_newsroom_is_mirrored_by_each_kind(
    courier: tuple[Room, list[datetime]], kind: str, path: str, more: tuple[str, ...]
) -> None:
    room, moment = courier
    read_instead(room, kind, path, *more)

    await rounds(room, NOW)
    before = set(room.feed())
    moment[0] = AGENDA.comes_out(CORRECTED_WITH) + timedelta(minutes=1)
    lines = await rounds(room, max(moment[0], NOW + HOUR))

    wanted = {
        article_id(room.site.base + story.path)
        for story in AGENDA.stories(moment[0])
        if kind != "listing" or story.language == "en"
    }
    assert len(before) > 1
    assert before < set(room.feed()) == wanted, lines
    corrected = article_id(room.site.base + AGENDA.path(CORRECTED))
    assert "Correction: an earlier version" in room.page(corrected)
    room.check(NOW + 2 * HOUR)
