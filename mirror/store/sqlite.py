"""SQLite behind SQLAlchemy, with one way to its thread and back for each statement.

As it comes, aiosqlite goes there for a cursor, the statement, its rows and the cursor's end,
and to end transactions that changed nothing: most of what a short statement costs.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite

_T = TypeVar("_T")
_CHUNK = 64  # rows; aiosqlite asks for it, and nothing here reads in chunks


class Cursor:
    """What SQLAlchemy asks of an asynchronous cursor; rows are at hand once it has executed."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        """Nothing is asked yet."""
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Execute it, and fetch all its rows."""
        await self._connection.run(lambda cursor: self._keep(cursor.execute(statement, parameters)))

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute it with each of ``parameters``."""
        await self._connection.run(
            lambda cursor: self._keep(cursor.executemany(statement, parameters))
        )

    async def fetchall(self) -> list[Any]:
        """The rows."""
        return self._rows

    async def close(self) -> None:
        """Nothing is left open."""

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self._rows = cursor.fetchall() if cursor.description else []
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid


class Connection(aiosqlite.Connection):
    """A connection whose cursors are as above, and that ends a transaction only where one is."""

    _settled = True  # False: the thread may still be at work, for somebody waits for it no more

    def cursor(self) -> Cursor:  # type: ignore[override]  # nobody awaits it here
        """A new one."""
        return Cursor(self)

    async def commit(self) -> None:
        """Commit, durably."""
        await self._end(self._conn.commit)

    async def rollback(self) -> None:
        """Take back what was not committed."""
        await self._end(self._conn.rollback)

    async def run(self, work: Callable[[sqlite3.Cursor], _T]) -> _T:
        """What ``work`` makes in the connection's thread, with a cursor that ends with it."""

        def with_cursor() -> _T:
            cursor = self._conn.cursor()
            try:
                return work(cursor)
            finally:
                cursor.close()

        return await self._in_thread(with_cursor)

    async def _end(self, how: Callable[[], None]) -> None:
        if self.in_transaction or not self._settled:
            await self._in_thread(how)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        self._settled = False
        made: _T = await self._execute(work)  # type: ignore[no-untyped-call]  # it has no types
        self._settled = True
        return made


def connect(database: str, **options: Any) -> Connection:  # noqa: ANN401  # those of sqlite3
    """A connection that opens once it is awaited."""
    made = Connection(lambda: sqlite3.connect(database, **options), _CHUNK)
    made._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does with those that it makes
    return made
