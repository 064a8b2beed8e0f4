"""``CurrentTree``: the published tree as pushes read it; see ``Published``."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from mirror.publish.log import Log
from mirror.store import ledger, mirrors
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.tree import Leaf, Mutable


class CurrentTree:
    """The tree that ``log`` signed last, out of the data folder and the database."""

    def __init__(self, log: Log, database: Database, folders: Folders) -> None:
        """Nothing is read yet."""
        self._log = log
        self._database = database
        self._folders = folders

    @property
    def head(self) -> bytes:
        """``log/checkpoint``."""
        return self._log.ledger.head

    @property
    def size(self) -> int:
        """The size that ``head`` states."""
        return self._log.ledger.signed

    @property
    def moving(self) -> bool:
        """Whether the next edition is committed, but not yet signed and placed."""
        return self._log.unfinished

    async def edition_root(self, size: int) -> bytes | None:
        """The root of our edition of that size, or None."""
        if size == self._log.ledger.size:
            return self._log.ledger.root
        async with self._database.begin() as connection:
            edition = await ledger.edition(connection, size)
        return None if edition is None else edition.root

    def leaves(self, since: int) -> AsyncIterator[Leaf]:
        """The current leaves with an index of ``since`` or more, by index, streamed."""
        return ledger.stream_leaves(self._database, since, self.size)

    async def mutable(self, since: int) -> tuple[Mutable, ...]:
        """The mutable files and keyrings that changed after the edition of size ``since``."""
        async with self._database.begin() as connection:
            return await ledger.mutable_since(connection, since)

    async def read(self, path: str) -> bytes:
        """The canonical bytes of a file of the tree.

        Raises:
            MissingFileError: It is no part of the tree any more.
            StoreError: It can't be read.
        """
        return await asyncio.to_thread(self._folders.read, path)

    async def owed(self, mirror: str) -> tuple[str, ...]:
        """What must still be deleted from that mirror."""
        async with self._database.begin() as connection:
            return await mirrors.owed(connection, mirror)

    async def owe(self, mirror: str, paths: Iterable[str]) -> None:
        """Remember durably that ``paths`` must be deleted there."""
        async with self._database.begin() as connection:
            await mirrors.owe(connection, mirror, paths)

    async def paid(self, mirror: str, paths: Iterable[str]) -> None:
        """Forget these."""
        async with self._database.begin() as connection:
            await mirrors.paid(connection, mirror, paths)
