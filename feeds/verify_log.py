"""``Replay``: a log rebuilt from its entries, to be compared with what was signed."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from feeds.edition import MAX_ENTRY_BYTES, split_entries
from feeds.errors import TreeError
from feeds.paths import SUMS
from feeds.verify_reader import Reader
from keys import merkle
from keys.errors import TileError
from keys.merkle import HASH_BYTES, leaf_hash
from keys.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, bundle_path, decode_bundle

MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)  # of entries as the format has them


class Replay:
    """The hashes of a log and what its entries say; 64 bytes an entry, and the current paths.

    Attributes:
        current: Path to the hex SHA-256 that the last entry for it gives, ``SHA256SUMS`` apart.
        sums: What the last entry says of ``SHA256SUMS``; empty where that is not the last.
        editions: The sizes at which an edition ends, ascending.
    """

    def __init__(self) -> None:
        self.current: dict[str, str] = {}
        self.sums = ""
        self.editions: list[int] = []
        self._levels = [bytearray()]

    @property
    def size(self) -> int:
        """How many entries there were."""
        return len(self._levels[0]) // HASH_BYTES

    @property
    def leaves(self) -> bytes:
        """The leaf hashes, one after the other."""
        return bytes(self._levels[0])

    def copy(self) -> "Replay":
        """Another one that may go on by itself."""
        other = Replay()
        other.current = dict(self.current)
        other.sums = self.sums
        other.editions = list(self.editions)
        other._levels = [bytearray(level) for level in self._levels]
        return other

    def take(self, entries: Sequence[bytes]) -> None:
        """Take the next entries.

        Raises:
            EditionError: One of them is no entry by format 2.1.
        """
        for number, (sha, path) in enumerate(split_entries(entries), self.size + 1):
            self.sums = ""
            if path == SUMS:
                self.sums = sha
                self.editions.append(number)
            else:
                self.current[path] = sha
        self.extend(b"".join(map(leaf_hash, entries)))

    def extend(self, leaves: bytes) -> None:
        """Take the next leaf hashes, one after the other."""
        self._levels[0] += leaves
        for level, below in enumerate(self._levels):
            count = len(below) // HASH_BYTES // 2
            if level + 1 == len(self._levels):
                if not count:
                    break
                self._levels.append(bytearray())
            above = self._levels[level + 1]
            start = len(above) // HASH_BYTES
            above += b"".join(
                hashlib.sha256(b"\x01" + below[at : at + 64]).digest()
                for at in range(start * 64, count * 64, 64)
            )

    def read(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree: a ``HashReader``."""
        at = index * HASH_BYTES
        return bytes(self._levels[level][at : at + HASH_BYTES])

    def root(self, size: int) -> bytes:
        """The root at a size up to that of the log."""
        return merkle.root(size, self.read)

    def tile(self, tile: Tile) -> bytes:
        """What a tile of hashes must hold; shorter where the log does not reach so far."""
        level = TILE_HEIGHT * (tile.level or 0)
        if level >= len(self._levels):
            return b""
        at = tile.index * TILE_WIDTH * HASH_BYTES
        return bytes(self._levels[level][at : at + tile.width * HASH_BYTES])


def read_bundles(
    reader: Reader, start: int, size: int
) -> Iterator[tuple[Tile, bytes, list[bytes]]]:
    """The bundles that hold the entries from ``start`` up to ``size``: what, bytes, entries.

    The first bundle is given whole, with the entries before ``start``.

    Raises:
        TreeError: A bundle is missing, too large or unreadable.
        TileError: A bundle is none, or has not as many entries as its path says.
    """
    found = reader.read_many(bundles_of(start, size), max_bytes=MAX_BUNDLE_BYTES)
    for index, (path, data) in enumerate(found, start // TILE_WIDTH):
        tile = Tile(None, index, _width(index, size))
        if isinstance(data, TreeError):
            raise data
        entries = decode_bundle(data)
        if len(entries) != tile.width:
            raise TileError(path, f"holds {len(entries)} entries, not {tile.width}")
        yield tile, data, entries


def bundles_of(start: int, size: int) -> Iterator[str]:
    """The paths of the bundles that hold the entries from ``start`` up to ``size``."""
    last = (size - 1) // TILE_WIDTH if start < size else -1
    for index in range(start // TILE_WIDTH, last + 1):
        yield bundle_path(index, _width(index, size))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of hashes that a log of ``size`` has, the partial one of each level last."""
    level, count = 0, size
    while count:
        for index in range(count // TILE_WIDTH):
            yield Tile(level, index)
        if count % TILE_WIDTH:
            yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)
        level, count = level + 1, count >> TILE_HEIGHT


def _width(index: int, size: int) -> int:
    return min(size - index * TILE_WIDTH, TILE_WIDTH)
