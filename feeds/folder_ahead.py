"""A second process that hashes the files of a folder while the first does other things.

Python runs one thread at a time, and half the work of a verification is to open small files.
So a copy of this process, made before much is loaded, lists the folder and hashes from the first
path on; the first process begins at the other end, and they meet. Only for a command of its own:
a process with threads must not be copied.

It writes its notes into a file that both have open: the length of the listing and that, one path
a line; then a line of digest and path for each file.
"""

import hashlib
import os
import sys
import threading
from typing import Final

_FIRST: Final = 2**16  # larger files are left to the first process
_MAX_FILES: Final = 1_000_000
_MAX_DEPTH: Final = 32  # as FolderReader has it
_LENGTH_DIGITS: Final = 12
_PIECE: Final = 2**20
_PROOF: Final = ".tlog-proof"  # feeds.paths has it too, and takes time to load
_FLUSH: Final = 64  # files between two notes of how far it is
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class Ahead:
    """What the second process has found so far."""

    def __init__(self, process: int, notes: int) -> None:
        """``notes`` is a file that it writes and this one reads."""
        self._process = process
        self._notes = notes
        self._begin = 0  # of the digests; 0 while they have not come
        self._at = 0

    def listing(self) -> list[str] | None:
        """Every file of the folder, as it was when this began.

        None where that is not there yet, or where something stands there that is no plain file
        in a plain folder.
        """
        length = self._listing_bytes()
        if not length:
            return None
        paths = _pread(self._notes, length, self._begin - length)
        return paths.decode("utf-8", "surrogateescape").splitlines()

    def more(self) -> dict[str, str]:
        """Path to hex SHA-256 of what was hashed since the last call."""
        self._listing_bytes()
        if not self._begin:
            return {}
        self._at = self._at or self._begin
        data = _pread(self._notes, sys.maxsize, self._at)
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        lines = whole.decode("utf-8", "surrogateescape").splitlines()
        return {line[64:]: line[:64] for line in lines}

    def _listing_bytes(self) -> int:
        """How long the listing is; 0 where there is none, or not yet. Finds where it ends."""
        first = os.pread(self._notes, _LENGTH_DIGITS, 0)
        if len(first) < _LENGTH_DIGITS:
            return 0
        length = int(first)
        if os.fstat(self._notes).st_size < _LENGTH_DIGITS + length:
            return 0
        self._begin = _LENGTH_DIGITS + length
        return length

    def end(self) -> None:
        """Let it go; it may be anywhere."""
        if not self._process:
            return
        os.kill(self._process, 9)
        os.waitpid(self._process, 0)
        os.close(self._notes)
        self._process = 0


def begin(folder: str) -> Ahead | None:
    """Start to hash the files of ``folder``; None where it can't be done, or gains nothing."""
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2 or threading.active_count() > 1:  # noqa: PLR2004 - one process each
        return None
    notes = os.memfd_create("notes")
    process = os.fork()
    if process:
        return Ahead(process, notes)
    try:
        _hash_all(os.path.join(os.path.abspath(folder), ""), notes)  # noqa: PTH100, PTH118 - as FolderReader has it
    finally:
        os._exit(0)


def _hash_all(root: str, notes: int) -> None:
    buffer = bytearray(_FIRST)
    view = memoryview(buffer)
    lines = []
    files = _walk(root)
    _write(notes, _listed(files))
    for path in sorted(path for path in files or () if not path.endswith(_PROOF)):
        try:
            descriptor = os.open(root + path, _FLAGS)
        except OSError:
            continue
        try:
            size = os.readv(descriptor, [buffer])
        except OSError:
            continue
        finally:
            os.close(descriptor)
        if 0 < size < _FIRST:
            lines.append(f"{hashlib.sha256(view[:size]).hexdigest()}{path}\n")
        if len(lines) == _FLUSH:
            _write(notes, "".join(lines))
            lines.clear()
    _write(notes, "".join(lines))


def _listed(files: list[str] | None) -> str:
    text = "".join(f"{path}\n" for path in files or ())
    length = len(text.encode("utf-8", "surrogateescape"))
    return f"{length:{_LENGTH_DIGITS}}{text}"


def _write(notes: int, text: str) -> None:
    left = memoryview(text.encode("utf-8", "surrogateescape"))
    while left:
        left = left[os.write(notes, left) :]


def _pread(notes: int, count: int, at: int) -> bytes:
    data = bytearray()
    while piece := os.pread(notes, min(count - len(data), _PIECE), at + len(data)):
        data += piece
    return bytes(data)


def _walk(root: str) -> list[str] | None:
    """Every file but dot files; None where there is anything that the first process must judge."""
    files: list[str] = []
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        if inside.count("/") > _MAX_DEPTH or len(files) > _MAX_FILES:
            return None
        try:
            with os.scandir(root + inside) as entries:
                for entry in entries:
                    name = entry.name
                    if name[0] == ".":
                        continue
                    if not name.isprintable():
                        return None
                    if entry.is_file(follow_symlinks=False):
                        files.append(inside + name)
                    elif entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{inside}{name}/")
                    else:
                        return None
        except OSError:
            return None
    return files
