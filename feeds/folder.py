"""``FolderReader``: a tree in a folder, on a USB stick or in an unpacked bundle."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from feeds.errors import MissingFileError, TreeError, UnreadableError
from feeds.folder_ahead import Ahead
from feeds.verify_reader import MAX_FILE_BYTES, Listing, TooLargeError

_MAX_DEPTH: Final = 32  # folders in folders; a tree needs seven
_MAX_FILES: Final = 20_000_000
_FIRST: Final = 2**16  # most files are smaller
_PIECE: Final = 2**20
_STEP: Final = 128  # files between two looks at what the other process has
_BATCH: Final = 256  # files for one thread at a time
_MAX_THREADS: Final = 4  # reading and hashing run beside each other; a disk gains no more
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # a symbolic link may lead anywhere
    | getattr(os, "O_NONBLOCK", 0)  # a pipe would wait for ever
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class FolderReader:
    """The files of one folder, never those outside it: no symbolic link is followed.

    Args:
        folder: Which.
        ahead: Another process that began to read it already.

    Raises:
        UnreadableError: There is no such folder.
    """

    def __init__(self, folder: Path, *, ahead: Ahead | None = None) -> None:
        if not folder.is_dir():
            raise UnreadableError(str(folder), "is no folder that can be read")
        self._root = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 - str is what os.open takes fastest
        self._ahead = ahead
        self._folders: frozenset[str] = frozenset()
        self._files: frozenset[str] = frozenset()

    def listing(self) -> Listing:
        """Every file of the folder; dot files and dot folders are passed over.

        Raises:
            UnreadableError: A folder in it could not be listed, or there is no end to it.
        """
        early = self._ahead.listing() if self._ahead else None
        if early is None:
            return self._list()
        self._files = frozenset(early)
        self._folders = frozenset(path[: path.rfind("/") + 1] for path in early)
        return Listing(self._files, early=True)

    def _list(self) -> Listing:
        files: list[str] = []
        strange: dict[str, str] = {}
        folders = {""}
        waiting = [""]
        while waiting:
            inside = waiting.pop()
            for entry in self._scan(inside):
                name = entry.name
                path = inside + name
                if name[0] == ".":
                    continue
                if not name.isprintable():
                    strange[ascii(path)] = "has a name that no mirror can hold"
                elif entry.is_file(follow_symlinks=False):
                    files.append(path)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{path}/")
                    folders.add(f"{path}/")
                else:
                    strange[path] = "is a symbolic link" if entry.is_symlink() else "is no file"
            if len(files) > _MAX_FILES:
                raise UnreadableError(self._root, f"holds more than {_MAX_FILES} files")
        self._folders, self._files = frozenset(folders), frozenset(files)
        return Listing(self._files, strange)

    def soon(self, wanted: Mapping[str, int]) -> None:
        """Nothing: what is here is here at once."""

    def read_many(
        self, paths: Iterable[str], *, max_bytes: int
    ) -> Iterator[tuple[str, bytes | TreeError]]:
        """Each path with its bytes or what went wrong, in the order asked."""
        for path in paths:
            try:
                yield path, self._read(path, max_bytes)
            except TreeError as error:
                yield path, error

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        """Each path with its hex SHA-256 or what went wrong, in the order asked."""
        wanted = list(paths)
        if self._ahead:
            yield from self._hash_both(wanted, self._ahead)
            return
        if len(wanted) <= _BATCH:
            yield from self._hash_some(wanted)
            return
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - 5 ms that the command does without

        batches = (wanted[at : at + _BATCH] for at in range(0, len(wanted), _BATCH))
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _MAX_THREADS)) as pool:
            for found in pool.map(self._hash_some, batches):
                yield from found

    def _hash_both(self, wanted: list[str], ahead: Ahead) -> Iterator[tuple[str, str | TreeError]]:
        """Hash from the last path on, until the other process, from the first on, is met.

        Used once: what it read was read then, and not when this reader was asked again.
        """
        self._ahead = None
        found: dict[str, str | TreeError] = {}
        left = sorted(wanted)
        while left:
            found.update(ahead.more())
            now = [path for path in left[-_STEP:] if path not in found]
            del left[-_STEP:]
            found.update(self._hash_some(now))
        yield from zip(wanted, map(found.__getitem__, wanted), strict=True)

    def _hash_some(self, paths: Iterable[str]) -> list[tuple[str, str | TreeError]]:
        found: list[tuple[str, str | TreeError]] = []
        for path in paths:
            try:
                found.append((path, self._hash_small(path) or self._hash(path)))
            except TreeError as error:
                found.append((path, error))
        return found

    def _hash_small(self, path: str) -> str:
        """What ``_hash`` says of a listed file of one piece; empty for all others. Four calls."""
        if path not in self._files:
            return ""
        try:
            descriptor = os.open(self._root + path, _FLAGS)
        except OSError:
            return ""
        try:
            piece = os.read(descriptor, _FIRST)
        except OSError:
            return ""
        finally:
            os.close(descriptor)
        return hashlib.sha256(piece).hexdigest() if 0 < len(piece) < _FIRST else ""

    def _scan(self, inside: str) -> list[os.DirEntry[str]]:
        if inside.count("/") > _MAX_DEPTH:
            raise UnreadableError(inside, f"is more than {_MAX_DEPTH} folders deep")
        try:
            with os.scandir(self._root + inside) as entries:
                return list(entries)
        except OSError as error:
            raise UnreadableError(inside or self._root, _reason(error)) from error

    def _read(self, path: str, max_bytes: int) -> bytes:
        descriptor = self._open(path)
        try:
            return b"".join(_pieces(descriptor, path, max_bytes))
        finally:
            os.close(descriptor)

    def _hash(self, path: str) -> str:
        descriptor = self._open(path)
        try:
            pieces = _pieces(descriptor, path, MAX_FILE_BYTES)
            digest = hashlib.sha256(next(pieces, b""))
            for piece in pieces:
                digest.update(piece)
        finally:
            os.close(descriptor)
        return digest.hexdigest()

    def _open(self, path: str) -> int:
        self._check_way(path)
        try:
            return os.open(self._root + path, _FLAGS)
        except FileNotFoundError as error:
            raise MissingFileError(path) from error
        except (OSError, ValueError) as error:
            raise UnreadableError(path, _reason(error)) from error

    def _check_way(self, path: str) -> None:
        """Refuse a path on whose way a symbolic link stands; the listing knows most folders."""
        folder = path[: path.rfind("/") + 1]
        if folder in self._folders:
            return
        parts = folder.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            way = "/".join(parts[:count])
            try:
                mode = os.lstat(self._root + way).st_mode
            except FileNotFoundError as error:
                raise MissingFileError(path) from error
            except (OSError, ValueError) as error:
                raise UnreadableError(path, _reason(error)) from error
            if not stat.S_ISDIR(mode):
                raise UnreadableError(path, f"can't be reached: {way} is no folder")


def _pieces(descriptor: int, path: str, max_bytes: int) -> Iterator[bytes]:
    """The file in pieces; small files are one piece, and one call."""
    try:
        piece = os.read(descriptor, _FIRST)
        if 0 < len(piece) < _FIRST:  # of a file that is all; pipes and devices are not listed
            if len(piece) > max_bytes:
                raise TooLargeError(path, max_bytes)
            yield piece
            return
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(path, "is no regular file")
        left = max_bytes
        if status.st_size > left:
            raise TooLargeError(path, max_bytes)
        while piece:
            left -= len(piece)
            if left < 0:  # it grows while we read
                raise TooLargeError(path, max_bytes)
            yield piece
            piece = os.read(descriptor, _PIECE)
    except OSError as error:
        raise UnreadableError(path, _reason(error)) from error


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return f"can't be read: {text or error}"
