"""What a site gives in place of an article is never published, nor put over one that is."""

from tests.conftest import PROJECT
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds

PAGES = [page.read_text() for page in sorted((PROJECT / "tests/data/refusals").glob("*.html"))]


async def test_no_refusal_is_published_and_articles_are_once_they_come(
    room: Room, site: Site
) -> None:
    known = [Story(number) for number in range(len(PAGES))]
    site.add(*known)
    await rounds(room, NOW)
    before = [room.page(room.id(story)) for story in known]
    new = [Story(100 + number) for number in range(len(PAGES))]
    site.add(*new)
    for stories in (known, new):
        for story, page in zip(stories, PAGES, strict=True):
            story.instead = page

    lines = await rounds(room, NOW + 2 * HOUR)

    for story in (*known, *new):
        said = next(line for line in lines if line.startswith(f"article {site.base}{story.path}:"))
        assert ", not the article" in said or "empty shell" in said
    assert set(room.feed()) == {room.id(story) for story in known}
    assert [room.page(room.id(story)) for story in known] == before
    assert room.sql("SELECT count(*) FROM version") == [(len(known),)]

    for story in (*known, *new):
        story.instead = ""
    await rounds(room, NOW + 4 * HOUR)
    assert set(room.feed()) == {room.id(story) for story in (*known, *new)}
    room.check(NOW + 4 * HOUR)
