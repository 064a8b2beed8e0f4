"""``Budget``: how many bytes of files a push holds at a time, however many lanes it has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """So many bytes; who needs more than are left waits, first come, first served."""

    def __init__(self, most: int) -> None:
        """Room for ``most`` bytes, or for one file that is larger."""
        self._most = most
        self._used = 0
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    def has(self, size: int) -> bool:
        """Whether ``size`` bytes need not wait."""
        return not self._waiting and self._fits(size)

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Room for ``size`` bytes until the block ends."""
        self._waiting += 1
        try:
            async with self._turn:
                while not self._fits(size):
                    self._freed.clear()
                    await self._freed.wait()
                self._used += size
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._used -= size
            self._freed.set()

    def _fits(self, size: int) -> bool:
        return not self._used or self._used + size <= self._most
