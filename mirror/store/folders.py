"""Where things lie in the data folder, and the lock that keeps a second process out."""

import fcntl
import hashlib
import os
import time
import zlib
from collections.abc import Container
from contextlib import suppress
from pathlib import Path
from typing import Final

import brotli  # type: ignore[import-untyped]  # has no types

from feeds.errors import MissingFileError
from mirror.errors import StoreError, StoreLockedError
from mirror.store import durable

_NEW_S: Final = 3_600.0  # of a file, since it was written
_QUALITY: Final = 1  # of brotli: as small as gzip -6, in a quarter of its time


class Folders:
    """The data folder of one newsroom.

    Attributes:
        top: The folder itself.
        site: The published tree, canonical bytes (format 1).
        staging: ``staging/<size>/``: files of an edition that is on its way to ``site``.
        incoming: Files under ``m/`` of versions that are not published yet.
        raw: Pages as they were fetched, by SHA-256, in brotli.
        mirrors: What kinds of mirrors keep at hand; made by them, and may be lost.
    """

    def __init__(self, top: Path) -> None:
        """Nothing is made or read yet."""
        self.top = top
        self.site = top / "site"
        self.staging = top / "staging"
        self.incoming = top / "incoming"
        self.raw = top / "raw"
        self.mirrors = top / "mirrors"
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folders, and take the lock.

        Raises:
            StoreLockedError: Another process has it.
            StoreError: They can't be made.
        """
        with durable.told(self.top):
            for folder in (self.site, self.staging, self.incoming, self.raw):
                folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.top / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise StoreLockedError(str(self.top)) from error
        self._lock = lock

    def close(self) -> None:
        """Let the lock go."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self, path: str) -> bytes:
        """The canonical bytes of a file of the published tree.

        Raises:
            MissingFileError: There is none.
            StoreError: It can't be read.
        """
        return read_file(self.site, path)

    def put_raw(self, data: bytes) -> str:
        """Keep a fetched page; its hex SHA-256, durable on return.

        Raises:
            StoreError: It can't be written.
        """
        sha = hashlib.sha256(data).hexdigest()
        path = self.raw_path(sha)
        if not path.exists():
            durable.write(path, brotli.compress(data, quality=_QUALITY), by=self.staging)
        return sha

    def get_raw(self, sha: str) -> bytes:
        """What ``put_raw`` kept.

        Raises:
            MissingFileError: It was erased, or never there.
            StoreError: It can't be read.
        """
        kept = read_file(self.raw, f"{sha[:2]}/{sha}")
        with suppress(brotli.error):
            return bytes(brotli.decompress(kept))
        try:
            return zlib.decompress(kept)  # as it was kept before
        except zlib.error as error:
            raise StoreError(f"{self.raw_path(sha)} is damaged: {error}") from error

    def raw_path(self, sha: str) -> Path:
        """Where the fetched page of that digest lies."""
        return self.raw / sha[:2] / sha

    def has_file(self, path: str) -> bool:
        """Whether a file under ``m/`` is there, published or not."""
        return (self.incoming / path).exists() or (self.site / path).exists()

    def put_incoming(self, path: str, data: bytes) -> None:
        """Keep a file under ``m/`` until the version that needs it is published.

        Raises:
            StoreError: It can't be written.
        """
        if not (self.incoming / path).exists() and not (self.site / path).exists():
            durable.write(self.incoming / path, data, by=self.staging)

    def sweep_incoming(self, keep: Container[str]) -> None:
        """Remove what a crash left in ``incoming``: every file that is not one of ``keep``.

        New ones stay, for a backfill may be about to name them; but not those that are published.

        Raises:
            StoreError: It can't be done.
        """
        old = time.time() - _NEW_S
        with durable.told(self.incoming):
            for path in self.incoming.rglob("*"):
                name = path.relative_to(self.incoming).as_posix()
                if not path.is_file() or name in keep:
                    continue
                if path.stat().st_mtime < old or (self.site / name).exists():
                    path.unlink()

    def get_incoming(self, path: str) -> bytes:
        """What ``put_incoming`` kept.

        Raises:
            MissingFileError: It is not there.
            StoreError: It can't be read.
        """
        return read_file(self.incoming, path)


def read_file(folder: Path, path: str) -> bytes:
    """The bytes of ``folder / path``.

    Raises:
        MissingFileError: There is none.
        StoreError: It can't be read.
    """
    try:
        return (folder / path).read_bytes()
    except FileNotFoundError:
        raise MissingFileError(path) from None
    except OSError as error:
        raise StoreError(f"{folder / path} can't be read: {error.strerror}") from error
