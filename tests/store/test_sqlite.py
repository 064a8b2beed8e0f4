"""Statements on their way to the thread of SQLite: what comes back, and what is left behind."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from mirror.errors import StoreError
from mirror.store import kept
from mirror.store.addresses import forms, put_addresses
from mirror.store.database import SQLITE_FILE, Database, insert_new
from mirror.store.sqlite import connect
from mirror.store.tables import KEPT

COUNT = (  # takes a while
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)"
    " SELECT 'slow', CAST(count(*) AS TEXT) FROM n"
)


async def test_a_statement_brings_its_rows_names_and_counts(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "a.sqlite3"))
    await connection
    cursor = connection.cursor()

    await cursor.execute("CREATE TABLE t (a, b)")
    await cursor.executemany("INSERT INTO t VALUES (?, ?)", [(1, "x"), (2, "y")])
    assert cursor.rowcount == 2
    await cursor.execute("SELECT a, b FROM t WHERE a > ?", (1,))
    assert [name for name, *_ in cursor.description] == ["a", "b"]
    assert await cursor.fetchall() == [(2, "y")]
    began = connection.in_transaction

    await connection.rollback()
    assert (began, connection.in_transaction) == (True, False)
    await cursor.execute("SELECT a FROM t")
    assert await cursor.fetchall() == []
    await connection.close()


async def test_whoever_waits_no_more_for_a_statement_leaves_no_transaction(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)

    async def write() -> None:
        async with database.begin() as connection:
            await connection.execute(text(f"INSERT INTO kept (name, value) {COUNT}"))

    task = asyncio.create_task(write())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with database.begin() as connection:
        await kept.put(connection, "after", "it")
        assert await kept.get(connection, "slow") == ""
    await database.close()


async def test_what_the_thread_has_still_to_do_is_taken_back_too(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)
    connection = connect(str(tmp_path / SQLITE_FILE))
    await connection
    slow = asyncio.create_task(connection.cursor().execute(COUNT))
    late = asyncio.create_task(connection.cursor().execute("INSERT INTO kept VALUES ('b', 'c')"))
    await asyncio.sleep(0.01)
    slow.cancel()
    late.cancel()
    await asyncio.gather(slow, late, return_exceptions=True)

    await connection.rollback()

    await connection.cursor().execute("SELECT 1")  # after all that the thread had to do
    assert not connection.in_transaction
    async with database.begin() as other:
        await kept.put(other, "after", "it")
        assert await kept.get(other, "b") == ""
    await connection.close()
    await database.close()


async def test_a_mistake_in_a_statement_is_told_and_the_connection_lives_on(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)

    with pytest.raises(StoreError, match="no such table"):
        async with database.begin() as connection:
            await connection.execute(text("SELECT * FROM missing_table"))

    async with database.begin() as connection:
        assert await kept.get(connection, "a") == ""
    await database.close()


async def test_only_new_rows_are_inserted_and_counted(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)
    async with database.begin() as connection:
        assert await insert_new(connection, KEPT, []) == 0
        assert await insert_new(connection, KEPT, [{"name": "a", "value": "one"}]) == 1
        assert await insert_new(connection, KEPT, [{"name": "a", "value": "two"}]) == 0
        assert await kept.get(connection, "a") == "one"
    await database.close()


async def test_an_address_stays_with_the_article_that_had_it_first(tmp_path: Path) -> None:
    database = await Database.open("sqlite", tmp_path)
    async with database.begin() as connection:
        await put_addresses(
            connection, "1" * 16, {"1" * 16: "a.example/1", "2" * 16: "a.example/2"}
        )
        await put_addresses(
            connection, "3" * 16, {"3" * 16: "a.example/3", "2" * 16: "a.example/x"}
        )

        assert await forms(connection, ["1" * 16, "2" * 16, "3" * 16]) == {
            "1" * 16: ("1" * 16, "a.example/1"),
            "2" * 16: ("1" * 16, "a.example/2"),
            "3" * 16: ("3" * 16, "a.example/3"),
        }
    await database.close()
