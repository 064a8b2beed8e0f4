"""A second process that hashes the files of a folder while the first does other things.

Python runs one thread at a time, and half the work of a verification is to open small files.
So a copy of this process, made before much is loaded, walks the folder and hashes from the first
path on; the first process begins at the other end, and they meet. Only for a command of its own:
a process with threads must not be copied.
"""

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Final

_FIRST: Final = 2**16  # larger files are left to the first process
_MAX_FILES: Final = 1_000_000
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
        self._at = 0

    def more(self) -> dict[str, str]:
        """Path to hex SHA-256 of what was hashed since the last call."""
        data = bytearray()
        while piece := os.pread(self._notes, 2**20, self._at + len(data)):
            data += piece
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        lines = whole.decode("utf-8", "surrogateescape").splitlines()
        return {line[64:]: line[:64] for line in lines}

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
    for path in sorted(_walk(root)):
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
            os.write(notes, "".join(lines).encode("utf-8", "surrogateescape"))
            lines.clear()
    os.write(notes, "".join(lines).encode("utf-8", "surrogateescape"))


def _walk(root: str) -> Iterator[str]:
    """Every file but dot files and proofs; odd names are left out."""
    waiting = [""]
    count = 0
    while waiting and count < _MAX_FILES:
        inside = waiting.pop()
        try:
            with os.scandir(root + inside) as entries:
                for entry in entries:
                    name = entry.name
                    if name[0] == "." or not name.isprintable():
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{inside}{name}/")
                    elif not name.endswith(".tlog-proof") and entry.is_file(follow_symlinks=False):
                        count += 1
                        yield inside + name
        except OSError:
            continue
