"""Partial tiles go two days after the full one, and never one that a head still needs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.merkle import root
from keys.tiles import append, parse_tile_path, tile_reader, tiles_at
from mirror.publish.sweep import AGE, filled, partial_paths, sweep
from mirror.store import ledger, mirrors
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.ledger import Edition

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SIZES = (100, 200, 256, 300, 600, 700)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open("sqlite", tmp_path)
    yield database
    await database.close()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """A data folder with the tiles of every edition of ``SIZES``."""
    folders = Folders(tmp_path)
    size = 0
    for grown in SIZES:
        entries = [b"entry %d\n" % number for number in range(size, grown)]
        for path, data in append(size, entries, folders.read).files.items():
            (folders.site / path).parent.mkdir(parents=True, exist_ok=True)
            (folders.site / path).write_bytes(data)
        size = grown
    return folders


async def publish(database: Database, *, until: int, start: datetime = NOW) -> None:
    """The editions of ``SIZES`` up to that size, a minute apart."""
    editions = [
        Edition(size=size, before=0, root=bytes(32), time=int((start + n * MINUTE).timestamp()))
        for n, size in enumerate(SIZES)
        if size <= until
    ]
    async with database.begin() as connection:
        await ledger.put_editions(connection, editions)


async def push(database: Database, name: str, size: int) -> None:
    async with database.begin() as connection:
        await mirrors.put_push(connection, name, size=size, problem="", resume=None, now=NOW)


async def owed(database: Database, name: str) -> set[str]:
    async with database.begin() as connection:
        return set(await mirrors.owed(connection, name))


def partials(folders: Folders) -> set[str]:
    files = (path for path in folders.site.rglob("*") if path.is_file())
    return {path for file in files if ".p/" in (path := file.relative_to(folders.site).as_posix())}


async def test_nothing_goes_before_two_days_have_passed(
    database: Database, folders: Folders
) -> None:
    await publish(database, until=700)
    before = partials(folders)

    assert await sweep(database, folders, [], NOW + AGE - MINUTE) == 0
    assert await sweep(database, folders, [], NOW + AGE + MINUTE) == 0  # only 200 is old enough

    assert partials(folders) == before


async def test_then_the_partial_forms_of_full_tiles_go_here(
    database: Database, folders: Folders
) -> None:
    await publish(database, until=700)

    assert await sweep(database, folders, [], NOW + AGE + 9 * MINUTE) == 4

    left = partials(folders)
    assert {"log/tile/0/002.p/88", "log/tile/0/002.p/188", "log/tile/1/000.p/2"} <= left
    assert not {path for path in left if "0/000.p" in path and "/1/" not in path}
    assert not {path for path in left if "0/001.p" in path}
    size = 700
    assert len(root(size, tile_reader(size, folders.read))) == 32
    assert await sweep(database, folders, [], NOW + AGE + 9 * MINUTE) == 0


async def test_a_mirror_owes_what_it_was_given_and_keeps_what_its_head_needs(
    database: Database, folders: Folders
) -> None:
    await publish(database, until=700)
    await push(database, "current", 100)
    await push(database, "current", 700)
    await push(database, "behind", 100)
    await push(database, "behind", 300)
    await push(database, "new", 700)
    names = ["current", "behind", "new", "unseen"]

    await sweep(database, folders, names, NOW + AGE + 9 * MINUTE)

    first = {
        f"log/tile/{level}/000.p/{width}" for level in ("0", "entries") for width in (100, 200)
    }
    second = {f"log/tile/{level}/001.p/44" for level in ("0", "entries")}
    assert await owed(database, "current") == first | second
    assert await owed(database, "behind") == first
    assert not set(tiles_at(300)) & await owed(database, "behind")
    assert await owed(database, "new") == set()
    await push(database, "behind", 700)
    await sweep(database, folders, names, NOW + AGE + 9 * MINUTE)
    assert await owed(database, "behind") == first | second


@given(
    st.lists(st.integers(1, 3_000) | st.integers(1, 400_000), min_size=1, max_size=30, unique=True),
    st.data(),
)
def test_what_goes_is_every_partial_form_of_a_full_tile_and_no_other(
    sizes: list[int], data: st.DataObject
) -> None:
    old = data.draw(st.sampled_from(sizes))
    wanted = set()
    for path in {path for size in sizes for path in tiles_at(size)}:
        tile = parse_tile_path(path)
        assert tile is not None
        if (old >> 8 * (tile.level or 0)) // 256 > tile.index:
            wanted.add(path)

    gone = {path for tile in filled(0, old) for path in partial_paths(tile, sizes)}

    assert gone == wanted
    assert not gone & set(tiles_at(old))
