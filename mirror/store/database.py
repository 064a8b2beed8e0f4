"""The database: opened, brought to the newest schema, one transaction at a time."""

import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import URL, Executable, Table, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mirror.errors import StoreDamagedError, StoreError, StoreFullError
from mirror.store.sqlite import connect

HEAD: Final = "0006"  # the newest migration; alembic is loaded only where the database has another
SQLITE_FILE: Final = "tamizdat.sqlite3"

_POOL: Final[dict[str, Any]] = {
    "pool_size": 3,  # connections: one that writes, and those that read beside it
    "max_overflow": 17,  # more of them for a moment, where many mirrors are pushed to at once
}
_LEAST_FREE: Final = 131_072  # bytes that SQLite needs beside its file to work at all
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Database:
    """One newsroom's database. Transactions may overlap; SQLite runs them one by one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use ``open``."""
        self.engine = engine

    @classmethod
    async def open(cls, url: str, data: Path) -> "Database":
        """Connect to ``url`` (``sqlite``: a file in ``data``) and bring its schema up to date.

        Raises:
            StoreError: It can't be opened, or is of a newer version of this program.
        """
        database = cls(_sqlite(data / SQLITE_FILE) if url == "sqlite" else _postgresql(url))
        try:
            await database._migrate()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed, durably, where the block ends well.

        Raises:
            StoreFullError: The disk is full; nothing was committed.
            StoreError: Any other fault of the database; nothing was committed.
        """
        try:
            async with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _translated(error, self.engine.url) from error

    async def scrub(self) -> bool:
        """Leave no trace of deleted rows in the files of an SQLite database.

        False: another process reads it, so its log of changes could not be emptied yet.
        PostgreSQL does this in its own time (``VACUUM``).

        Raises:
            StoreFullError: The disk is full; the database is as it was.
            StoreError: Any other fault.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        try:
            async with self.engine.connect() as connection:
                free = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await free.execute(text("VACUUM"))
                busy = (await free.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar()
        except SQLAlchemyError as error:
            raise _translated(error, self.engine.url) from error
        return not busy

    async def _migrate(self) -> None:
        async with self.begin() as connection:
            version = await connection.run_sync(_version)
        if version == HEAD:
            return
        from mirror.store.migrate import upgrade  # noqa: PLC0415  # alembic: half a second

        async with self.begin() as connection:
            await connection.run_sync(lambda sync: upgrade(sync, _MIGRATIONS, version))


async def upsert(
    connection: AsyncConnection, table: Table, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Insert ``rows``, or replace what has the same primary key; all rows name the same columns."""
    many = [dict(row) for row in rows]
    if not many:
        return
    await connection.execute(_upserting(connection.dialect.name, table, tuple(many[0])), many)


async def insert_new(
    connection: AsyncConnection, table: Table, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Insert those of ``rows`` whose primary key is new; how many these are."""
    many = [dict(row) for row in rows]
    if not many:
        return 0
    return (await connection.execute(_inserting(connection.dialect.name, table), many)).rowcount


@cache
def _inserting(dialect: str, table: Table) -> Executable:
    return cast("Executable", _insert(dialect, table).on_conflict_do_nothing())


@cache
def _upserting(dialect: str, table: Table, columns: tuple[str, ...]) -> Executable:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in columns if name not in keys}
    if not others:
        return cast("Executable", statement.on_conflict_do_nothing(index_elements=keys))
    return cast("Executable", statement.on_conflict_do_update(index_elements=keys, set_=others))


def _insert(dialect: str, table: Table) -> Any:  # noqa: ANN401  # of two dialects
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # memory, where it isn't used

    return postgresql.insert(table)


def _sqlite(file: Path) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{file}", connect_args={"async_creator_fn": connect}, **_POOL
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    return engine


def _postgresql(url: str) -> AsyncEngine:
    return create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), **_POOL)


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  # DBAPI
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a commit is durable
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten
        "busy_timeout=10000",
        "cache_size=-2000",  # kB for each connection; the system's own cache does the rest
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _version(connection: Any) -> str | None:  # noqa: ANN401  # a sync connection
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _is_full(cause: str, url: URL) -> bool:
    """Whether SQLite, which has no better word for it, could not even open on a full disk."""
    if cause != "disk I/O error" or not url.database:
        return False
    return shutil.disk_usage(Path(url.database).parent).free < _LEAST_FREE


def _translated(error: SQLAlchemyError, url: URL) -> StoreError:
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if "disk is full" in cause or "disk full" in cause.lower() or _is_full(cause, url):
        return StoreFullError("the database")
    if "malformed" in cause or "not a database" in cause:
        return StoreDamagedError(f"the database is damaged ({cause})")
    return StoreError(f"the database: {cause}; see that it runs and that this user may write it")
