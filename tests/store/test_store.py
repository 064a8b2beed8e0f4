"""The database and the folders: durable, locked, and clear about what is wrong."""

import errno
import os
import sqlite3
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from feeds.errors import MissingFileError
from keys.merkle import EMPTY_ROOT
from mirror.errors import (
    LogConflictError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from mirror.store import durable, kept, ledger, migrations, mirrors
from mirror.store.database import HEAD, SQLITE_FILE, Database
from mirror.store.folders import Folders
from mirror.store.ledger import Edition, Ledger
from mirror.tree import Leaf, Resume

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORIGIN = "news.example/mirror"


async def test_what_is_committed_is_there_after_a_restart(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)
    async with database.begin() as connection:
        await kept.put(connection, "a", "one")
        await kept.put(connection, "a", "two")
    await database.close()

    database = await Database.open("sqlite", tmp_path)
    async with database.begin() as connection:
        assert await kept.get(connection, "a") == "two"
        assert await kept.get(connection, "b") == ""
    await database.close()


async def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)

    async def fail() -> None:
        async with database.begin() as connection:
            await kept.put(connection, "a", "one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.begin() as connection:
        assert await kept.get(connection, "a") == ""
    await database.close()


async def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)

    async def fill() -> None:
        async with database.begin() as connection:
            await connection.execute(text("PRAGMA max_page_count = 1"))
            for number in range(200):
                await kept.put(connection, f"{number}", "x" * 5_000)

    with pytest.raises(StoreFullError, match="free some space"):
        await fill()
    await database.close()


async def test_a_damaged_database_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / SQLITE_FILE).write_bytes(b"not a database" * 1_000)
    with pytest.raises(StoreDamagedError, match="nothing was signed"):
        await Database.open("sqlite", tmp_path)


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    await (await Database.open("sqlite", tmp_path)).close()
    with sqlite3.connect(tmp_path / SQLITE_FILE) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()

    with pytest.raises(StoreError, match="newer one"):
        await Database.open("sqlite", tmp_path)


async def test_the_log_moves_on_only_from_where_it_is(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)
    first = Edition(size=2, before=0, root=b"1" * 32, time=1)
    async with database.begin() as connection:
        await ledger.advance(connection, ORIGIN, Ledger(), first)

    async def advance(stale: Ledger) -> None:
        other = Edition(size=9, before=stale.size, root=b"9" * 32, time=2)
        async with database.begin() as connection:
            await ledger.advance(connection, ORIGIN, stale, other)

    for stale in (Ledger(), Ledger(size=2, root=b"2" * 32), Ledger(size=3, root=b"1" * 32)):
        with pytest.raises(LogConflictError):
            await advance(stale)
    async with database.begin() as connection:
        at = await ledger.read(connection, ORIGIN)
        assert (at.size, at.root, at.signed) == (2, b"1" * 32, 0)
        assert (await ledger.read(connection, "another.example/log")).root == EMPTY_ROOT
    await database.close()


async def test_leaves_stream_in_the_order_of_the_log_and_the_last_one_counts(
    tmp_path: Path,
) -> None:
    database = await Database.open("sqlite", tmp_path)
    entries = [(number, f"m/{number % 2_500}", f"{number:064x}") for number in range(5_000)]
    async with database.begin() as connection:
        await ledger.put_leaves(connection, entries[:4_000])
    async with database.begin() as connection:
        await ledger.put_leaves(connection, entries[4_000:])

    found = [leaf async for leaf in ledger.stream_leaves(database, 0, 10_000)]
    part = [leaf async for leaf in ledger.stream_leaves(database, 3_000, 4_000)]

    assert [leaf.index for leaf in found] == list(range(2_500, 5_000))
    assert found[0] == Leaf("m/0", f"{2_500:064x}", 2_500, 0)
    assert found[-1] == Leaf("m/2499", f"{4_999:064x}", 4_999, 2_499)
    assert [leaf.index for leaf in part] == list(range(3_000, 4_000))
    await database.close()


async def test_what_is_known_of_a_mirror_comes_back(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)
    resume = Resume(2, 5, "m/ab")
    async with database.begin() as connection:
        await mirrors.put_push(connection, "one", size=2, problem="503", resume=resume, now=NOW)
        await mirrors.pause(connection, "two", paused=True)
        await mirrors.owe(connection, "one", ["p/a", "p/b"])
        await mirrors.owe(connection, "one", ["p/a"])
        await mirrors.paid(connection, "one", ["p/b"])
    async with database.begin() as connection:
        known = await mirrors.all_records(connection)
        assert (known["one"].size, known["one"].last_error) == (2, "503")
        assert (known["one"].resume, known["one"].last_push) == (resume, None)
        assert (known["two"].paused, known["two"].size) == (True, None)
        assert known["two"].retiring is None
        await mirrors.retire(connection, "two", NOW)
        assert (await mirrors.all_records(connection))["two"].retiring == NOW
        await mirrors.retire(connection, "two", None)
        assert (await mirrors.all_records(connection))["two"].retiring is None
        assert await mirrors.owed(connection, "one") == ("p/a",)
        assert await mirrors.owed(connection, "two") == ()
    await database.close()


def test_a_data_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    first, second = Folders(tmp_path / "data"), Folders(tmp_path / "data")
    first.open()
    with pytest.raises(StoreLockedError, match="in use by another"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_raw_pages_come_back_as_they_were(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data")
    folders.open()
    sha = folders.put_raw(b"<html>" * 100)
    assert folders.put_raw(b"<html>" * 100) == sha
    assert folders.get_raw(sha) == b"<html>" * 100
    folders.raw_path(sha).write_bytes(zlib.compress(b"<html>" * 100, 6))  # as it was kept once
    assert folders.get_raw(sha) == b"<html>" * 100
    folders.raw_path(sha).write_bytes(b"rot")
    with pytest.raises(StoreError, match="damaged"):
        folders.get_raw(sha)
    folders.raw_path(sha).unlink()
    with pytest.raises(MissingFileError):
        folders.get_raw(sha)
    folders.close()


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    durable.write(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreFullError, match="nothing is lost"):
            durable.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_the_newest_migration_is_the_one_that_opening_looks_for() -> None:
    folder = Path(migrations.__file__).parent

    newest = ScriptDirectory(str(folder)).get_current_head()

    assert newest == HEAD
