"""Files that are there after a crash: written beside, synced, renamed; folders synced too."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mirror.endpoints import durable as whole
from mirror.errors import StoreError, StoreFullError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
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


def write(path: Path, data: bytes, *, by: Path | None = None) -> None:
    """Make ``data`` the content of ``path``; after a crash it is the old or the new content.

    It is written in ``by``, a folder of the same disk, or beside ``path``; a crash may leave
    a file there, so ``by`` is one that is swept.

    Raises:
        StoreError: It can't be written; the old content stays.
    """
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, data, by=by)
        sync_folder(path.parent)


def write_new(path: Path, data: bytes, *, by: Path | None = None) -> None:
    """Like ``write``, but the folder is there, and is left for the caller to sync.

    Raises:
        OSError: It can't be written; nothing is left behind.
    """
    descriptor, name = tempfile.mkstemp(dir=by or path.parent, prefix=".new-")
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


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files``, by path below ``folder``, over what is there; not synced: see ``sync_all``.

    For a folder that nobody reads yet: a crash leaves some of them, and one half written.

    Raises:
        OSError: They can't be written.
    """
    for parent in {path.rpartition("/")[0] for path in files}:
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        descriptor = os.open(f"{folder}/{path}", _NEW, 0o644)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)


def sync_all(folder: Path) -> None:
    """Make durable all that was written to the file system that ``folder`` is on, names too.

    One call where many files would need one each, and their folders another.

    Raises:
        OSError: Something could not be written.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        whole.sync_all(descriptor)
    finally:
        os.close(descriptor)


def move(old: str | Path, new: str | Path) -> None:
    """Rename ``old`` to ``new``, whose folder is made if it is missing; not synced.

    Raises:
        OSError: It can't be done.
    """
    try:
        os.rename(old, new)  # noqa: PTH104  # where many are moved, a Path costs more than this
    except FileNotFoundError:
        Path(new).parent.mkdir(parents=True, exist_ok=True)
        os.rename(old, new)  # noqa: PTH104


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
