"""What a push reads of the published tree, through one small protocol."""

from collections.abc import AsyncIterator, Iterable
from typing import Protocol

from mirror.tree import Leaf, Mutable


class Published(Protocol):
    """The published tree and its log. It may move on while a push reads it.

    Everything that ``head`` covers is readable before ``head`` shows it.
    """

    @property
    def head(self) -> bytes:
        """The current ``log/checkpoint``, signed and cosigned."""
        ...

    @property
    def size(self) -> int:
        """The size that ``head`` states."""
        ...

    @property
    def moving(self) -> bool:
        """Whether the next edition is committed, but not yet signed and placed.

        Meanwhile ``leaves`` and ``mutable`` tell of that one, so no head may be put.
        """
        ...

    async def edition_root(self, size: int) -> bytes | None:
        """The root of our edition of that size, or None where there never was one."""
        ...

    def leaves(self, since: int) -> AsyncIterator[Leaf]:
        """The current leaves with an index of ``since`` or more, by index, streamed."""
        ...

    async def mutable(self, since: int) -> tuple[Mutable, ...]:
        """The mutable files and keyrings that changed after the edition of size ``since``."""
        ...

    async def read(self, path: str) -> bytes:
        """The canonical bytes of a file of the tree.

        Raises:
            MissingFileError: It is no part of the tree any more.
            StoreError: It can't be read.
        """
        ...

    async def owed(self, mirror: str) -> tuple[str, ...]:
        """What must still be deleted from that mirror."""
        ...

    async def owe(self, mirror: str, paths: Iterable[str]) -> None:
        """Remember durably that ``paths`` must be deleted there."""
        ...

    async def paid(self, mirror: str, paths: Iterable[str]) -> None:
        """Forget these: deleted, or published again."""
        ...
