"""Files that are there after a crash: written beside, synced, renamed; folders synced too."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from mirror.errors import StoreError, StoreFullError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` about ``path`` into a ``StoreError`` that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFullError(str(path)) from error
        raise StoreError(
            f"{path}: {error.strerror or error}; see that the disk is mounted"
            " and that this user may write there"
        ) from error


def write(path: Path, data: bytes) -> None:
    """Make ``data`` the content of ``path``; after a crash it is the old or the new content.

    Raises:
        StoreError: It can't be written; the old content stays.
    """
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, data)
        sync_folder(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """Like ``write``, but the folder is there, and is left for the caller to sync.

    Raises:
        OSError: It can't be written; nothing is left behind.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def move(old: Path, new: Path) -> None:
    """Rename ``old`` to ``new``, whose folder is made if it is missing; not synced.

    Raises:
        OSError: It can't be done.
    """
    try:
        old.rename(new)
    except FileNotFoundError:
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable.

    Raises:
        OSError: It can't be done.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folders(folders: Iterable[Path], top: Path) -> None:
    """Make durable the names in ``folders`` and in every folder above them, up to ``top``.

    Raises:
        OSError: It can't be done.
    """
    every = {parent for folder in folders for parent in (folder, *folder.parents)}
    for folder in sorted(every, key=lambda one: len(one.parts), reverse=True):
        if folder.is_relative_to(top):
            sync_folder(folder)
