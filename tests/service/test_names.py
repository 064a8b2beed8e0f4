"""Every author and every tag has lists, however many there are, and without configuration."""

import re
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from feeds.edition import MAX_SUMS_BYTES
from feeds.weight import LIMIT, on_wire
from mirror.erase import withdraw
from mirror.publish.name_marks import catch_up_names
from mirror.recover import recover
from mirror.service import Service
from tests.service.room import HOUR, NOW, Room
from tests.service.test_history import name_of, put


def by(name: str, kind: str = "by") -> str:
    named = sha256(name.casefold().encode()).hexdigest()[:12]
    return f"{kind}/{named[:2]}/{named}"


def articles_on(room: Room, name: str, page: int = 1) -> list[str]:
    text = (room.tree / f"l/{name}/{page}.html").read_text()
    return re.findall(r"a/00/([0-9a-f]{16})\.html", text)


def followed(room: Room, start: str) -> dict[str, str]:
    """Every page that is linked from ``start``, and from there on, by path."""
    pages: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in pages:
            pages[path] = (room.tree / path).read_text()
            folder = (room.tree / path).parent
            for link in re.findall(r'href="([^":#]*\.html)"', pages[path]):
                to = (folder / link).resolve().relative_to(room.tree.resolve()).as_posix()
                waiting += [to] if to.startswith("l/") else []
    return pages


async def test_contents_lead_to_lists_of_every_author_and_of_tags_that_come_back(
    room: Room,
) -> None:
    async with Service.open(room.config) as service:
        await put(service, [1], authors=("Ann Writer", "Юрий Автор"), tags=("Weather", "Once"))
        await put(service, [2, 3], authors=("ann  writer",), tags=("weather",))
        await service.publish(NOW)

    pages = followed(room, "l/index.html")
    assert articles_on(room, by("Ann Writer")) == [name_of(3), name_of(2), name_of(1)]
    assert articles_on(room, by("Юрий Автор")) == [name_of(1)]
    assert articles_on(room, by("Weather", "tag")) == [name_of(3), name_of(2), name_of(1)]
    assert not (room.tree / f"l/{by('Once', 'tag')}").exists()
    assert (
        f'<a href="../../l/{by("Юрий Автор")}/1.html" dir="auto">' in pages["l/authors-044e/1.html"]
    )
    assert "Weather" in pages["l/topics-w/1.html"]
    assert {f"l/{by(name)}/1.html" for name in ("Ann Writer", "Юрий Автор")} <= pages.keys()
    assert not any(re.match("l/(by|tag|authors-|topics-)", path) for path in room.listed())
    room.check(mirrors=())


async def test_a_full_page_closes_and_the_contents_follow(room: Room) -> None:
    ann = by("Ann")
    async with Service.open(room.config) as service:
        await put(service, range(49), authors=("Ann",))
        await service.publish(NOW)
        await put(service, [49], authors=("Ann",))
        await service.publish(NOW)
        contents = (room.tree / "l/authors-a/1.html").read_text()
        await put(service, [50], authors=("Ann",))
        await service.publish(NOW)
        full = (room.tree / f"l/{ann}/1.html").read_text()
        await put(service, range(51, 110), authors=("Ann",))
        await put(service, [3], "It was corrected.", authors=("Ann",))
        await service.publish(NOW + HOUR)

    assert f"l/{ann}/1.html" in contents
    assert f"l/{ann}/3.html" in (room.tree / "l/authors-a/1.html").read_text()
    assert (room.tree / f"l/{ann}/1.html").read_text() == full
    listed = [one for page in (3, 2, 1) for one in articles_on(room, ann, page)]
    assert listed == [name_of(number) for number in range(109, -1, -1)]
    assert f"l/{ann}/2.html" in full
    room.check(NOW + HOUR, mirrors=())


async def test_an_edition_logs_only_lists_of_its_own_authors(room: Room) -> None:
    async with Service.open(room.config) as service:
        await put(service, range(40), authors=("Ann", "Bo"))
        await service.publish(NOW)
        [(before,)] = room.sql("SELECT size FROM log")
        await put(service, [40], authors=("Bo",))
        await service.publish(NOW)
        await put(service, [41])
        await service.publish(NOW)

    new = room.sql('SELECT path FROM leaf WHERE "index" >= ? AND path LIKE ?', before, "l/%")
    assert new == [(f"l/{by('Bo')}/1.html",)]


async def test_thousands_of_names_keep_every_limit(room: Room) -> None:
    async with Service.open(room.config) as service:
        for first in (0, 20):
            for number in range(first, first + 20):
                names = tuple(f"{'Щ' * 30} {number} {n} {'э' * 40}" for n in range(50))
                await put(service, [number], authors=names, tags=(*names[3:], "", " ", "x" * 900))
            await service.publish(NOW)

    assert len(room.sql("SELECT list FROM name WHERE list LIKE 'by/%'")) == 400
    assert (room.tree / "SHA256SUMS").stat().st_size < MAX_SUMS_BYTES / 4
    pages = followed(room, "l/index.html")
    assert sum(path.startswith("l/by/") for path in pages) == 400
    assert all(on_wire(text.encode()) <= LIMIT for text in pages.values())
    room.check(mirrors=())


@pytest.mark.parametrize("name", ["CON", "../..", "!!!", "<b>&", "مريم", "李", "😀", "null"])
async def test_strange_names_make_sound_pages(room: Room, name: str) -> None:
    async with Service.open(room.config) as service:
        await put(service, range(3), authors=(name,), tags=(name, name.upper()))
        await service.publish(NOW)

    pages = followed(room, "l/index.html")
    assert f"l/{by(name)}/1.html" in pages
    assert f"l/{by(name, 'tag')}/1.html" in pages
    assert "<b>&" not in "".join(pages.values())
    room.check(mirrors=())


async def test_a_correction_brings_an_article_to_a_new_authors_list(room: Room) -> None:
    async with Service.open(room.config) as service:
        await put(service, [1], authors=("Ann",))
        await service.publish(NOW)
        await put(service, [1], "It was Bo.", authors=("Bo",))
        await service.publish(NOW + HOUR)

    assert articles_on(room, by("Bo")) == [name_of(1)]
    assert articles_on(room, by("Ann")) == [name_of(1)]  # places are for ever
    assert "corrected" in (room.tree / f"l/{by('Ann')}/1.html").read_text()


@pytest.mark.parametrize("steps", [0, 1, 40])
async def test_an_archive_that_was_there_before_gets_its_lists_bit_by_bit(
    room: Room, steps: int
) -> None:
    async with Service.open(room.config) as service:
        await put(service, range(120), authors=("Ann",), tags=("Weather",))
        await put(service, range(120, 122), authors=("Bo",), tags=("Rare",))
        await service.publish(NOW)
    with closing(sqlite3.connect(room.data / "tamizdat.sqlite3")) as old, old:
        old.execute("DELETE FROM name")
        old.execute("DELETE FROM listing WHERE list LIKE 'by/%' OR list LIKE 'tag/%'")
        old.execute("DELETE FROM kept WHERE name IN ('named', 'shelves')")
        old.execute("DELETE FROM leaf WHERE path LIKE 'l/by/%' OR path LIKE 'l/tag/%'")

    async with Service.open(room.config) as service:
        for _ in range(steps):
            async with service.parts.database.begin() as connection:
                await catch_up_names(connection, limit=7)
        await put(service, [122], authors=("Ann",), tags=("Rare",))
        await service.publish(NOW)
        assert await service.publish(NOW) == ()

    on = [one for page in (1, 2, 3) for one in articles_on(room, by("Ann"), page)]
    assert sorted(on) == [*map(name_of, range(120)), name_of(122)]
    assert len(articles_on(room, by("Rare", "tag"))) == 3
    assert f"l/{by('Bo')}/1.html" in followed(room, "l/index.html")
    assert room.sql("SELECT count(*) FROM name WHERE due = 1") == [(0,)]


async def test_what_is_erased_names_no_author_and_no_tag(room: Room) -> None:
    async with Service.open(room.config) as service:
        await put(service, [1, 2, 3], authors=("Ann",), tags=("Weather",))
        await put(service, [4], authors=("Ann", "Secret Source"), tags=("Hidden Place",))
        await put(service, [5, 6], tags=("Hidden Place",))
        await service.publish(NOW)
        assert "Secret Source" in "".join(followed(room, "l/index.html").values())
        for number in (4, 5, 6):
            home = room.config.site.url
            await withdraw(service.parts.database, name_of(number), home=home, erase=True)
        await service.publish(NOW + HOUR)
        await service.publish(NOW + HOUR)

    assert articles_on(room, by("Ann")) == [name_of(3), name_of(2), name_of(1)]
    assert not (room.tree / f"l/{by('Secret Source')}/1.html").exists()
    assert not (room.tree / f"l/{by('Hidden Place', 'tag')}/1.html").exists()
    for path in room.tree.rglob("*"):
        if path.is_file():
            assert b"Secret Source" not in path.read_bytes(), path
            assert b"Hidden Place" not in path.read_bytes(), path
    assert "Secret Source" not in room.rows()
    assert "Hidden Place" not in room.rows()
    async with Service.open(room.config) as service:
        await put(service, [7], authors=("Ann", "Secret Source"))
        await service.publish(NOW + 2 * HOUR)
    assert articles_on(room, by("Ann"))[0] == name_of(7)
    assert articles_on(room, by("Secret Source")) == [name_of(7)]
    room.check(NOW + 2 * HOUR, mirrors=())


async def test_lists_of_names_come_back_from_a_mirror(room: Room) -> None:
    async with Service.open(room.config) as service:
        await put(service, range(60), authors=("Ann", "Ánna"), tags=("Weather",))
        await put(service, range(60, 62), authors=("Bo",), tags=("Rare",))
        await service.publish(NOW)
        await service.push(["one", "two"], NOW)
    before = {p: (room.tree / p).read_bytes() for p in followed(room, "l/index.html")}
    for path in room.data.glob("tamizdat*"):
        path.unlink()
    await recover(room.config, "one", now=NOW)

    async with Service.open(room.config) as service:
        await service.publish(NOW + HOUR)
        after = {p: (room.tree / p).read_bytes() for p in followed(room, "l/index.html")}
        assert after == before
        await put(service, [62], authors=("Ann",), tags=("Rare",))
        await service.publish(NOW + HOUR)

    assert articles_on(room, by("Ann"), 2)[0] == name_of(62)
    assert articles_on(room, by("Rare", "tag")) == [name_of(n) for n in (62, 61, 60)]
    room.check(NOW + HOUR, mirrors=())
