"""Feeds and their archives hold everything that was ever published (RFC 5005)."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from feeds.pages import section_slug
from feeds.snapshot import Snapshot
from feeds.words import words_for
from mirror.erase import withdraw
from mirror.recover import recover
from mirror.service import Service
from mirror.store import versions
from mirror.store.versions import NewVersion
from tests.feeds.feed_rules import ATOM, check_atom, check_rss
from tests.feeds.history import chain, everything, links
from tests.service.room import HOUR, NOW, Room, prose

SHORT = "[feeds]\nentries = 10\n"
FIRST = NOW - 5000 * HOUR


def snapshot(number: int, text: str = "", **fields: object) -> Snapshot:
    moment = FIRST + timedelta(hours=number)
    every: dict[str, object] = {
        "source_url": f"https://news.example/story-{number}",
        "fetched_at": moment,
        "published_at": moment,
        "title": f"Bridge number {number}",
        "body_html": f"<p>{text}</p>{prose(number)}",
        "language": "en",
    }
    return Snapshot(**{**every, **fields})  # type: ignore[arg-type]  # checked at run time


def name_of(number: int) -> str:
    return f"{number:016x}"


def tag_of(number: int) -> str:
    return f"tag:news.example,2026:{name_of(number)}"


async def put(service: Service, numbers: Iterable[int], text: str = "", **fields: object) -> None:
    """Let these wait to be published, as if they had just been read."""
    async with service.parts.database.begin() as connection:
        for number in numbers:
            new = NewVersion(
                article=name_of(number),
                addresses={name_of(number): f"news.example/story-{number}"},
                snapshot=snapshot(number, text, **fields),
                headers={},
            )
            await versions.add(connection, new)


async def publish(room: Room, *batches: Sequence[int], now: datetime = NOW) -> None:
    """An edition of each of ``batches``."""
    async with Service.open(room.config) as service:
        for batch in batches:
            await put(service, batch)
            await service.publish(now)


def read_of(room: Room, mirror: str = "") -> "Reader":
    return Reader(room.mirror(mirror) if mirror else room.tree)


class Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


def documents(room: Room) -> dict[str, bytes]:
    found = room.tree.glob("feeds/archive/*/*")
    return {path.relative_to(room.tree).as_posix(): path.read_bytes() for path in found}


def articles_in(entries: Iterable[str]) -> set[str]:
    return {entry for entry in entries if not entry.endswith(":addresses")}


async def test_whoever_follows_the_archive_gets_everything_ever_published(room: Room) -> None:
    room.text += SHORT

    await publish(room, *(range(first, first + 12) for first in range(0, 96, 12)))

    read = read_of(room)
    assert articles_in(everything(read)) == {tag_of(number) for number in range(96)}
    assert len(chain(read)) == 1 + len(documents(room)) > 3
    rss = check_rss(read("feeds/all.rss"))
    assert links(rss.getparent(), "prev-archive") == links(
        check_atom(read("feeds/all.atom")), "prev-archive"
    )
    room.check(mirrors=())


async def test_a_closed_document_never_changes_again_and_is_a_leaf(room: Room) -> None:
    room.text += SHORT
    await publish(room, range(70))
    before = documents(room)

    await publish(room, range(70, 90))

    after = documents(room)
    assert before
    assert before.items() < after.items()
    assert {path for (path,) in room.sql("SELECT path FROM leaf")} >= set(after)
    assert not any(path.startswith("feeds/archive/") for path in room.listed())


async def test_an_old_article_that_is_found_late_is_in_the_archive(room: Room) -> None:
    room.text += SHORT
    await publish(room, range(1000, 1010))

    await publish(room, range(3))

    read = read_of(room)
    assert {tag_of(number) for number in range(3)} <= set(everything(read))
    assert tag_of(1).encode() not in read("feeds/all.atom")


async def test_a_correction_of_an_archived_article_is_found_before_what_it_corrects(
    room: Room,
) -> None:
    room.text += SHORT
    await publish(room, range(70))
    before = documents(room)

    async with Service.open(room.config) as service:
        await put(service, [3], "It was the other bridge.")
        await service.publish(NOW + HOUR)

    read = read_of(room)
    entry = everything(read)[tag_of(3)]
    assert "It was the other bridge." in entry.findtext(f"{ATOM}content")
    assert entry.findtext(f"{ATOM}updated") > entry.findtext(f"{ATOM}published")
    assert before.items() < documents(room).items()
    room.check(NOW + HOUR, mirrors=())


async def test_a_withdrawn_article_is_said_to_be_withdrawn_in_the_archive_too(room: Room) -> None:
    room.text += SHORT
    await publish(room, range(70))

    async with Service.open(room.config) as service:
        await withdraw(
            service.parts.database, name_of(3), home="https://news.example/", erase=False
        )
        await service.publish(NOW + HOUR)

    found = everything(read_of(room))
    assert found[tag_of(3)] is None
    assert found[tag_of(4)] is not None


async def test_an_erased_article_is_in_no_document_any_more_and_the_others_stay(room: Room) -> None:
    room.text += SHORT
    async with Service.open(room.config) as service:
        await put(service, [3], "The zebra whispered.")
        await put(service, (number for number in range(75) if number != 3))
        await service.publish(NOW)
        assert any(b"The zebra whispered." in data for data in documents(room).values())
        before = documents(room)

        await withdraw(service.parts.database, name_of(3), home="https://news.example/", erase=True)
        await service.publish(NOW + HOUR)

    after = documents(room)
    assert not any(b"zebra" in data for data in after.values())
    changed = [path for path, data in before.items() if after[path] != data]
    assert changed == ["feeds/archive/all/1.atom"]
    found = everything(read_of(room))
    assert articles_in(found) == {tag_of(number) for number in range(75)}
    assert found[tag_of(3)] is None
    room.check(NOW + HOUR, mirrors=())


async def test_a_feed_that_holds_everything_says_so_until_it_does_not(room: Room) -> None:
    room.text += SHORT
    await publish(room, range(10))
    for path in ("feeds/all.atom", "feeds/all.rss"):
        data = read_of(room)(path)
        assert b":complete/>" in data
        assert b"prev-archive" not in data

    await publish(room, [10])

    for path in ("feeds/all.atom", "feeds/all.rss"):
        data = read_of(room)(path)
        assert b":complete/>" not in data
        assert b"prev-archive" in data


async def test_what_leaves_a_feed_for_its_size_is_in_the_archive(room: Room) -> None:
    room.text += '[feeds]\nmax_bytes = "20kB"\n'
    async with Service.open(room.config) as service:
        for number in range(12):
            await put(service, [number], "A long word. " * 400)
            await service.publish(NOW)

    read = read_of(room)
    assert articles_in(everything(read)) == {tag_of(number) for number in range(12)}
    for path in ("feeds/all.rss", "feeds/all.atom", "feeds/all.json"):
        assert len(read(path)) <= 20_000
    assert all(len(data) <= 20_000 for data in documents(room).values())


async def test_another_computer_goes_on_with_the_archive_where_it_was(room: Room) -> None:
    room.text += SHORT
    async with Service.open(room.config) as service:
        await put(service, range(75))
        await service.publish(NOW)
        await service.push(["one"], NOW)
    before, rows = documents(room), sorted(room.sql("SELECT feed, number, article FROM archived"))
    for path in room.data.iterdir():
        if path.name.startswith("tamizdat"):
            path.unlink()

    await recover(room.config, "one", now=NOW)
    await publish(room, range(75, 100))

    assert before.items() < documents(room).items()
    assert {row for row in rows if row[1]} <= set(
        room.sql("SELECT feed, number, article FROM archived")
    )
    assert articles_in(everything(read_of(room))) == {tag_of(number) for number in range(100)}


async def test_a_newsroom_that_begins_an_archive_late_has_everything_in_it(room: Room) -> None:
    room.text += '[feeds]\nentries = 10\narchives = "none"\n'
    await publish(room, range(200), range(200, 400), range(400, 520))
    assert not documents(room)
    assert b"prev-archive" not in read_of(room)("feeds/all.atom")

    room.change('"none"', '"every"')
    await publish(room, [])

    read = read_of(room)
    assert articles_in(everything(read)) == {tag_of(number) for number in range(520)}
    room.check(mirrors=())


async def test_every_feed_may_have_an_archive_of_its_own(room: Room) -> None:
    room.text += '[feeds]\nentries = 5\narchives = "every"\ntags = ["Bridges"]\n'
    async with Service.open(room.config) as service:
        await put(service, range(0, 60, 2), section="News", tags=("bridges",))
        await put(service, range(1, 60, 2), section="Culture", language="ru")
        await service.publish(NOW)

    read = read_of(room)
    even = {tag_of(number) for number in range(0, 60, 2)}
    odd = {tag_of(number) for number in range(1, 60, 2)}
    for name, ids in (
        ("s-news", even),
        ("lang-en", even),
        ("tag-bridges", even),
        ("s-culture", odd),
        ("lang-ru", odd),
        ("all", even | odd),
    ):
        assert articles_in(everything(read, f"feeds/{name}.atom")) == ids, name


async def test_feeds_by_author_and_tag_are_there_and_hold_what_came_before_them(room: Room) -> None:
    async with Service.open(room.config) as service:
        await put(service, [1, 2], authors=("Ann Writer",), tags=("Weather",))
        await put(service, [3], authors=("Bo Editor",))
        await service.publish(NOW)
    room.text += '[feeds]\nauthors = ["ann writer", "Бо"]\ntags = ["Weather"]\n'

    async with Service.open(room.config) as service:
        await put(service, [4], authors=("Ann Writer", "Bo Editor"))
        await service.publish(NOW)
    assert set(room.feed("by-ann-writer")) == {name_of(1), name_of(2), name_of(4)}
    assert set(room.feed("tag-weather")) == {name_of(1), name_of(2)}
    assert not room.feed(f"by-{section_slug('Бо')}")
    front = (room.tree / "index.html").read_text()
    assert "feeds/by-ann-writer.rss" in front

    async with Service.open(room.config) as service:
        await put(service, [1], authors=("Bo Editor",), tags=("Weather",))
        await service.publish(NOW + HOUR)
    assert set(room.feed("by-ann-writer")) == {name_of(2), name_of(4)}
    assert set(room.feed("tag-weather")) == {name_of(1), name_of(2)}
    room.check(NOW + HOUR, mirrors=())


async def test_every_month_has_a_list_and_contents_change_where_one_goes_on(room: Room) -> None:
    contents = room.tree / "l/index.html"
    async with Service.open(room.config) as service:
        await put(service, range(70))
        await service.publish(NOW)
        month = f"{FIRST:%Y-%m}"
        before = contents.read_text()
        assert f'href="../l/m-{month}/' in before
        assert "l/authors.html" not in before
        await put(service, [70])
        await service.publish(NOW)
        assert contents.read_text() == before  # as long as no list begins or goes on

    title = words_for("en").month(FIRST)
    assert f"<h1>{title}" in (room.tree / f"l/m-{month}/1.html").read_text()
    room.check(mirrors=())


async def test_lists_of_an_earlier_version_stay_as_they_are(room: Room) -> None:
    async with Service.open(room.config) as service:
        await put(service, [1, 2], authors=("Ann Writer",))
        await service.publish(NOW)
    old = room.tree / "l/by-ann-writer/1.html"
    old.parent.mkdir()
    old.write_text("as it was")
    sha = sha256(b"as it was").hexdigest()
    with closing(sqlite3.connect(room.data / "tamizdat.sqlite3")) as database, database:
        database.execute("INSERT INTO mutable VALUES ('l/by-ann-writer/1.html', ?, 1)", (sha,))
        rows = ((place, name_of(place + 1)) for place in range(2))
        database.executemany("INSERT INTO listing VALUES ('by-ann-writer', ?, ?)", rows)
    room.change('title = "The News"', 'title = "Vestnik"')

    async with Service.open(room.config) as service:
        await put(service, [3], authors=("Ann Writer",))
        await service.publish(NOW)

    assert old.read_text() == "as it was"
    assert room.listed()["l/by-ann-writer/1.html"] == sha
    room.check(mirrors=())


async def test_a_mirror_that_moves_has_its_archive_made_anew(room: Room) -> None:
    room.text += SHORT
    async with Service.open(room.config) as service:
        await put(service, range(70))
        await service.publish(NOW)
        await service.push(["one", "two"], NOW)
    room.change("https://one.example/x7/", "https://moved.example/y8/")

    async with Service.open(room.config) as service:
        await service.publish(NOW)
        await service.push(["one", "two"], NOW)

    data = read_of(room, "one")("feeds/archive/all/1.atom")
    assert b"https://moved.example/y8/" in data
    assert b"one.example" not in data
    room.check()


async def test_a_feed_that_shows_nothing_new_is_not_made_again(room: Room) -> None:
    room.text += '[feeds]\nentries = 10\narchives = "none"\n'
    await publish(room, range(30))
    before = {path: stat for path, stat in room.files().items() if "/site/feeds/" in path}

    async with Service.open(room.config) as service:
        await put(service, [3], "It was the other bridge.")
        await service.publish(NOW + HOUR)

    assert before == {path: stat for path, stat in room.files().items() if "/site/feeds/" in path}
