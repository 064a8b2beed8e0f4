"""One article, many addresses (format 1.1)."""

from pathlib import Path

from feeds.article import State
from feeds.ids import article_id
from mirror.service import Service
from mirror.store import versions
from tests.service.room import HOUR, NOW, Room, Site, Story, make_room, rounds


async def test_an_article_in_two_feeds_is_fetched_once(tmp_path: Path, site: Site) -> None:
    site.feeds["/rss/more"] = []
    room = make_room(tmp_path / "room", site, sources=("/rss", "/rss/more"))
    story = Story(1)
    site.add(story)
    site.add(story, feed="/rss/more")

    lines = await rounds(room, NOW)

    assert site.times(story.path) == 1, lines
    assert set(room.feed()) == {room.id(story)}
    room.check()


async def test_a_feed_that_names_a_known_article_later_does_not_have_it_read_at_once(
    tmp_path: Path, site: Site
) -> None:
    site.feeds["/rss/more"] = []
    room = make_room(tmp_path / "room", site, sources=("/rss", "/rss/more"))
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    site.add(story, feed="/rss/more")

    await rounds(room, NOW + HOUR / 60)

    assert site.times(story.path) == 1


async def test_a_redirect_and_a_canonical_address_get_alias_pages(room: Room, site: Site) -> None:
    old = Story(1)
    new = Story(2, canonical="/2026/the-right-name")
    site.add(old)
    old.moved_to = f"{site.base}{new.path}"
    site.stories[new.path] = new

    await rounds(room, NOW)

    article = room.id(old)
    assert set(room.feed()) == {article}
    for address in (new.path, "/2026/the-right-name"):
        alias = article_id(site.base + address)
        page = room.path(alias)
        assert f"{article}.html" in page.read_text()
        assert page.stat().st_size < 400
        assert page.with_name(f"{page.name}.tlog-proof").exists()
    room.check()


async def test_an_article_that_moves_keeps_its_id(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    moved = Story(9, title=story.title, text=story.text)
    site.stories[moved.path] = moved
    story.moved_to = site.base + moved.path
    site.feeds["/rss"] = [moved]

    await rounds(room, NOW + 2 * HOUR, NOW + 3 * HOUR)

    assert set(room.feed()) == {room.id(story)}
    assert f"{room.id(story)}.html" in room.path(room.id(moved)).read_text()
    room.check(NOW + 3 * HOUR)


async def test_who_claims_the_address_of_another_article_is_held(room: Room, site: Site) -> None:
    first = Story(1)
    site.add(first)
    await rounds(room, NOW)
    thief = Story(2, canonical=first.path)
    site.add(thief)
    page = room.page(room.id(first))

    await rounds(room, NOW + HOUR / 2)

    assert len(room.sql("SELECT 1 FROM version WHERE status = 'held'")) == 1
    assert room.page(room.id(first)) == page
    assert not room.path(room.id(thief)).exists()


async def test_a_twin_on_another_address_becomes_an_alias_page(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    page = room.page(room.id(story))
    twin = Story(2, title=f"{story.title} (AMP)", text=story.text, canonical=story.path)
    site.add(twin)

    lines = await rounds(room, NOW + HOUR / 2, NOW + 2 * HOUR, NOW + 30 * HOUR)

    assert not room.sql("SELECT 1 FROM version WHERE status = 'held'"), lines
    assert set(room.feed()) == {room.id(story)}
    assert f"{room.id(story)}.html" in room.page(room.id(twin))
    assert room.path(room.id(twin)).stat().st_size < 400
    assert room.page(room.id(story)) == page
    room.check(NOW + 30 * HOUR)


async def test_twins_that_come_together_are_one_article(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story, Story(2, title="Another title", text=story.text, canonical=story.path))

    lines = await rounds(room, NOW, NOW + 2 * HOUR)

    assert not room.sql("SELECT 1 FROM version WHERE status = 'held'"), lines
    assert len(room.feed()) == 1
    room.check(NOW + 2 * HOUR)


async def test_a_known_twin_never_corrects_the_article_that_is_read_itself(
    room: Room, site: Site
) -> None:
    story = Story(1)
    twin = Story(2, title=story.title, text=story.text, canonical=story.path)
    site.add(story)
    await rounds(room, NOW)
    site.add(twin)
    await rounds(room, NOW + HOUR / 2)
    twin.text += "<p>Read more of this on our full site, dear reader, whenever you like.</p>"
    page = room.page(room.id(story))

    await rounds(room, NOW + 2 * HOUR, NOW + 8 * HOUR)

    assert room.page(room.id(story)) == page


async def test_a_twin_of_a_withdrawn_article_is_not_published(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    async with Service.open(room.config) as service:
        async with service.parts.database.begin() as connection:
            await versions.set_state(connection, room.id(story), State.WITHDRAWN)
        await service.round(NOW + HOUR / 4)
        twin = Story(2, title=story.title, text=story.text, canonical=story.path)
        site.add(twin)
        await service.round(NOW + HOUR / 2)

    assert not room.sql("SELECT 1 FROM version WHERE status = 'held'")
    assert len(room.sql("SELECT 1 FROM version")) == 1
    room.check(NOW + HOUR / 2)


async def test_a_front_page_as_canonical_address_counts_for_nothing(room: Room, site: Site) -> None:
    site.add(Story(1, canonical="/"), Story(2, canonical="/"))

    lines = await rounds(room, NOW)

    assert len(room.feed()) == 2, lines
    assert not room.path(article_id(site.base + "/")).exists()
    room.check()
