"""Each kind of source, from the site to signed articles on the mirrors."""

from datetime import datetime, timedelta

from tests.service.room import HOUR, NOW, Room, Site, Story, rounds
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
