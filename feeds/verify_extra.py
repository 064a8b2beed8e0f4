"""Which files of a place no edition and no log accounts for (format 6: an extra file)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from feeds.errors import TreeError
from feeds.paths import (
    CHECKPOINT,
    MINISIG,
    PROOF_ENDING,
    keyring_version,
    proof_path,
)
from feeds.verify_compare import Wrong
from feeds.verify_log import MAX_BUNDLE_BYTES, Replay
from feeds.verify_proofs_beside import proofs_due
from feeds.verify_reader import Listing, Reader
from feeds.verify_report import Verdict
from feeds.verify_seen import Seen
from keys.errors import TileError
from keys.merkle import leaf_hash
from keys.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, decode_bundle, parse_tile_path

_EXTRA: Final = Wrong(
    Verdict.NOT_GENUINE, "was not published: no edition that is signed has it", extra=True
)
_ALWAYS: Final = frozenset({CHECKPOINT, MINISIG})
BY_LOG: Final = ("a/", "p/", "m/", "log/")  # never mutable


@dataclass(frozen=True)
class Expected:
    """What an edition accounts for.

    Attributes:
        files: Path to digest, mutable files too as far as they are known.
        log: Its log.
        keyring: The version of the newest keyring.
        complete: Whether ``files`` holds the mutable files.
    """

    files: Mapping[str, str]
    log: Replay
    keyring: int
    complete: bool = True
    _signed: dict[int, set[int]] = field(default_factory=dict)

    @cached_property
    def size(self) -> int:
        """The size of the log."""
        return self.log.size

    @cached_property
    def proofs(self) -> set[str]:
        """Paths of the proofs that stand beside its files."""
        return set(map(proof_path, proofs_due(self.files)))

    def signed(self, level: int) -> set[int]:
        """How many hashes of that tile level there were at each signed size."""
        if level not in self._signed:
            shift = TILE_HEIGHT * level
            self._signed[level] = {size >> shift for size in self.log.editions}
        return self._signed[level]


def extra_files(reader: Reader, listing: Listing, expected: Expected) -> dict[str, Wrong]:
    """By path, what stands there without a reason; and what is wrong with it."""
    wrong = {
        path: Wrong(Verdict.NOT_GENUINE, f"{problem}, which no mirror holds")
        for path, problem in listing.strange.items()
    }
    tiles = []
    for path in sorted(listing.files - expected.files.keys() - expected.proofs - _ALWAYS):
        tile = parse_tile_path(path)
        if tile:
            tiles.append(tile)
        elif not _is_accounted(path, expected):
            wrong[path] = _EXTRA
    return wrong | _extra_tiles(reader, tiles, expected)


def _is_accounted(path: str, expected: Expected) -> bool:
    if path.endswith(PROOF_ENDING):
        return False
    if 0 < keyring_version(path) <= expected.keyring:
        return True
    return not expected.complete and not path.startswith(BY_LOG)


def _extra_tiles(reader: Reader, tiles: list[Tile], expected: Expected) -> dict[str, Wrong]:
    wrong = {}
    earlier = []
    for tile in tiles:
        here = expected.size >> TILE_HEIGHT * (tile.level or 0)
        reaches = tile.index * TILE_WIDTH + tile.width
        if reaches > here:
            problem = "belongs to no head that is here yet: a push may be under way, look again"
            wrong[tile.path] = Wrong(Verdict.COULD_NOT_TELL, problem, extra=True)
        elif tile.width < TILE_WIDTH and reaches != here:
            if reaches in expected.signed(tile.level or 0):
                earlier.append(tile)
            else:
                wrong[tile.path] = _EXTRA
    return wrong | check_tiles(reader, earlier, expected.log)


def check_tiles(
    reader: Reader, tiles: Iterable[Tile], log: Replay, seen: Seen | None = None
) -> dict[str, Wrong]:
    """By path, those of ``tiles`` (which must be there) that differ from the log."""
    wrong = {}
    known = set() if seen is None else seen.tiles
    by_path = {tile.path: tile for tile in tiles if tile.path not in known}
    for path, data in reader.read_many(by_path, max_bytes=MAX_BUNDLE_BYTES):
        tile = by_path[path]
        if isinstance(data, TreeError):
            wrong[path] = Wrong.of(data)
        elif (data if tile.level is not None else _leaves(data)) != log.tile(tile):
            wrong[path] = Wrong(Verdict.NOT_GENUINE, "does not fit the log")
        else:
            known.add(path)
    return wrong


def _leaves(data: bytes) -> bytes:
    try:
        return b"".join(map(leaf_hash, decode_bundle(data)))
    except TileError:
        return b""
