"""``Shelf``: a signed tree as the publisher reads it when it pushes (``Published``)."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime

from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError
from feeds.paths import CHECKPOINT, SUMS
from keys.checkpoint import Checkpoint
from keys.note import Note
from mirror.publish.heads import VerifyHead, own_heads
from mirror.tree import Leaf, Mutable
from tests.feeds.tree import ORIGIN, SignedTree, sha


class Shelf:
    """``tree``, of which every edition is made by ``publish`` here."""

    moving = False

    def __init__(self, time: datetime) -> None:
        self.tree = SignedTree(time=time)
        self._leaves: dict[str, Leaf] = {}
        self._mutable: dict[str, tuple[int, str]] = {}
        self._debts: set[str] = set()

    @property
    def head(self) -> bytes:
        return self.tree.files[CHECKPOINT]

    @property
    def size(self) -> int:
        return Checkpoint.parse(Note.parse(self.head).text).size

    @property
    def verify(self) -> VerifyHead:
        return own_heads(ORIGIN, [self.tree.log.verifier], [self.tree.clock.verifier])

    def publish(
        self,
        leaves: Mapping[str, bytes | None] | None = None,
        mutable: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """The next edition."""
        at = self.tree.size
        self.tree.publish(leaves, mutable)
        for index, (path, data) in enumerate((leaves or {}).items(), at):
            first = self._leaves[path].first_index if path in self._leaves else index
            self._leaves[path] = Leaf(path, EMPTY_SHA if data is None else sha(data), index, first)
        index = self.tree.size - 1
        first = self._leaves[SUMS].first_index if SUMS in self._leaves else index
        self._leaves[SUMS] = Leaf(SUMS, sha(self.tree.files[SUMS]), index, first)
        changed = dict(mutable or {})
        if not at:
            changed["log/keys/1"] = self.tree.keyring
        for path, data in changed.items():
            digest = EMPTY_SHA if data is None else sha(data)
            self._mutable[path] = (self.tree.size, digest)

    async def edition_root(self, size: int) -> bytes | None:
        note = self.tree.editions.get(size)
        return Checkpoint.parse(Note.parse(note).text).root if note else None

    async def leaves(self, since: int) -> AsyncIterator[Leaf]:
        for leaf in sorted(self._leaves.values(), key=lambda leaf: leaf.index):
            if leaf.index >= since:
                yield leaf

    async def mutable(self, since: int) -> tuple[Mutable, ...]:
        return tuple(Mutable(p, digest) for p, (at, digest) in self._mutable.items() if at > since)

    async def read(self, path: str) -> bytes:
        try:
            return self.tree.files[path]
        except KeyError:
            raise MissingFileError(path) from None

    async def owed(self, mirror: str) -> tuple[str, ...]:
        assert mirror
        return tuple(self._debts)

    async def owe(self, mirror: str, paths: Iterable[str]) -> None:
        assert mirror
        self._debts.update(paths)

    async def paid(self, mirror: str, paths: Iterable[str]) -> None:
        assert mirror
        self._debts.difference_update(paths)
