"""``Share``: what one mirror is to have of our tree, as it is to serve it."""

from collections.abc import AsyncIterator

from feeds.errors import MissingFileError
from feeds.localise import is_localised, served
from mirror.publish.published import Published
from mirror.tree import Leaf, Mutable


class Share:
    """Our tree for the mirror at ``base``; ``moved``: it was pushed to under another base."""

    def __init__(self, ours: Published, base: str, *, moved: bool) -> None:
        """Nothing is read yet."""
        self._ours = ours
        self._base = base
        self._moved = moved

    async def leaves(self, since: int) -> AsyncIterator[Leaf]:
        """Those that came after ``since``, and all that bear the base, where that is another."""
        async for leaf in self._ours.leaves(0 if self._moved else since):
            if leaf.index >= since or is_localised(leaf.path):
                yield leaf

    async def mutable(self, since: int) -> tuple[Mutable, ...]:
        """What changed after ``since``, and all that bears the base, where that is another one."""
        if not self._moved:
            return await self._ours.mutable(since)
        every = await self._ours.mutable(0)
        changed = {item.path for item in await self._ours.mutable(since)}
        return tuple(item for item in every if item.path in changed or is_localised(item.path))

    async def read(self, path: str, size: int) -> bytes | None:
        """What stands at ``path``; None where the edition of ``size`` is over, and the file gone.

        Raises:
            MissingFileError: The edition is the newest, and the file is not there.
        """
        try:
            data = await self._ours.read(path)
        except MissingFileError:
            if self._ours.size == size:
                raise
            return None
        return served(path, data, self._base)
