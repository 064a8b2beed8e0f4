"""Files of an edition on their way into the published tree: staged, then placed (format 7)."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError
from feeds.paths import (
    CHECKPOINT,
    MINISIG,
    PROOF_ENDING,
    SUMS,
    SUMS_AHEAD,
    keyring_version,
    proof_path,
)
from mirror.publish.proofs import offline_proofs
from mirror.store import durable
from mirror.store.folders import Folders, read_file
from mirror.tree import Leaf

_LAST: Final = (SUMS, MINISIG, CHECKPOINT)


class Staging:
    """The folder of one edition, ``staging/<size>/``.

    A crash at any point leaves either files of an edition that was never committed, which
    ``sweep`` throws away, or of one that was, which ``place`` puts in place once more.
    """

    def __init__(self, folders: Folders, size: int) -> None:
        """Of the edition of ``size``; nothing is made yet."""
        self._site = folders.site
        self._incoming = folders.incoming
        self._folder = folders.staging / str(size)

    @property
    def exists(self) -> bool:
        """Whether the edition has files that are not placed yet."""
        return self._folder.exists()

    def begin(self, files: Mapping[str, bytes]) -> None:
        """Stage ``files``, and nothing that an edition of this size which came to nothing had.

        Raises:
            StoreError: They can't be written.
        """
        with durable.told(self._folder):
            if self._folder.exists():
                shutil.rmtree(self._folder)
        self.write(files)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Stage ``files`` by path; durable on return.

        Raises:
            StoreError: They can't be written.
        """
        with durable.told(self._folder):
            durable.write_all(self._folder, files)
            durable.sync_all(self._folder)

    def read(self, path: str) -> bytes:
        """The bytes at ``path`` once the edition is placed.

        Raises:
            MissingFileError: There is no such file.
            StoreError: It can't be read.
        """
        try:
            return read_file(self._folder, path)
        except MissingFileError:
            return read_file(self._site, path)

    def write_proofs(self, leaves: Iterable[Leaf], size: int, head: bytes) -> None:
        """Stage the offline proof of each of ``leaves`` that needs one (format 4).

        They are durable with the next ``write``.

        Raises:
            StoreError: They can't be written.
        """
        proofs = offline_proofs(leaves, size, head, self.read)
        with durable.told(self._folder):
            durable.write_all(self._folder, proofs)

    def place(self, gone: Iterable[str]) -> None:
        """Move every staged file into the tree, and delete ``gone``, in the order of format 7.

        At every moment a verifier can tell what is here from a forgery (see ``plan``).

        Raises:
            StoreError: It can't be done; trying again goes on where it was.
        """
        with durable.told(self._site):
            staged = sorted(self._staged(), key=_turn)
            replaced = {path for path in staged if path.startswith("a/") and self._stands(path)}
            phases: tuple[Callable[[str], bool], ...] = (
                lambda path: path == proof_path(SUMS) or keyring_version(path) > 0,
                lambda path: _is_new(path) and path not in replaced,
                _is_log,
                lambda path: path not in _LAST,
                lambda path: path != CHECKPOINT,
                lambda _: True,
            )
            for number, belongs in enumerate(phases):
                if number == len(phases) - 1:
                    durable.sync_all(self._site)  # all that the head covers
                now = [path for path in staged if belongs(path)]
                self._move(now)
                staged = [path for path in staged if not belongs(path)]
                if number == 1:  # after the new files, before the log
                    self._delete(gone)
            durable.sync_folder((self._site / CHECKPOINT).parent)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _staged(self) -> Iterator[str]:
        top = str(self._folder)
        for folder, _, names in os.walk(top):
            inside = folder[len(top) + 1 :]
            for name in names:
                if not name.startswith(".") or name == SUMS_AHEAD:
                    yield f"{inside}/{name}" if inside else name

    def _stands(self, path: str) -> bool:
        return (self._site / path.removesuffix(PROOF_ENDING)).exists()

    def _move(self, paths: Iterable[str]) -> None:
        for path in paths:
            durable.move(f"{self._folder}/{path}", f"{self._site}/{path}")
            if path.startswith("m/"):
                (self._incoming / path).unlink(missing_ok=True)

    def _delete(self, gone: Iterable[str]) -> None:
        for path in gone:
            for one in (path, proof_path(path)):
                (self._site / one).unlink(missing_ok=True)


def sweep(folders: Folders, *, keep: int) -> None:
    """Throw away what was staged for editions that were never committed, all but ``keep``'s."""
    with durable.told(folders.staging):
        for path in folders.staging.iterdir():
            if path.is_file():  # half written; see ``durable.write``
                path.unlink()
            elif path.name != str(keep):
                shutil.rmtree(path)


def sha_of(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest() if data else EMPTY_SHA


def _turn(path: str) -> tuple[int, str, bool]:
    """Where in its phase a file comes: each proof before its file; the table after the log."""
    rank = 0 if keyring_version(path) else 2 if path == SUMS_AHEAD else 1
    return rank, path.removesuffix(PROOF_ENDING), not path.endswith(PROOF_ENDING)


def _is_new(path: str) -> bool:
    return path.startswith(("a/", "p/", "m/"))


def _is_log(path: str) -> bool:
    inside = path.startswith("log/") and path not in (CHECKPOINT, MINISIG)
    return inside or path == SUMS_AHEAD
