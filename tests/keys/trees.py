"""Small trees for tests, hashed in the plainest way there is."""

import hashlib
from collections.abc import Sequence

from keys import tiles


def entries(count: int, start: int = 0) -> list[bytes]:
    """Lines such as the log holds."""
    return [
        f"{hashlib.sha256(b'%d' % number).hexdigest()}  a/00/{number:016x}.html\n".encode()
        for number in range(start, start + count)
    ]


def slow_root(held: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1 as it is written there."""
    if not held:
        return hashlib.sha256().digest()
    if len(held) == 1:
        return hashlib.sha256(b"\x00" + held[0]).digest()
    half = 1
    while half * 2 < len(held):
        half *= 2
    return hashlib.sha256(b"\x01" + slow_root(held[:half]) + slow_root(held[half:])).digest()


class Tree:
    """A stored tree in memory that remembers what was read of it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.read_paths: list[str] = []
        self.size = 0
        self.root = slow_root(())

    def read(self, path: str) -> bytes:
        """The bytes at ``path``."""
        self.read_paths.append(path)
        return self.files[path]

    def append(self, held: Sequence[bytes]) -> tiles.Appended:
        """Store ``held`` after what is there."""
        appended = tiles.append(self.size, held, self.read)
        self.files.update(appended.files)
        self.size, self.root = appended.size, appended.root
        return appended


def tree_of(*sizes: int) -> Tree:
    """A tree that has grown by ``sizes``, one publication after the other."""
    tree = Tree()
    for size in sizes:
        tree.append(entries(size, tree.size))
    return tree
