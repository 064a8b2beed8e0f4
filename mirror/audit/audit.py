"""``Audit``: one mirror against our tree, over its public address; and putting back."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from feeds.errors import MissingFileError
from feeds.localise import served
from feeds.paths import CHECKPOINT
from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.note import Note
from mirror.audit.address import PARALLEL, PublicAddress
from mirror.audit.pieces import Found, Piece, judge
from mirror.audit.tree import OwnTree
from mirror.errors import EndpointError
from mirror.publish.carrier import Carrier
from mirror.publish.lanes import Lanes

TRIES: Final = 3  # to put a file back, where our own tree moves on meanwhile
SHOWN_S: Final = (0.0, 1.0, 4.0)  # waits before a file that was put back is looked for

Progress = Callable[[int], None]  # files compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head that a reader of the mirror gets.

    Attributes:
        size: Of the edition of ours that it is; 0 where there is none, or none of ours.
        foreign: Whether it is none of ours.
        current: Whether it is our newest, cosignatures and all.
    """

    size: int = 0
    foreign: bool = False
    current: bool = False


@dataclass(slots=True)
class Looked:
    """What a look at a number of files came to.

    Attributes:
        counts: How many of each kind.
        faults: What is not right.
        unread: Why a file could not be read, in words; empty where all could.
    """

    counts: dict[Found, int] = field(default_factory=dict)
    faults: list[tuple[Piece, Found]] = field(default_factory=list)
    unread: str = ""

    @property
    def compared(self) -> int:
        """Files of which something can be said."""
        return sum(self.counts.values()) - self.counts.get(Found.MOVED, 0)

    def add(self, other: "Looked") -> None:
        """Count another look with this one."""
        for kind, number in other.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + number
        self.faults += other.faults
        self.unread = self.unread or other.unread


class Audit:
    """Looks at one mirror, and mends it."""

    def __init__(self, tree: OwnTree, address: PublicAddress, base: str) -> None:
        """``base`` is what ``address`` reads: the base of the mirror's localised files."""
        self._tree = tree
        self._address = address
        self._base = base

    async def head(self) -> Head:
        """The head that stands at the public address.

        Raises:
            EndpointUnreachableError: No answer that counts.
        """
        data = await self._address.read(CHECKPOINT)
        if data is None:
            return Head()
        ours = await self._tree.head()
        if data == ours.head:
            return Head(size=ours.signed, current=True)
        try:
            theirs = Checkpoint.parse(Note.parse(data).text)
        except FormatError:
            return Head(foreign=True)
        if await self._tree.root(theirs.size) != theirs.root:
            return Head(foreign=True)
        return Head(size=theirs.size)

    async def look(
        self, pieces: Iterable[Piece] | AsyncIterable[Piece], progress: Progress = lambda _: None
    ) -> Looked:
        """Compare each of ``pieces``; where the mirror stops answering, the look ends.

        Raises:
            StoreError: Our own tree can't be read, or is damaged.
        """
        looked = Looked()
        done = 0

        async def one(piece: Piece) -> None:
            nonlocal done
            found = await self._compare(piece)
            looked.counts[found] = looked.counts.get(found, 0) + 1
            if found not in (Found.RIGHT, Found.MOVED):
                looked.faults.append((piece, found))
            done += 1
            progress(done)

        try:
            async with Lanes(PARALLEL) as lanes:
                async for piece in _each(pieces):
                    await lanes.start(one(piece))
                await lanes.rest()
        except EndpointError as error:
            looked.unread = error.problem
        looked.faults.sort(key=lambda fault: fault[0].path)
        return looked

    async def mend(self, carrier: Carrier, pieces: Iterable[Piece]) -> dict[Piece, Found]:
        """Put ``pieces`` there, or delete what may not stand; what readers get of each then.

        The service may push meanwhile: what is put is looked at again, so that nothing old stays.

        Raises:
            EndpointError: The mirror does not take it, or does not answer.
            StoreError: Our own tree can't be read, or is damaged.
        """
        mended: dict[Piece, Found] = {}
        wanted = tuple(pieces)
        for _ in range(TRIES):
            given = [(piece, await self._give(carrier, piece)) for piece in wanted]
            await carrier.flush()
            wanted = ()
            for piece, digest in given:
                if digest == await self._digest(piece):
                    mended[piece] = Found.RIGHT if digest else Found.MOVED
                elif now := await self._tree.find(piece.path):
                    wanted = (*wanted, now)
        for piece, found in mended.items():
            if found is Found.RIGHT:
                mended[piece] = await self._shown(piece)
        return mended | dict.fromkeys(wanted, Found.MOVED)

    async def _give(self, carrier: Carrier, piece: Piece) -> bytes:
        """Put or delete it; the digest of what was done, empty where our tree moved on."""
        try:
            data = await self._tree.read(piece)
        except MissingFileError:
            return b""
        if data is None:
            await carrier.delete(piece.path)
        else:
            await carrier.put(piece.path, served(piece.path, data, self._base))
        return hashlib.sha256(data or b"").digest()

    async def _digest(self, piece: Piece) -> bytes:
        """What ``_give`` would say now, were it asked."""
        try:
            data = await self._tree.read(piece)
            return hashlib.sha256(data or b"").digest() if await self._still(piece) else b""
        except MissingFileError:
            return b""

    async def _still(self, piece: Piece) -> bool:
        """Whether ``piece`` is what our tree holds, or one of the files that no list has."""
        return not piece.sha or await self._tree.find(piece.path) == piece

    async def _shown(self, piece: Piece) -> Found:
        found = Found.RIGHT
        for wait in SHOWN_S:
            await asyncio.sleep(wait)
            found = await self._compare(piece)
            if found in (Found.RIGHT, Found.MOVED):
                break
        return found

    async def _compare(self, piece: Piece) -> Found:
        try:
            before = await self._tree.read(piece)
            theirs = await self._address.read(piece.path)
            expected = before and served(piece.path, before, self._base)
            found = judge(piece, expected, theirs)
            if found is Found.RIGHT:
                return found
            same = await self._tree.read(piece) == before and await self._still(piece)
        except MissingFileError:
            return Found.MOVED
        return found if same else Found.MOVED


async def _each(pieces: Iterable[Piece] | AsyncIterable[Piece]) -> AsyncIterable[Piece]:
    if isinstance(pieces, AsyncIterable):
        async for piece in pieces:
            yield piece
    else:
        for piece in pieces:
            yield piece
