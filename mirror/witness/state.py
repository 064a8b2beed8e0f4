"""``State``: the largest tree of each log that a witness cosigned, safe on disk.

One file for each log. A file is replaced whole, synced before anything is signed; a lock
serialises processes. A damaged file stops the witness: guessing would be a rollback.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from keys.checkpoint import Checkpoint
from keys.errors import NoteError
from mirror.errors import StoreDamagedError, StoreError
from mirror.store import durable

MAX_FILE_BYTES: Final = 1_000

_MARK: Final = "README"  # tells an empty memory from a disk that is not mounted


class State:
    """What one witness remembers. Calls from several threads and processes may overlap."""

    def __init__(self, folder: Path) -> None:
        """Of the witness whose state is kept in ``folder``, where ``begin`` was called once.

        Raises:
            StoreError: It was not, or the disk is not mounted.
        """
        self._folder = folder
        if not (folder / _MARK).is_file():
            raise StoreError(
                f"{folder}, where this witness remembers what it signed, is not there; mount the"
                " disk or restore it. An empty one would let every log start a second history"
            )

    @classmethod
    def begin(cls, folder: Path) -> Self:
        """A new witness, which has signed nothing yet; ``folder`` is made.

        Raises:
            StoreError: It can't be made.
        """
        durable.write(folder / _MARK, b"This is a witness's memory. Never restore an old one.\n")
        return cls(folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads or writes here before the block ends.

        Raises:
            StoreError: The lock can't be had.
        """
        with durable.told(self._folder):
            lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def read(self, origin: str) -> Checkpoint | None:
        """The tree of the log ``origin`` that was cosigned last; None: none was.

        Raises:
            StoreDamagedError: What is kept is not what ``write`` wrote.
            StoreError: It can't be read.
        """
        path = self._path(origin)
        try:
            with path.open("rb") as file:
                text = file.read(MAX_FILE_BYTES).decode()
            tree = Checkpoint.parse(text)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{path} can't be read: {error.strerror}") from error
        except (UnicodeDecodeError, NoteError) as error:
            raise WitnessDamagedError(f"{path} is damaged ({error})") from error
        if tree.origin != origin:
            raise WitnessDamagedError(f"{path} is of the log {tree.origin}, not of {origin}")
        return tree

    def write(self, tree: Checkpoint) -> None:
        """Remember ``tree``, durably when this returns.

        Raises:
            StoreError: It can't be written; the one before stays.
        """
        durable.write(self._path(tree.origin), tree.encode().encode())

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.tree"


class WitnessDamagedError(StoreDamagedError):
    """What the witness remembers can't be read."""

    def __init__(self, problem: str) -> None:
        StoreError.__init__(
            self,
            f"{problem}; nothing was signed. Restore it from a backup, and ask the publisher"
            " whether its size is the one that you signed last",
        )
