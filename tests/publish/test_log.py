"""The one writer of the log, on drafts that nobody rendered: its size is what matters."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.edition import EMPTY_SHA
from feeds.folder import FolderReader
from feeds.verify import Options, Pin, Verdict, verify_tree
from keys.tiles import parse_tile_path
from mirror.errors import ClockError, PublishError
from mirror.keystore import open_keys
from mirror.publish.draft import Draft
from mirror.publish.log import Log
from mirror.store.database import Database
from mirror.store.folders import Folders
from tests.service.room import NOW, Room, Site, make_room

MINUTE = timedelta(minutes=1)


async def nothing(_: AsyncConnection) -> None:
    """Nothing else to remember."""


def media(*numbers: int) -> dict[str, bytes]:
    """Small files under ``m/``: no proofs, so that large logs are quick."""
    files = {}
    for number in numbers:
        data = b"%d" % number
        sha = hashlib.sha256(data).hexdigest()
        files[f"m/{sha[:2]}/{sha}.png"] = data
    return files


class Place:
    """A log, with all that it needs."""

    def __init__(self, room: Room, log: Log) -> None:
        self.room = room
        self.log = log
        self.mutable: dict[str, bytes | None] = {
            "log/keys/1": (room.config.trust.keys / "keyring-1").read_bytes()
        }
        self.now = NOW

    async def publish(self, leaves: dict[str, bytes], **more: bytes | None) -> int:
        mutable = self.mutable | {path.replace("_", "."): data for path, data in more.items()}
        self.now += MINUTE
        draft = Draft(leaves=leaves, mutable=mutable, record=nothing)
        return (await self.log.publish(draft, self.now)).size

    def check(self) -> None:
        options = Options(proofs=None)
        reader = FolderReader(self.room.tree)
        pin = Pin(keyring=self.mutable["log/keys/1"] or b"")
        report = verify_tree(reader, pin, now=self.now, options=options)
        assert report.verdict is Verdict.GENUINE, report.findings
        assert report.findings == ()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    room = make_room(tmp_path / "room", Site(base="http://127.0.0.1:9"))
    config = room.config
    folders = Folders(config.store.data)
    folders.open()
    database = await Database.open("sqlite", config.store.data)
    log = Log(
        origin=config.trust.origin,
        keys=open_keys(config.trust),
        database=database,
        folders=folders,
    )
    await log.open()
    yield Place(room, log)
    await database.close()
    folders.close()


async def test_every_size_around_a_full_tile_is_right(place: Place) -> None:
    await place.publish(media(*range(250)))
    for number in range(251, 261):  # two entries each: 252 … 272, over 256
        size = await place.publish(media(number))
        place.check()
        assert size == 251 + 2 * (number - 250)
    tiles = {path.relative_to(place.room.tree).as_posix() for path in place.room.tree.rglob("*")}
    full = {path for path in tiles if (tile := parse_tile_path(path)) and tile.width == 256}
    assert full >= {"log/tile/0/000", "log/tile/entries/000"}
    assert "log/tile/1/000.p/1" in tiles


async def test_an_edition_that_ends_exactly_with_a_tile(place: Place) -> None:
    assert await place.publish(media(*range(255))) == 256
    place.check()
    assert await place.publish(media(1000)) == 258
    place.check()


async def test_a_log_of_more_than_65_536_entries_stays_right(place: Place) -> None:
    await place.publish({"a/00/0000000000000000.html": b"first"})
    for start in range(0, 66_000, 22_000):
        gone = dict.fromkeys(media(*range(start, start + 22_000)), b"")  # entries without files
        await place.publish(gone | media(start))
    size = await place.publish({"a/00/0000000000000000.html": b"corrected"}, index_html=b"front")
    assert size > 65_536 + 5
    place.check()
    assert (place.room.tree / "log/tile/2/000.p/1").exists()

    again = Log(
        origin=place.room.config.trust.origin,
        keys=open_keys(place.room.config.trust),
        database=place.log._database,  # noqa: SLF001 - the same one, as after a restart
        folders=place.log._folders,  # noqa: SLF001
    )
    await again.open()
    assert again.ledger == place.log.ledger


async def test_what_goes_altogether_is_logged_as_the_empty_file_and_deleted(place: Place) -> None:
    page = "a/00/0000000000000000.html"
    await place.publish({page: b"a name that must go"}, index_html=b"front")
    await place.publish({page: b""}, index_html=b"another front")
    place.check()
    assert not (place.room.tree / page).exists()
    assert not (place.room.tree / f"{page}.tlog-proof").exists()
    bundle = (place.room.tree / "log/tile/entries/000.p/4").read_bytes()
    assert f"{EMPTY_SHA}  {page}".encode() in bundle

    await place.publish({page: b"back after all"})
    place.check()


async def test_a_mutable_file_that_is_no_more_is_gone(place: Place) -> None:
    await place.publish({}, index_html=b"front", find_html=b"find")
    await place.publish({}, index_html=b"front", find_html=None)
    place.check()
    assert not (place.room.tree / "find.html").exists()


async def test_a_mutable_file_that_did_not_change_is_not_written(place: Place) -> None:
    await place.publish({}, index_html=b"front")
    before = (place.room.tree / "index.html").stat()
    await place.publish(media(1), index_html=b"front")
    after = (place.room.tree / "index.html").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    place.check()


async def test_too_many_mutable_files_stop_the_edition_and_say_so(place: Place) -> None:
    await place.publish(media(1))
    place.mutable |= {f"l/m-{number:04}-11/1.html": b"x" for number in range(1_000)}

    with pytest.raises(PublishError, match="fewer sections, lists or feeds"):
        await place.publish(media(2))

    assert place.log.ledger.size == 2
    assert not place.log.unfinished


async def test_one_path_twice_in_a_row_the_last_one_counts(place: Place) -> None:
    for text in (b"one", b"two", b"three"):
        await place.publish({"a/00/0000000000000000.html": text})
        place.check()


async def test_a_closed_list_leaves_the_sums(place: Place) -> None:
    await place.publish({}, index_html=b"front")
    place.mutable["l/all/1.html"] = b"open"
    await place.publish({})
    del place.mutable["l/all/1.html"]
    place.mutable["l/all/2.html"] = b"open"
    place.now += MINUTE
    draft = Draft(
        leaves={"l/all/1.html": b"closed"},
        mutable=place.mutable,
        closed=("l/all/1.html",),
        record=nothing,
    )
    await place.log.publish(draft, place.now)
    place.check()
    sums = (place.room.tree / "SHA256SUMS").read_text()
    assert "l/all/1.html" not in sums
    assert "l/all/2.html" in sums


async def test_a_clock_a_little_behind_is_borne_and_time_never_runs_back(place: Place) -> None:
    await place.publish(media(1))
    time = place.log.ledger.time
    place.now -= 9 * MINUTE
    await place.publish(media(2))
    assert place.log.ledger.time == time
    place.check()
    place.now -= 30 * MINUTE
    with pytest.raises(ClockError):
        await place.publish(media(3))


async def test_the_day_after_the_keyring_expires_nothing_is_signed(place: Place) -> None:
    expires = place.log._keys.newest.keyring.expires  # noqa: SLF001
    place.now += (expires - NOW.date()) - timedelta(days=1)
    await place.publish(media(1))
    place.now += timedelta(days=3)
    with pytest.raises(PublishError, match="expired on"):
        await place.publish(media(2))
    assert place.log.ledger.size == 2
