"""Tiles and entry bundles: their paths, their bytes, and how they grow (format 2.5).

C2SP tlog-tiles v0.1.0, with ``log/`` before every path.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from keys.errors import TileError
from keys.merkle import HASH_BYTES, HashReader, complete_root, fold, leaf_hash, root
from keys.text import MAX_SIZE

ReadFile = Callable[[str], bytes]
"""Gives the bytes at a path of the tree; what it raises passes through."""

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8  # a full tile is a complete subtree of 2**8 hashes
MAX_TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
MAX_ENTRY_BYTES: Final = 65_535
MAX_LEVEL: Final = 7  # of a tree with at most 2**63 - 1 entries
MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)

_CACHED_TILES: Final = 64  # about 40 kB each once their inner hashes are made
_ENTRIES: Final = "entries"
_PATH: Final = re.compile(
    r"log/tile/(?P<level>[0-7]|entries)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_GROUP: Final = 1_000
_LENGTH_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """What a path under ``log/tile/`` says.

    Attributes:
        level: 0 to 7; None for an entry bundle, which covers the same leaves as level 0.
        index: Which one of its level, from 0.
        width: How many hashes or entries, 1 to 256; 256 is a full one.

    Raises:
        TileError: A field is outside these limits.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        level = self.level or 0
        if not 0 <= level <= MAX_LEVEL or not 1 <= self.width <= TILE_WIDTH:
            raise TileError("log/tile", f"no level {self.level} or width {self.width}")
        if not 0 <= self.index <= MAX_SIZE >> TILE_HEIGHT * (level + 1):
            raise TileError("log/tile", f"no index {self.index} at level {self.level}")

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        level = _ENTRIES if self.level is None else self.level
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"log/tile/{level}/{_grouped(self.index)}{partial}"

    @property
    def full_path(self) -> str:
        """Where the full one of the same level and index stands."""
        return Tile(self.level, self.index).path


@dataclass(frozen=True, slots=True)
class Appended:
    """A longer tree.

    Attributes:
        size: Entries, the new ones included.
        root: The new root.
        files: By path, every tile and bundle that is new: those filled up, and the partial
            ones of the new size. Nothing that was there before is changed.
    """

    size: int
    root: bytes
    files: dict[str, bytes]


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where a tile of hashes stands."""
    return Tile(level, index, width).path


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """Where a bundle of entries stands."""
    return Tile(None, index, width).path


def parse_tile_path(path: str) -> Tile | None:
    """The tile or bundle that has exactly this path, or None for any other path."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = None if match["level"] == _ENTRIES else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    try:
        tile = Tile(level, index, int(match["width"] or TILE_WIDTH))
    except TileError:
        return None
    return tile if tile.path == path else None


def tiles_at(size: int) -> tuple[str, ...]:
    """The partial tiles and the partial bundle that only a tree of this size has."""
    return tuple(tile.path for tile in _partials(size))


def paths_between(old: int, new: int) -> Iterator[str]:
    """The files under ``log/tile/`` that a place with tree ``old`` lacks to hold ``new``.

    Bundles first, then level by level from the leaves, each in the order of the log.
    """
    for level in (None, *range(MAX_LEVEL + 1)):
        shift = TILE_HEIGHT * (level or 0)
        before, now = old >> shift, new >> shift
        for index in range(before // TILE_WIDTH, now // TILE_WIDTH):
            yield Tile(level, index).path
        if now % TILE_WIDTH and now != before:
            yield Tile(level, now // TILE_WIDTH, now % TILE_WIDTH).path


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle of 1 to 256 entries.

    Raises:
        TileError: Too few, too many, or one of them is over 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise TileError("log/tile/entries", f"a bundle has 1 to 256 entries, not {len(entries)}")
    if max(map(len, entries)) > MAX_ENTRY_BYTES:
        raise TileError("log/tile/entries", f"an entry is over {MAX_ENTRY_BYTES} bytes")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries that ``encode_bundle`` wrote.

    Raises:
        TileError: ``data`` is anything else.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end and len(entries) <= TILE_WIDTH:
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != end or not 1 <= len(entries) <= TILE_WIDTH:
        raise TileError("log/tile/entries", "the bundle is cut short, or too long")
    return entries


def decode_tile(data: bytes) -> list[bytes]:
    """The 1 to 256 hashes of a tile.

    Raises:
        TileError: ``data`` is anything else.
    """
    if not data or len(data) % HASH_BYTES or len(data) > MAX_TILE_BYTES:
        raise TileError("log/tile", f"no tile has {len(data)} bytes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def tile_reader(size: int, read_file: ReadFile) -> HashReader:
    """The hashes of the tree ``size``, out of its tiles; keeps the last 64 tiles in memory.

    ``read_file`` may answer for a partial tile with the full one of the same index, or any
    wider one: a mirror drops the partial one once the other is old enough.

    The reader raises:
        TileError: A tile is no tile, or too short.
    """

    @lru_cache(maxsize=_CACHED_TILES)
    def rows(level: int, index: int) -> list[Sequence[bytes]]:
        width = (size >> TILE_HEIGHT * level) - index * TILE_WIDTH
        return _rows(_read_hashes(Tile(level, index, min(width, TILE_WIDTH)), read_file))

    def read(level: int, index: int) -> bytes:
        if index < 0 or (index + 1) << level > size:
            raise TileError("log/tile", f"size {size} has no hash {index} at height {level}")
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile, at = divmod(index, TILE_WIDTH >> height)
        return rows(tile_level, tile)[height][at]

    return read


def append(size: int, entries: Sequence[bytes], read_file: ReadFile) -> Appended:
    """The tree ``size`` with ``entries`` after its last one.

    Reads only the partial tiles of ``size`` and its partial bundle.

    Raises:
        TileError: An entry is too large, or a stored tile is not what it should be.
    """
    files: dict[str, bytes] = {}
    for bundle, held in _grown(None, size, entries, lambda tile: _read_bundle(tile, read_file)):
        files[bundle.path] = encode_bundle(held)
    level = 0
    hashes: Sequence[bytes] = [leaf_hash(entry) for entry in entries]
    while hashes:
        full = []
        count = size >> TILE_HEIGHT * level
        for tile, held in _grown(level, count, hashes, lambda tile: _read_hashes(tile, read_file)):
            files[tile.path] = b"".join(held)
            if tile.width == TILE_WIDTH:
                full.append(complete_root(held))
        level, hashes = level + 1, full

    def read(path: str) -> bytes:
        return files[path] if path in files else read_file(path)

    grown = size + len(entries)
    return Appended(grown, root(grown, tile_reader(grown, read)), files)


def _grown(
    level: int | None,
    count: int,
    items: Sequence[bytes],
    read: Callable[[Tile], Sequence[bytes]],
) -> Iterator[tuple[Tile, Sequence[bytes]]]:
    """Every tile that ``items`` are put in, after the ``count`` that its level holds already."""
    index, width = divmod(count, TILE_WIDTH)
    if width and items:
        items = [*read(Tile(level, index, width)), *items]
    for at in range(0, len(items), TILE_WIDTH):
        held = items[at : at + TILE_WIDTH]
        yield Tile(level, index + at // TILE_WIDTH, len(held)), held


def _read_hashes(tile: Tile, read_file: ReadFile) -> Sequence[bytes]:
    hashes = decode_tile(read_file(tile.path))
    if len(hashes) < tile.width:
        raise TileError(tile.path, f"holds {len(hashes)} hashes")
    return hashes[: tile.width]


def _read_bundle(tile: Tile, read_file: ReadFile) -> Sequence[bytes]:
    entries = decode_bundle(read_file(tile.path))
    if len(entries) < tile.width:
        raise TileError(tile.path, f"holds {len(entries)} entries")
    return entries[: tile.width]


def _rows(hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The hashes over 1, 2, 4 … 128 neighbours, as far as there are so many."""
    rows = [hashes]
    for _ in range(1, TILE_HEIGHT):
        below = rows[-1]
        rows.append(fold(below[: len(below) & ~1]))
    return rows


def _partials(size: int) -> Iterator[Tile]:
    if size % TILE_WIDTH:
        yield Tile(None, size // TILE_WIDTH, size % TILE_WIDTH)
    for level in range(MAX_LEVEL + 1):
        count = size >> TILE_HEIGHT * level
        if count % TILE_WIDTH:
            yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)


def _grouped(index: int) -> str:
    last = f"{index % _GROUP:03d}"
    groups = []
    while index >= _GROUP:
        index //= _GROUP
        groups.append(f"x{index % _GROUP:03d}/")
    return "".join(reversed(groups)) + last
