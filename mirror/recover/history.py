"""Replay a log from its bundles: root, editions, current leaves, and the tiles. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from feeds.edition import split_entry
from feeds.paths import SUMS
from keys.merkle import RootBuilder, complete_root, leaf_hash
from keys.tiles import TILE_WIDTH, bundle_path, decode_bundle, tile_path
from mirror.tree import Leaf

LEVELS: Final = 8


@dataclass(slots=True)
class History:
    """What a log says, entry by entry.

    Attributes:
        editions: The root at each size that was signed: after each ``SHA256SUMS``.
        leaves: The current leaf for each path.
        sums: Hash of the newest ``SHA256SUMS``.
        last: Path of the last entry.
    """

    editions: dict[int, bytes] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)
    sums: str = ""
    last: str = ""
    _builder: RootBuilder = field(default_factory=RootBuilder)
    _levels: list[list[bytes]] = field(default_factory=lambda: [[] for _ in range(LEVELS)])
    _full: list[int] = field(default_factory=lambda: [0] * LEVELS)

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._builder.size

    @property
    def root(self) -> bytes:
        """The root over them."""
        return self._builder.root()

    def take(self, data: bytes, width: int) -> Iterator[tuple[str, bytes]]:
        """The next bundle, of which ``width`` entries count; the tiles that it fills up.

        Raises:
            TileError: It is no bundle of so many entries.
            EditionError: An entry is none.
        """
        entries = decode_bundle(data)[:width]
        for entry in entries:
            sha, path = split_entry(entry)
            index = self.size
            known = self.leaves.get(path)
            self.leaves[path] = Leaf(path, sha, index, known.first_index if known else index)
            hashed = leaf_hash(entry)
            self._builder.append(hashed)
            self.last = path
            if path == SUMS:
                self.editions[self.size] = self.root
                self.sums = sha
            yield from self._fill(0, hashed)

    def partial_tiles(self) -> Iterator[tuple[str, bytes]]:
        """The tiles of the right edge."""
        for level, hashes in enumerate(self._levels):
            if hashes:
                yield tile_path(level, self._full[level], len(hashes)), b"".join(hashes)

    def _fill(self, level: int, hashed: bytes) -> Iterator[tuple[str, bytes]]:
        hashes = self._levels[level]
        hashes.append(hashed)
        if len(hashes) == TILE_WIDTH:
            yield tile_path(level, self._full[level]), b"".join(hashes)
            self._full[level] += 1
            self._levels[level] = []
            yield from self._fill(level + 1, complete_root(hashes))


def bundles(size: int) -> Iterator[tuple[str, int]]:
    """Path and width of every bundle of a log of ``size`` entries."""
    for index in range(-(-size // TILE_WIDTH)):
        width = min(TILE_WIDTH, size - index * TILE_WIDTH)
        yield bundle_path(index, width), width
