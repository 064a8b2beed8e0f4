"""``State``: the largest tree of each log that a witness cosigned, safe on disk.

One file for each log. A file is replaced whole, synced before anything is signed; a lock
serialises processes. A damaged or missing file stops the witness: guessing would be a rollback.
So a log is only followed once ``follow`` has made its file, and ``followed`` lists those logs.
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
from keys.merkle import EMPTY_ROOT
from keys.note import MAX_NOTE_BYTES, Note
from mirror.errors import StoreDamagedError, StoreError
from mirror.store import durable
from mirror.witness import evidence
from mirror.witness.judge import Head, Shows

MARK: Final = "README"  # tells an empty memory from a disk that is not mounted

_FOLLOWED: Final = "followed"


class State:
    """What one witness remembers. Calls from several threads and processes may overlap."""

    def __init__(self, folder: Path) -> None:
        """Of the witness whose state is kept in ``folder``, where ``begin`` was called once.

        Raises:
            StoreError: It was not, or the disk is not mounted.
        """
        self._folder = folder
        if not (folder / MARK).is_file():
            raise StoreError(
                f"{folder}, where this witness remembers what it signed, is not there; mount the"
                " disk or restore it. An empty one would let every log start a second history"
            )

    @classmethod
    def begin(cls, folder: Path) -> Self:
        """A new witness, which follows no log yet; ``folder`` is made.

        Raises:
            StoreError: It can't be made.
        """
        durable.write(folder / MARK, b"This is a witness's memory. Never restore an old one.\n")
        return cls(folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads or writes here before the block ends. Not to be called within it.

        Raises:
            StoreError: The lock can't be had.
        """
        with durable.told(self._folder):
            lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with durable.told(self._folder):
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def follow(self, origin: str) -> None:
        """Remember that nothing of the log ``origin`` was cosigned yet; no more if it is followed.

        Raises:
            ForgottenError: It was followed before, and what was cosigned is gone.
            StoreError: It can't be read or written.
        """
        with self.locked():
            try:
                self.read(origin)
            except NewLogError:
                new = Checkpoint(origin, 0, EMPTY_ROOT).encode()
                durable.write(self._path(origin), new.encode())
            self._list(origin)  # second: after a kill between the two the log is followed

    def resume(self, head: Head) -> None:
        """Remember ``head``, which this witness did cosign, where nothing or less is remembered.

        Raises:
            StoreError: More is remembered, or another tree of that size; or it can't be written.
        """
        origin, size = head.tree.origin, head.tree.size
        with self.locked():
            try:
                known = self.read(origin)
            except (ForgottenError, NewLogError):
                known = Checkpoint(origin, 0, EMPTY_ROOT)
            if known.size > size or (known.size == size and known != head.tree):
                raise StoreError(
                    f"{self._path(origin)} has a tree of {known.size} entries; nothing was changed:"
                    f" a head of {size} entries does not go on from it"
                )
            self.write(head)
            self._list(origin)

    def check(self, origin: str) -> None:
        """See, at the start, that the log ``origin`` is remembered; sweep what a kill left.

        Raises:
            StoreError: It is not, or it can't be read.
        """
        with self.locked():
            with durable.told(self._folder):
                for left in self._folder.rglob(".new-*"):
                    left.unlink()
            self.read(origin)
            self._list(origin)

    def read(self, origin: str) -> Checkpoint:
        """The tree of the log ``origin`` that was cosigned last; the empty one: none was.

        Raises:
            NewLogError: The log is not followed yet.
            ForgottenError: It was, and what was cosigned is gone.
            WitnessDamagedError: What is kept is not what ``write`` wrote.
            StoreError: It can't be read.
        """
        path = self._path(origin)
        try:
            text = self._held(origin).decode()
            if "\n\n" in text:  # signed; older versions kept the text alone
                text = Note.parse(text.encode()).text
            tree = Checkpoint.parse(text)
        except FileNotFoundError:
            lost = ForgottenError if origin in self._followed() else NewLogError
            raise lost(path, origin) from None
        except OSError as error:
            raise StoreError(f"{path} can't be read: {error.strerror}") from error
        except (UnicodeDecodeError, NoteError) as error:
            raise WitnessDamagedError(f"{path} is damaged ({error})", origin) from error
        if tree.origin != origin:
            raise WitnessDamagedError(
                f"{path} is of the log {tree.origin}, not of {origin}", origin
            )
        return tree

    def write(self, head: Head) -> None:
        """Remember ``head``, durably when this returns.

        Raises:
            StoreError: It can't be written; the one before stays.
        """
        durable.write(self._path(head.tree.origin), head.note.encode())

    def keep(self, shows: Shows, head: Head) -> Path:
        """Keep the refused ``head`` beside what was cosigned last; the file that it is in.

        Raises:
            StoreError: There are enough of this kind, or it can't be written.
        """
        origin = head.tree.origin
        with durable.told(self._path(origin)):
            held = self._held(origin)
        return evidence.keep(self._folder, self._path(origin).stem, shows, head, held)

    def kept(self, origin: str) -> tuple[int, Path]:
        """How many refused heads of the log ``origin`` are kept, and in which folder.

        Raises:
            StoreError: They can't be seen.
        """
        path = self._path(origin)
        return evidence.count(self._folder, path.stem), self._folder / evidence.FOLDER

    def _held(self, origin: str) -> bytes:
        with self._path(origin).open("rb") as file:
            return file.read(MAX_NOTE_BYTES + 1)

    def _followed(self) -> list[str]:
        path = self._folder / _FOLLOWED
        with durable.told(path):
            data = path.read_bytes() if path.exists() else b""
        return data.decode("utf-8", "replace").split("\n")[:-1]

    def _list(self, origin: str) -> None:
        known = self._followed()
        if origin not in known:
            lines = "".join(f"{one}\n" for one in (*known, origin))
            durable.write(self._folder / _FOLLOWED, lines.encode())

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.tree"


class NewLogError(StoreError):
    """A log that the settings name is not followed yet."""

    def __init__(self, path: Path, origin: str) -> None:
        super().__init__(
            f"this witness does not follow the log {origin} yet: {path} is not there. If it never"
            f" cosigned for that log, run: tamizdat witness follow {origin}\n"
            f"If it did, its memory is lost. {_back(origin)}"
        )


class ForgottenError(StoreError):
    """A log was followed, and its file is gone."""

    def __init__(self, path: Path, origin: str) -> None:
        super().__init__(
            f"{path} is gone: what this witness cosigned last of the log {origin}. Nothing was"
            f" signed. {_back(origin)}"
        )


class WitnessDamagedError(StoreDamagedError):
    """What the witness remembers can't be read."""

    def __init__(self, problem: str, origin: str) -> None:
        StoreError.__init__(
            self, f"{problem}; nothing was signed. Move that file away. {_back(origin)}"
        )


def _back(origin: str) -> str:
    return (
        "Restore it from the newest backup, and then, or where there is none, take the log's newest"
        " head that has this witness's own cosignature (log/checkpoint of a mirror):"
        f" tamizdat witness follow {origin} --head FILE\n"
        "Is there none either, never begin again with this key: make a witness with a new key and"
        f" a new name for that log. For other logs this one goes on without the [[log]] of {origin}"
    )
