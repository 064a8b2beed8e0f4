"""Lists, sections, languages, addresses: the pages that follow from articles and config."""

import json
from datetime import timedelta

import pytest

from feeds.edition import EMPTY_SHA
from mirror.service import Service
from tests.service.room import HOUR, NOW, Room, Site, Story, prose, rounds

RUSSIAN = (
    "<p>В истории номер один городской совет открыл новый мост через гавань, и жители вышли"
    " на набережную встречать первый поезд.</p><p>Капитан порта сказал, что зимой движение"
    " будет идти по расписанию, а летом добавят вечерние рейсы до острова.</p>"
)


async def test_a_full_list_page_closes_when_the_next_one_comes(room: Room, site: Site) -> None:
    async with Service.open(room.config) as service:
        seen = set()
        for edition in range(6):  # 22 articles each: pages close at 50 and 100
            site.add(*(Story(edition * 22 + number) for number in range(22)))
            now = NOW + timedelta(minutes=edition)
            report = await service.round(now)
            assert not report.fell_short, report.lines
            room.check(now)
            count = (edition + 1) * 22
            newest = (count - 1) // 50 + 1
            for page in range(1, newest + 1):
                path = f"l/all/{page}.html"
                assert (room.tree / path).exists()
                assert (path in room.listed()) == (page == newest)
                leaf = room.sql("SELECT sha FROM leaf WHERE path = ?", path)
                assert bool(leaf) == (page < newest)
            seen |= {path for path in room.listed() if path.startswith("l/all/")}
        assert seen == {f"l/all/{page}.html" for page in (1, 2, 3)}
        first = (room.tree / "l/all/1.html").read_text()
        assert sum(f"{room.id(story)}.html" in first for story in site.stories.values()) == 50
        every = "".join((room.tree / f"l/all/{page}.html").read_text() for page in (1, 2, 3))
        assert all(every.count(f"{room.id(one)}.html") == 1 for one in site.stories.values())


async def test_exactly_fifty_articles_leave_the_page_open(room: Room, site: Site) -> None:
    site.add(*(Story(number) for number in range(50)))
    await rounds(room, NOW)
    assert "l/all/1.html" in room.listed()
    assert not (room.tree / "l/all/2.html").exists()

    site.add(Story(50))
    await rounds(room, NOW + HOUR / 4)

    assert "l/all/1.html" not in room.listed()
    assert "l/all/2.html" in room.listed()
    room.check(NOW + HOUR / 4)


async def test_two_hundred_and_fifty_articles_at_once_come_in_batches(
    room: Room, site: Site
) -> None:
    site.add(*(Story(number, text=prose(number, 2)) for number in range(250)))

    lines = await rounds(room, NOW)

    assert sum(line.startswith("edition") for line in lines) == 2
    assert room.sql("SELECT count(*) FROM article WHERE version > 0") == [(250,)]
    assert room.sql("SELECT count(*) FROM listing WHERE list = 'all'") == [(250,)]
    newest = {room.id(Story(number)) for number in range(200, 250)}
    assert set(room.feed()) == newest
    room.check()


async def test_sections_and_languages_come_with_their_first_article(room: Room, site: Site) -> None:
    site.add(Story(1, section="News"))
    await rounds(room, NOW)
    assert (room.tree / "s/news.html").exists()
    assert set(room.feed("s-news")) == {room.id(Story(1))}
    assert not (room.tree / "feeds/lang-en.rss").exists()

    russian = Story(2, section="Бизнес", language="ru", text=RUSSIAN, title="Новый мост открыт")
    site.add(russian)
    lines = await rounds(room, NOW + HOUR / 4)

    assert set(room.feed("lang-ru")) == {room.id(russian)}, lines
    assert set(room.feed("lang-en")) == {room.id(Story(1))}
    assert set(room.feed("s-biznes")) == {room.id(russian)}
    assert "s/biznes.html" in (room.tree / "s/news.html").read_text().replace("../", "")
    assert "lang-ru.rss" in (room.tree / "feeds.opml").read_text()
    room.check(NOW + HOUR / 4)


@pytest.mark.parametrize("name", ["Con", "AUX", "nul", "COM1", "!!!", "l", "all", "m-2026-11"])
async def test_strange_section_names_make_sound_paths(room: Room, site: Site, name: str) -> None:
    site.add(Story(1, section=name), Story(2, section="News"))

    lines = await rounds(room, NOW)

    assert not any("publish" in line for line in lines), lines
    assert len(room.feed()) == 2
    room.check()


async def test_an_article_that_changes_its_section_is_in_one_section_feed(
    room: Room, site: Site
) -> None:
    story = Story(1, section="News")
    site.add(story, Story(2, section="Opinion"), Story(3, section="News"))
    await rounds(room, NOW)
    story.section, story.text = "Opinion", prose(55)
    story.title += "?"

    await rounds(room, NOW + 2 * HOUR)

    assert room.id(story) not in room.feed("s-news")
    assert room.id(story) in room.feed("s-opinion")
    assert room.id(story) not in (room.tree / "s/news.html").read_text()
    room.check(NOW + 2 * HOUR)


async def test_the_list_of_mirrors_changes_only_when_it_does(room: Room, site: Site) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    before = (room.tree / "mirrors.json").read_bytes()
    site.add(Story(2, section="News"))
    room.change('title = "The News"', 'title = "The Newest"')
    await rounds(room, NOW + 30 * HOUR)
    assert "The Newest" in (room.tree / "index.html").read_text()
    assert (room.tree / "mirrors.json").read_bytes() == before

    room.change("https://two.example/x7/", "https://three.example/x9/")
    await rounds(room, NOW + 60 * HOUR)

    after = json.loads((room.tree / "mirrors.json").read_bytes())
    assert [one["url"] for one in after["mirrors"]] == [
        "https://one.example/x7/",
        "https://three.example/x9/",
    ]
    assert after["updated"] > json.loads(before)["updated"]
    assert "three.example" in (room.tree / "mirrors.html").read_text()
    room.check(NOW + 60 * HOUR)


async def test_a_mirror_that_is_unlisted_is_named_nowhere(room: Room, site: Site) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    room.change(
        'push = "file://' + str(room.mirror("two")),
        'listed = false\npush = "file://' + str(room.mirror("two")),
    )

    await rounds(room, NOW + HOUR)

    named = [
        path
        for path in room.tree.rglob("*")
        if path.is_file() and b"two.example" in path.read_bytes()
    ]
    assert named == []
    room.check(NOW + HOUR)


async def test_feeds_that_the_config_drops_are_gone(room: Room, site: Site) -> None:
    site.add(Story(1, section="News"))
    await rounds(room, NOW)
    assert (room.tree / "feeds/s-news.rss").exists()
    room.text += "\n[feeds]\nsections = false\n"

    await rounds(room, NOW + HOUR)

    assert not (room.tree / "feeds/s-news.rss").exists()
    assert not (room.mirror("one") / "feeds/s-news.rss").exists()
    assert "feeds/s-news.rss" not in room.listed()
    rows = room.sql("SELECT sha FROM mutable WHERE path = 'feeds/s-news.rss'")
    assert rows == [(EMPTY_SHA,)]
    room.check(NOW + HOUR)


async def test_a_config_change_reaches_every_mutable_page(room: Room, site: Site) -> None:
    site.add(Story(1, section="News"))
    await rounds(room, NOW)
    room.change('title = "The News"', 'title = "Vestnik"')

    await rounds(room, NOW + HOUR)

    for path in room.listed():
        if path.endswith(".html"):
            assert "The News" not in (room.tree / path).read_text(), path
    room.check(NOW + HOUR)
