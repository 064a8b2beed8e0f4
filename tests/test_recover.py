"""A machine restored from a backup, or left with its keys, takes over what a mirror holds."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mirror.erase import withdraw
from mirror.errors import ConfigError, RecoverError, StoreFullError
from mirror.publish.staging import Staging
from mirror.recover import recover
from mirror.source.item import Item
from mirror.store import sources
from mirror.store.database import Database
from mirror.store.sources import Waiting
from mirror.store.tables import FOUND
from tests.pictures import Pictures
from tests.service.room import HOUR, NOW, Room, Story, make_room, rounds, running

TABLES = {
    "article": "SELECT id, state, version, published, updated, section, language FROM article",
    "address": "SELECT id, article, logged FROM address",
    "version": "SELECT article, number, status, page, until, change FROM version",
    "file": "SELECT path, article FROM file",
    "leaf": 'SELECT path, sha, "index", first FROM leaf',
    "mutable": "SELECT path, sha FROM mutable WHERE sha NOT LIKE 'e3b0c442%'",
    "edition": "SELECT size, root FROM edition",
    "listing": "SELECT list, place, article FROM listing",
    "archived": "SELECT feed, number, article FROM archived WHERE number > 0",
    "section": "SELECT slug, name, place FROM section",
    "log": "SELECT origin, size, root, signed, time, head FROM log",
    "kept": "SELECT name, value FROM kept WHERE name IN ('languages', 'begun', 'addresses')",
}


RUSSIAN = (
    "Городской совет сообщил, что новый мост откроют весной, и что по нему будут ездить автобусы."
)


@pytest.fixture
async def site() -> AsyncIterator[Pictures]:
    site = Pictures()
    async with running(site):
        yield site


@pytest.fixture
def room(tmp_path: Path, site: Pictures) -> Room:
    return make_room(tmp_path / "room", site)


def known(room: Room) -> dict[str, list[Any]]:
    """What the database says, row by row; the same before and after."""
    return {name: sorted(room.sql(query)) for name, query in TABLES.items()}


def site_files(room: Room) -> dict[str, tuple[int, int]]:
    return {path: stat for path, stat in room.files().items() if "/data/site/" in path}


def back_up(room: Room) -> Path:
    """A copy of the data folder, made while nothing runs."""
    return Path(shutil.copytree(room.data, room.folder / "backup"))


def restore(room: Room, backup: Path) -> None:
    shutil.rmtree(room.data)
    shutil.copytree(backup, room.data)


def lose_all_but_keys(room: Room) -> None:
    for path in room.data.iterdir():
        if path.name != "secret":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def long_text(number: int) -> str:
    """More than one page holds, and no two paragraphs alike."""
    line = "Paragraph {0} of story {1}: {2} counted {3} ships and {4} birds before the {5} rain."
    return "".join(
        f"<p>{line.format(n, number, n * 7919 % 9973, n * 31, n * number, n * 104729 % 7907)}</p>"
        for n in range(600)
    )


async def two_days(room: Room, site: Pictures) -> tuple[Path, list[Story]]:
    """A backup after the first day, then a second one with news, corrections and a move."""
    stories = [Story(number, section=("News", "Culture")[number % 2]) for number in range(4)]
    stories[1].text += site.figure(1, "The  slope,\nseen from the  harbour.") + site.figure(2)
    site.add(*stories)
    await rounds(room, NOW)
    backup = back_up(room)
    stories[0].text += "<p>The council has since said that the bridge will stay closed.</p>"
    stories[1].title = "The harbour council thinks again about bridge number 1"
    stories[2].status = 410
    new = [Story(number, section="Sport") for number in range(10, 14)]
    new[0].text = site.figure(3, "Ships.") + long_text(10)
    new[1].language, new[1].title = "ru", "Гавань открыла мост номер одиннадцать"
    new[1].text = "".join(f"<p>{RUSSIAN} Это сказано в {n} раз.</p>" for n in range(5))
    moved = Story(20)
    site.add(*new, moved)
    moved.moved_to = site.base + new[2].path
    await rounds(room, NOW + 2 * HOUR)
    stories[0].text += "<p>And later it said that it would open after all.</p>"
    await rounds(room, NOW + 9 * HOUR)
    return backup, [*stories, *new]


async def two_rounds(room: Room, site: Pictures) -> tuple[Path, Story]:
    """A backup after the first article, then another article."""
    site.add(Story(1))
    await rounds(room, NOW)
    backup = back_up(room)
    later = Story(2)
    site.add(later)
    await rounds(room, NOW + HOUR)
    return backup, later


async def read_again(room: Room) -> None:
    """Let every article that is still on the site be read at the next round."""
    database = await Database.open("sqlite", room.data)
    live = [story for story in room.site.stories.values() if story.status == 200]
    async with database.begin() as connection:
        await connection.execute(FOUND.delete())
        waiting = [
            Waiting(
                id=room.id(story),
                item=Item(url=room.site.base + story.path, id=story.path, section=story.section),
                source="test",
                found=NOW + 9 * HOUR,
                due=NOW,
            )
            for story in live
            if not story.moved_to
        ]
        await sources.put_waiting(connection, waiting)
    await database.close()


async def check_nothing_is_new(room: Room) -> None:
    """A round after it publishes no article, and readers see the same ids, dates and texts."""
    before = room.feed()
    await read_again(room)
    lines = await rounds(room, NOW + 10 * HOUR)
    (read,) = (line for line in lines if line.startswith("articles"))
    assert re.fullmatch(r"articles: [89] same", read), lines  # one has two addresses
    editions = [line for line in lines if line.startswith("edition")]
    assert all(line.endswith(": 0 articles") for line in editions), lines
    after = room.feed()
    assert after == before
    room.check(NOW + 10 * HOUR)


async def test_a_restored_backup_knows_all_again(room: Room, site: Pictures) -> None:
    backup, _ = await two_days(room, site)
    before, feed = known(room), room.feed()
    restore(room, backup)
    lines = await rounds(room, NOW + 9 * HOUR)
    assert any("recover --from" in line for line in lines), lines
    restore(room, backup)

    result = await recover(room.config, "two", now=NOW + 9 * HOUR)

    assert (result.before, result.size) == (
        min(size for size, _ in before["edition"]),
        before["log"][0][1],
    )
    assert not result.problems
    after = known(room)
    for table in TABLES:
        assert after[table] == before[table], table
    assert room.feed() == feed
    room.check(NOW + 9 * HOUR)
    await check_nothing_is_new(room)


async def test_an_empty_data_folder_is_built_again(room: Room, site: Pictures) -> None:
    await two_days(room, site)
    before, feed = known(room), room.feed()
    lose_all_but_keys(room)

    result = await recover(room.config, "one", now=NOW + 9 * HOUR)

    assert (result.before, result.problems) == (0, ())
    after = known(room)
    for table in TABLES:
        assert after[table] == before[table], table
    assert room.feed() == feed
    room.check(NOW + 9 * HOUR)
    await check_nothing_is_new(room)


async def test_what_is_missing_is_named_and_nothing_changes(room: Room, site: Pictures) -> None:
    backup, story = await two_rounds(room, site)
    article = room.id(story)
    path = f"a/{article[:2]}/{article}.html"
    (room.mirror("one") / path).unlink()
    (room.mirror("two") / path).write_bytes(b"something else")
    restore(room, backup)
    rows, tree = room.rows(), site_files(room)

    with pytest.raises(RecoverError, match=r"(?s)1 files are missing or wrong.*" + path):
        await recover(room.config, "one", now=NOW + 9 * HOUR)

    assert room.rows() == rows
    assert site_files(room) == tree


async def test_another_mirror_helps_out(room: Room, site: Pictures) -> None:
    backup, _ = await two_rounds(room, site)
    before = known(room)
    for path in list((room.mirror("one") / "a").rglob("*.html")):
        path.write_bytes(b"something else")
    restore(room, backup)

    await recover(room.config, "one", now=NOW + 9 * HOUR)

    assert known(room) == before
    room.check(NOW + 9 * HOUR, mirrors=("two",))


async def test_a_fork_is_told_and_both_heads_are_kept(room: Room, site: Pictures) -> None:
    backup, _ = await two_rounds(room, site)
    site.add(Story(3))
    await rounds(room, NOW + 2 * HOUR)
    theirs = (room.mirror("one") / "log/checkpoint").read_bytes()
    restore(room, backup)
    with_mirrors = room.text
    room.text = room.text.partition('[[mirror]]\nname = "one"')[0]
    site.add(Story(77))
    await rounds(room, NOW + 3 * HOUR)
    room.text = with_mirrors
    rows = room.rows()

    with pytest.raises(RecoverError, match="part ways"):
        await recover(room.config, "one", now=NOW + 9 * HOUR)

    assert room.rows() == rows
    (kept,) = (room.data / "evidence").iterdir()
    assert (kept / "theirs").read_bytes() == theirs
    assert (kept / "ours").read_bytes() == (room.tree / "log/checkpoint").read_bytes()


async def test_what_waits_in_the_backup_stays(room: Room, site: Pictures) -> None:
    held, changed = Story(1, text="<p>Too short.</p>"), Story(2)
    site.add(held, changed)
    await rounds(room, NOW)
    changed.text = "<p>Shrunk.</p>"
    await rounds(room, NOW + 2 * HOUR)
    assert {row[2] for row in known(room)["version"]} == {"held", "published"}
    backup = back_up(room)
    site.add(Story(3))
    await rounds(room, NOW + 3 * HOUR)
    before = known(room)
    restore(room, backup)

    await recover(room.config, "one", now=NOW + 3 * HOUR)

    assert known(room) == before


async def test_what_was_erased_since_the_backup_goes_again(room: Room, site: Pictures) -> None:
    story = Story(1, text="<p>The zebra met the keeper, it says here. So it was told.</p>" * 9)
    site.add(story, Story(2))
    await rounds(room, NOW)
    backup = back_up(room)
    database = await Database.open("sqlite", room.data)
    await withdraw(database, room.id(story), home=room.config.site.url, erase=True)
    await database.close()
    await rounds(room, NOW + HOUR)
    restore(room, backup)
    shutil.rmtree(backup)

    await recover(room.config, "one", now=NOW + HOUR)
    await rounds(room, NOW + 2 * HOUR)

    files = [path for path in room.folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"zebra" in path.read_bytes()] == []
    assert "Withdrawn" in room.page(room.id(story))
    room.check(NOW + 2 * HOUR)


async def test_damage_at_the_same_size_is_mended(room: Room, site: Pictures) -> None:
    site.add(*(Story(number) for number in range(3)))
    await rounds(room, NOW)
    for path in (*(room.tree / "log/tile/0").rglob("*"), *(room.tree / "a").rglob("*.html")):
        if path.is_file():
            path.write_bytes(b"damaged")
    before = known(room)

    result = await recover(room.config, "one", now=NOW + HOUR)

    assert (result.before, result.editions, result.articles) == (result.size, 0, 0)
    assert known(room) == before
    room.check(NOW + HOUR)


async def test_a_mirror_that_is_behind_or_unknown_has_nothing_to_give(
    room: Room, site: Pictures
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    old = (room.mirror("two") / "log/checkpoint").read_bytes()
    site.add(Story(2))
    await rounds(room, NOW + HOUR)
    (room.mirror("two") / "log/checkpoint").write_bytes(old)

    with pytest.raises(RecoverError, match="nothing to take over"):
        await recover(room.config, "two", now=NOW + HOUR)
    with pytest.raises(ConfigError, match="it has: one, two"):
        await recover(room.config, "three", now=NOW + HOUR)
    (room.mirror("two") / "log/checkpoint").write_bytes(old.replace(b"news", b"fake"))
    with pytest.raises(RecoverError, match="not by our log key"):
        await recover(room.config, "two", now=NOW + HOUR)


async def test_cut_short_after_the_commit_the_next_start_goes_on(
    room: Room, site: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, _ = await two_rounds(room, site)
    before = known(room)
    restore(room, backup)

    def full(*_: object) -> None:
        raise StoreFullError("the disk")

    with monkeypatch.context() as patched:
        patched.setattr(Staging, "place", full)
        with pytest.raises(StoreFullError):
            await recover(room.config, "one", now=NOW + HOUR)
    await rounds(room, NOW + HOUR)

    assert known(room)["leaf"] == before["leaf"]
    room.check(NOW + HOUR)
