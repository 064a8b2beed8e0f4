"""``OwnTree``: our published tree as an audit reads it; the service may run beside it."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from typing import Final

from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError
from feeds.paths import PROOF_ENDING
from mirror.audit.pieces import UNKNOWN, Piece, of_leaf, of_log, of_mutable
from mirror.errors import StoreDamagedError
from mirror.store import ledger
from mirror.store.database import Database
from mirror.store.folders import Folders

RECENT: Final = 2_000  # entries of the log; half of what is looked at is among these
FEW: Final = 8  # entries for each file that is asked for
SETTLES_S: Final = 1.0


class OwnTree:
    """What ``origin`` published, out of the database and the data folder."""

    def __init__(self, database: Database, folders: Folders, origin: str) -> None:
        """Nothing is read yet."""
        self._database = database
        self._folders = folders
        self._origin = origin

    async def head(self) -> ledger.Ledger:
        """Where our log stands."""
        async with self._database.begin() as connection:
            return await ledger.read(connection, self._origin)

    async def root(self, size: int) -> bytes | None:
        """The root of our edition of that size, or None."""
        async with self._database.begin() as connection:
            edition = await ledger.edition(connection, size)
        return None if edition is None else edition.root

    async def sample(self, size: int, count: int, chance: random.Random) -> tuple[Piece, ...]:
        """Up to ``count`` files that a mirror with a head of ``size`` should have, each once.

        Half of them are new, since those are taken down first; the cost follows ``count``.
        """
        recent = max(0, size - RECENT)
        found: dict[str, Piece] = {}
        async with self._database.begin() as connection:
            if size <= FEW * count:  # rather than the same ones again and again
                every = await ledger.leaves_between(connection, 0, size, limit=size)
                mixed = chance.sample(every, len(every))
                return tuple(piece for leaf in mixed for piece in of_leaf(leaf))[:count]
            for number in range(2 * count):
                if len(found) >= count:
                    break
                at = chance.randrange(recent if number % 2 else 0, size)
                leaves = await ledger.leaves_between(connection, at, size, limit=1)
                found.update((one.path, one) for leaf in leaves for one in of_leaf(leaf))
        return tuple(found.values())[:count]

    async def every(self, size: int) -> AsyncIterator[Piece]:
        """Every file that a mirror with a head of ``size`` should have, streamed."""
        async for leaf in ledger.stream_leaves(self._database, 0, size):
            for piece in of_leaf(leaf):
                yield piece
        if (await self.head()).signed != size:
            return  # it is behind: what changes is not as it is here
        async with self._database.begin() as connection:
            mutable = await ledger.mutable_since(connection, 0)
        for piece in (*of_mutable(mutable), *of_log(size)):
            yield piece

    async def find(self, path: str) -> Piece | None:
        """The file at ``path`` as the log has it now; None where it knows none."""
        of = path.removesuffix(PROOF_ENDING)
        async with self._database.begin() as connection:
            sha = (await ledger.hashes(connection, [of])).get(of)
            listed = await ledger.listed(connection) if sha is None else {}
        sha = sha or listed.get(of)
        if sha is None or of == path:
            return None if sha is None else Piece(path, sha)
        return Piece(path, EMPTY_SHA if sha == EMPTY_SHA else UNKNOWN)

    async def read(self, piece: Piece) -> bytes | None:
        """The canonical bytes of ``piece``; None where nothing may stand there.

        Raises:
            MissingFileError: Our tree moved on: it is no longer, or not yet, what ``piece`` says.
            StoreDamagedError: Our own file is not what the log says.
            StoreError: It can't be read.
        """
        if piece.gone:
            return None
        data = await self._bytes(piece)
        if data is None and piece.sha != UNKNOWN and await self._is_settled(piece):
            await asyncio.sleep(SETTLES_S)  # signed, and about to be placed
            data = await self._bytes(piece)
            if data is None and await self._is_settled(piece):
                file = self._folders.site / piece.path
                raise StoreDamagedError(f"{file} is not what the log says")
        if data is None:
            raise MissingFileError(piece.path)
        return data

    async def _bytes(self, piece: Piece) -> bytes | None:
        try:
            data = await asyncio.to_thread(self._folders.read, piece.path)
        except MissingFileError:
            return None
        same = piece.sha in (UNKNOWN, hashlib.sha256(data).hexdigest())
        return data if same else None

    async def _is_settled(self, piece: Piece) -> bool:
        """Whether no edition is under way, and ``piece`` is what the last one says."""
        at = await self.head()
        return at.size == at.signed and await self.find(piece.path) == piece
