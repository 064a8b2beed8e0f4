"""How much room our tree needs, for mirrors that have a quota."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST_APART_S: Final = 600.0  # between two measurements
SHARE: Final = 0.01  # of the time that measuring may take; a large tree is measured less often


@dataclass(slots=True)
class Room:
    """The bytes of the published tree in ``site``, measured now and then."""

    site: Path
    _bytes: int = 0
    _size: int = -1
    _next: float = 0.0

    async def needed(self, size: int) -> int:
        """What the tree with a log of ``size`` needs, in bytes; it may be some minutes old."""
        now = time.monotonic()
        if self._size < 0 or (size != self._size and now >= self._next):
            self._bytes = await asyncio.to_thread(tree_bytes, self.site)
            took = time.monotonic() - now
            self._size, self._next = size, now + max(LEAST_APART_S, took / SHARE)
        return self._bytes


def tree_bytes(folder: Path) -> int:
    """The bytes of all files below ``folder``; one that goes meanwhile counts nothing."""
    total = 0
    folders = [os.fspath(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue
    return total
