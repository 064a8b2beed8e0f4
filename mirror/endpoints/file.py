"""``file:///srv/mirror``: a mirror that is a folder on this machine, or mounted on it."""

import asyncio
import contextlib
import errno
import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig
from mirror.endpoints import durable, paths
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

T = TypeVar("T")

THREADS: Final = 4  # a disk gains nothing from more; a network mount that hangs holds only these

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PASSING: Final = {
    errno.EIO,
    errno.ESTALE,
    errno.EAGAIN,
    errno.EINTR,
    errno.EMFILE,
    errno.ENFILE,
    errno.ETIMEDOUT,
    errno.ENOTCONN,
    errno.EHOSTDOWN,
    errno.ENOMEM,
    errno.EBUSY,
}


class FileMirror:
    """A folder. No symbolic link below it is followed, so nothing outside it is touched.

    Files are written beside their place under a dot name, and renamed. What stands before
    the head is made durable once, when the head is put, instead of file by file.
    """

    def __init__(self, name: str, root: Path, *, durably: bool = True) -> None:
        """A mirror in ``root``, which is made when the first file is put."""
        self._name = name
        self._root = root
        self._durably = durably
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"mirror-{name}")

    @classmethod
    def build(cls, config: MirrorConfig) -> "FileMirror":
        """The mirror that ``config`` describes."""
        folder = config.folder
        if folder is None:
            raise EndpointRefusedError(config.name, f"push {config.push} names no folder")
        return cls(config.name, folder)

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        return await self._run("GET", path, lambda: self._get(path, max_bytes))

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        given_up = threading.Event()
        try:
            await self._run("PUT", path, lambda: self._put(path, data, given_up))
        finally:
            given_up.set()  # a thread that hangs must not put old bytes in place later

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        await self._run("DELETE", path, lambda: self._delete(path))

    async def close(self) -> None:
        """Let go of the threads, without waiting for one that hangs."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, verb: str, path: str, work: Callable[[], T]) -> T:
        paths.check(self._name, path)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, work)
        except OSError as error:
            raise in_words(self._name, f"{verb} {path}", error) from error

    def _get(self, path: str, max_bytes: int) -> bytes | None:
        try:
            with self._parent(path) as (folder, name):
                descriptor = os.open(name, _OLD, dir_fd=folder)
        except FileNotFoundError:
            return None
        with open(descriptor, "rb") as file:  # noqa: PTH123 - opened by a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise EndpointRefusedError(self._name, f"GET {path}: is no ordinary file")
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise EndpointUnreachableError(self._name, f"GET {path}: over {max_bytes} bytes")
        return data

    def _put(self, path: str, data: bytes, given_up: threading.Event) -> None:
        with self._parent(path, create=True) as (folder, name):
            if self._durably and path == CHECKPOINT:
                durable.sync_all(folder)
            fresh = f".{secrets.token_hex(8)}"
            try:
                self._write(fresh, data, folder, sync=self._durably and path == CHECKPOINT)
                _go_on(given_up)
                os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(fresh, dir_fd=folder)
                raise
            if self._durably and path == CHECKPOINT:
                os.fsync(folder)

    @staticmethod
    def _write(name: str, data: bytes, folder: int, *, sync: bool) -> None:
        descriptor = os.open(name, _NEW, 0o644, dir_fd=folder)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _delete(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError), self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    @contextlib.contextmanager
    def _parent(self, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that ``path`` is in, and the last part of it."""
        *above, name = path.split("/")
        if create:
            self._root.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in above:
                inner = _open_folder(part, folder, create=create)
                os.close(folder)
                folder = inner
            yield folder, name
        finally:
            os.close(folder)


def in_words(mirror: str, what: str, error: OSError) -> EndpointError:
    """The error that a caller gets for one of the file system's, with what to do about it."""
    reason = error.strerror or type(error).__name__
    if error.errno in _PASSING:
        return EndpointUnreachableError(mirror, f"{what}: {reason}")
    remedy = _REMEDIES.get(error.errno or 0, "see to the folder that `push` names")
    return EndpointRefusedError(mirror, f"{what}: {reason}; {remedy}")


def _go_on(given_up: threading.Event) -> None:
    if given_up.is_set():
        raise InterruptedError(errno.EINTR, "given up")


def _open_folder(part: str, above: int, *, create: bool) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        if not create:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(part, 0o755, dir_fd=above)
    return os.open(part, _FOLDER, dir_fd=above)


_LINK: Final = "a symbolic link stands where the tree has a folder or file; remove it"
_FULL: Final = "free some space there; the next push goes on"
_REMEDIES: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: "let this user write there",
    errno.EPERM: "let this user write there",
    errno.EROFS: "mount it for writing",
    errno.ELOOP: _LINK,
    errno.ENOTDIR: _LINK,
    errno.EISDIR: "a folder stands where the tree has a file; remove it",
}
