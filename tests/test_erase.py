"""An erased article is nowhere: not in the tree, on a mirror, in the database or beside it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # has no types
import pytest

from feeds.article import State
from feeds.paths import CHECKPOINT
from mirror.cli.main import run
from mirror.erase import withdraw
from mirror.errors import StoreFullError
from mirror.schedule import serve
from mirror.service import Service
from mirror.store.database import Database
from tests.pictures import Pictures
from tests.service.room import HOUR, NOW, Room, Site, Story, make_room, rounds, running

PHRASE = "the zebra whispered to the lighthouse keeper"
TEXT = (
    f"<p>Nobody else wrote that {PHRASE}, and what follows is said at some length.</p>"
    + "".join(
        f"<p>Paragraph {n} of the story goes on about the zebra, number {n * 37} and the keeper's"
        f" own account of day {n}, so that no two of them are the same to anybody.</p>"
        for n in range(4)
    )
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running(Pictures()) as site:
        yield site


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Room:
    return make_room(tmp_path / "room", site)


def places_with(room: Room, *needles: bytes) -> list[str]:
    """Every file of the room that holds one of ``needles``, packed ones unpacked."""
    found = []
    for path in room.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.is_relative_to(room.data / "raw"):
                data = brotli.decompress(data)
            if any(needle in data for needle in needles):
                found.append(str(path.relative_to(room.folder)))
    return found


def picture_files(room: Room) -> set[str]:
    return {path.relative_to(room.tree).as_posix() for path in room.tree.glob("m/*/*")}


async def say(room: Room, article: str, *, erase: bool = True) -> bool:
    database = await Database.open("sqlite", room.data)
    try:
        return await withdraw(database, article, home=room.config.site.url, erase=erase)
    finally:
        await database.close()


async def test_nothing_of_an_erased_article_is_left_anywhere(room: Room, site: Site) -> None:
    picture = f'<p><img src="{site.base}/pictures/1" alt="" width="640" height="360"></p>'
    story = Story(1, title=f"Where {PHRASE} at night", text=TEXT + picture, section="News")
    other = Story(2, section="News")
    site.add(story, other)
    await rounds(room, NOW)
    story.text = (
        TEXT.replace("nobody", "no one") + picture + "<p>A second thought of the zebra.</p>"
    )
    await rounds(room, NOW + 2 * HOUR)
    pictures = {path: (room.tree / path).read_bytes() for path in picture_files(room)}
    assert pictures
    assert places_with(room, PHRASE.encode())
    article = room.id(story)

    assert await say(room, article)
    await rounds(room, NOW + 3 * HOUR)

    assert places_with(room, PHRASE.encode(), *pictures.values()) == []
    assert places_with(room, b"zebra", site.base.encode() + story.path.encode()) == []
    assert not picture_files(room)
    assert list((room.data / "incoming").rglob("*.*")) == []
    assert "withdrawn" in room.page(article).lower()
    assert room.feed()[article]["title"] == "Withdrawn"
    assert room.feed()[room.id(other)]["title"] == other.title
    room.check(NOW + 3 * HOUR)


async def test_a_mirror_that_was_away_deletes_it_later(room: Room, site: Site) -> None:
    story = Story(1, text=TEXT)
    site.add(story, Story(2))
    await rounds(room, NOW)
    away = room.mirror("two").rename(room.folder / "away")
    room.mirror("two").write_text("in the way")

    await say(room, room.id(story))
    await rounds(room, NOW + HOUR)
    assert [
        path for path in places_with(room, PHRASE.encode()) if not path.startswith("away")
    ] == []
    room.mirror("two").unlink()
    away.rename(room.mirror("two"))
    assert places_with(room, PHRASE.encode())
    await rounds(room, NOW + 2 * HOUR)

    assert places_with(room, PHRASE.encode()) == []
    room.check(NOW + 2 * HOUR)


async def test_a_picture_that_another_article_shows_stays(room: Room, site: Site) -> None:
    picture = f'<p><img src="{site.base}/pictures/1" alt="" width="640" height="360"></p>'
    first, second = Story(1, text=TEXT + picture), Story(2)
    second.text += picture
    site.add(first, second)
    await rounds(room, NOW)
    before = picture_files(room)
    assert before

    await say(room, room.id(first))
    await rounds(room, NOW + HOUR)

    assert picture_files(room) == before
    room.check(NOW + HOUR)


async def test_closed_lists_no_longer_name_it(room: Room, site: Site) -> None:
    story = Story(1, title=f"How {PHRASE} once", text=TEXT)
    site.add(story, *(Story(number) for number in range(2, 56)))
    await rounds(room, NOW)
    closed = room.tree / "l/all/1.html"
    assert PHRASE in closed.read_text()

    await say(room, room.id(story))
    await rounds(room, NOW + HOUR)

    assert PHRASE not in closed.read_text()
    assert room.id(story) in closed.read_text()
    assert places_with(room, PHRASE.encode()) == []
    room.check(NOW + HOUR)


async def test_an_erased_article_is_not_read_again(room: Room, site: Site) -> None:
    story = Story(1, text=TEXT)
    site.add(story)
    await rounds(room, NOW)
    await say(room, room.id(story))
    await rounds(room, NOW + HOUR)
    story.title = "The zebra comes back under another name"
    moved = Story(3, moved_to=site.base + story.path)
    site.add(moved)

    await rounds(room, NOW + 2 * HOUR, NOW + 26 * HOUR)

    assert places_with(room, PHRASE.encode(), b"zebra") == []
    assert site.times(story.path) == 2  # once more through the new address, and never again
    assert site.times(moved.path) == 1
    assert "Withdrawn" in room.page(room.id(story))
    room.check(NOW + 26 * HOUR)


async def test_reasons_of_other_articles_do_not_name_its_address(room: Room, site: Site) -> None:
    story = Story(1, text=TEXT)
    site.add(story)
    await rounds(room, NOW)
    site.add(Story(3, canonical=story.path))
    await rounds(room, NOW + HOUR)
    ((reasons,),) = room.sql("SELECT reasons FROM version WHERE status = 'held'")
    assert story.path in reasons

    await say(room, room.id(story))

    ((reasons,),) = room.sql("SELECT reasons FROM version WHERE status = 'held'")
    assert "claims an erased address" in reasons


async def test_one_that_was_only_held_leaves_nothing_either(room: Room, site: Site) -> None:
    story = Story(1, text=f"<p>{PHRASE}.</p>")
    site.add(story, Story(2))
    await rounds(room, NOW)
    assert not room.path(room.id(story)).exists()
    assert places_with(room, PHRASE.encode())

    await say(room, room.id(story))
    await rounds(room, NOW + HOUR)

    assert places_with(room, PHRASE.encode()) == []
    room.check(NOW + HOUR)


async def test_withdrawn_softly_it_can_still_be_erased(room: Room, site: Site) -> None:
    story = Story(1, text=TEXT)
    site.add(story, Story(2))
    await rounds(room, NOW)
    await say(room, room.id(story), erase=False)
    await rounds(room, NOW + HOUR)
    assert PHRASE not in room.page(room.id(story))
    assert story.title in room.page(room.id(story))
    assert story.title not in (room.tree / "index.html").read_text()
    assert room.feed()[room.id(story)]["title"] == story.title

    assert await say(room, room.id(story))
    assert not await say(room, room.id(story))
    await rounds(room, NOW + 2 * HOUR)

    assert story.title not in room.page(room.id(story))
    assert places_with(room, PHRASE.encode(), story.title.encode()) == []
    room.check(NOW + 2 * HOUR)


async def test_a_word_that_comes_while_an_edition_is_made_is_not_lost(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(1, text=TEXT)
    site.add(story, Story(2))
    async with Service.open(room.config) as service:
        composer = service.parts.composer
        draft = composer.draft

        async def draft_and_then(*arguments: object) -> object:
            made = await draft(*arguments)  # type: ignore[arg-type]
            if made is not None and made.articles == 2:
                later.append(room.id(story))
            return made

        later: list[str] = []
        publish = service.parts.log.publish

        async def publish_after(*arguments: object) -> object:
            if later:
                await withdraw(
                    service.parts.database, later.pop(), home=room.config.site.url, erase=True
                )
            return await publish(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(type(composer), "draft", lambda _, *a: draft_and_then(*a))
        monkeypatch.setattr(type(service.parts.log), "publish", lambda _, *a: publish_after(*a))
        await service.round(NOW)
        monkeypatch.undo()
        await service.round(NOW + HOUR)

    assert places_with(room, PHRASE.encode()) == []
    assert room.sql("SELECT state FROM article WHERE id = ?", room.id(story)) == [
        (State.WITHDRAWN,)
    ]
    room.check(NOW + HOUR)


async def test_the_command_says_what_remains_where(
    room: Room, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(1, text=TEXT)
    site.add(story)
    await rounds(room, NOW)
    (room.folder / "config.toml").write_text(room.text)
    address = site.base + story.path
    config = str(room.folder / "config.toml")
    status = await asyncio.to_thread(
        run, ["articles", "withdraw", address, "--erase", "--config", config]
    )

    told = capsys.readouterr().out
    assert status == 0
    for word in ("The log", "Backups", "feed readers", "one, two", "run --once"):
        assert word in told
    await rounds(room, NOW + timedelta(minutes=1))
    assert places_with(room, PHRASE.encode()) == []


async def test_cut_short_before_the_last_step_it_is_done_at_the_next_round(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(1, text=TEXT)
    site.add(story, Story(2))
    await rounds(room, NOW)
    await say(room, room.id(story))

    async def full(_: Database) -> bool:
        raise StoreFullError("the database")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "scrub", full)
        lines = await rounds(room, NOW + HOUR)
    assert any("no space left" in line for line in lines), lines
    assert room.sql("SELECT name FROM kept WHERE name LIKE 'erase/%'")
    await rounds(room, NOW + 2 * HOUR)

    assert places_with(room, PHRASE.encode()) == []
    assert not room.sql("SELECT name FROM kept WHERE name LIKE 'erase/%'")
    room.check(NOW + 2 * HOUR)


@pytest.mark.real
async def test_a_running_service_hears_of_it_within_seconds(room: Room, site: Site) -> None:
    story = Story(1, text=TEXT)
    site.add(story, Story(2))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    room.text += f'\n[web]\nlisten = "127.0.0.1:{port}"\n'
    stop = asyncio.Event()
    service = asyncio.create_task(serve([room.config], stop=stop))
    mirrored = room.mirror("one") / room.path(room.id(story)).relative_to(room.tree)
    await until(lambda: mirrored.exists() and PHRASE in mirrored.read_text())

    await say(room, room.id(story))
    await until(lambda: "Withdrawn" in mirrored.read_text())
    await until(lambda: not room.sql("SELECT name FROM kept WHERE name LIKE 'erase/%'"))
    await until(lambda: head(room.mirror("one")) == head(room.tree))  # the push has ended
    stop.set()
    await service

    assert places_with(room, PHRASE.encode()) == []
    room.check()


def head(tree: Path) -> bytes:
    return (tree / CHECKPOINT).read_bytes()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail after a while."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110  # a file of another task; nothing tells of it
            await asyncio.sleep(0.2)
