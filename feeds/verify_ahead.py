"""What ``verify_tree`` reads next, said before: on a slow line every wait for an answer counts."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from feeds.edition import MAX_SUMS_BYTES
from feeds.localise import is_localised
from feeds.paths import CHECKPOINT, MINISIG, SUMS, keyring_path
from feeds.verify_compare import MAX_LOCALISED_BYTES, MAX_MIRRORS_BYTES, MIRRORS
from feeds.verify_log import MAX_BUNDLE_BYTES, bundles_of, tiles_of
from feeds.verify_reader import Reader
from feeds.verify_seen import Seen
from keys.minisign import MAX_FILE_BYTES
from keys.note import MAX_NOTE_BYTES

_FEW: Final = 32  # beyond that the files themselves take longer than the waits


def first_the_head(reader: Reader) -> None:
    """The first keyrings and the head."""
    reader.soon(dict.fromkeys((keyring_path(1), keyring_path(2), CHECKPOINT), MAX_NOTE_BYTES))


def then_the_log(reader: Reader, known: int, size: int) -> None:
    """The entries from ``known`` up to ``size``, and what tells of the mutable files."""
    bundles = islice(bundles_of(known, size), _FEW)
    tables = {SUMS: MAX_SUMS_BYTES, MIRRORS: MAX_MIRRORS_BYTES}
    reader.soon({**dict.fromkeys(bundles, MAX_BUNDLE_BYTES), **tables})


def then_the_files(reader: Reader, paths: Iterable[str], size: int, seen: Seen) -> None:
    """The feeds among ``paths``, and what shows that the log of ``size`` is whole."""
    feeds = sorted(path for path in paths if is_localised(path) and path not in seen.files)
    tiles = [tile.path for tile in islice(tiles_of(size), _FEW) if tile.path not in seen.tiles]
    wanted = {MINISIG: MAX_FILE_BYTES, **dict.fromkeys(tiles, MAX_BUNDLE_BYTES)}
    reader.soon({**wanted, **dict.fromkeys(feeds, MAX_LOCALISED_BYTES)})
