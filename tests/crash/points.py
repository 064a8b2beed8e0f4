"""The fault hook: counts every point of a process at which it may die, and stops or kills it there.

A point comes right before the deed: creating, syncing, renaming or unlinking a file, a commit,
a request, what a request gave; and, where that is wanted, in the midst of writing a file of a
mirror. Nothing of the program under test knows of it: the functions of ``os`` and of the libraries
are wrapped.
"""

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
from sqlalchemy import event
from sqlalchemy.engine import Engine

from keys.note import Signature, SigningKey
from mirror.endpoints import durable

_SQLITE_WRITE: Final = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
)


class Points:
    """Counts the points of this process.

    Attributes:
        names: What each of them was.
    """

    def __init__(self, wanted: Callable[[int], bool], then: Callable[[], object]) -> None:
        """``then`` is called at each point whose number, from 0, is ``wanted``."""
        self.names: list[str] = []
        self._wanted = wanted
        self._then = then
        self._lock = threading.Lock()
        self._kept: list[object] = []  # what C calls must not be freed

    def here(self, name: str, *, midst: Callable[[], int] = lambda: 0) -> int:
        """A point; ``midst`` does half of a deed before, and says how much that was."""
        with self._lock:
            self.names.append(name)
            if not self._wanted(len(self.names) - 1):
                return 0
            done = midst()
            self._then()
            return done

    def watch(self, *, midst: bool) -> None:
        """Wrap everything; the midst of writing a file is a point too where that is wanted."""
        for name in ("fsync", "rename", "replace", "link", "unlink", "rmdir"):
            self._wrap(os, name)
        self._wrap(durable, "sync_all")
        self._watch_open()
        if midst:
            self._watch_write()
        event.listen(Engine, "commit", lambda _: self.here("commit"))
        self._watch_requests()

    def _wrap(self, owner: object, name: str) -> None:
        inner = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the wrapped one
            self.here(f"{name} {_what(arguments)}".rstrip())
            return inner(*arguments, **named)

        setattr(owner, name, wrapped)

    def _watch_open(self) -> None:
        inner = os.open

        def opened(path: Any, flags: int, *arguments: Any, **named: Any) -> int:  # noqa: ANN401
            if flags & os.O_CREAT:
                self.here(f"create {_what((path,))}")
            return inner(path, flags, *arguments, **named)

        os.open = opened

    def _watch_write(self) -> None:
        """The files of a mirror are written by ``os.write``: die with half of it written."""
        inner = os.write

        def write(descriptor: int, data: Any) -> int:  # noqa: ANN401 - bytes or a view
            half = bytes(data)[: len(data) // 2]
            done = self.here("half written", midst=lambda: inner(descriptor, half))
            return done + inner(descriptor, bytes(data)[done:])

        os.write = write

    def _watch_requests(self) -> None:
        inner = aiohttp.ClientSession._request  # noqa: SLF001 - what every method of it calls

        async def request(session: Any, method: str, url: Any, **named: Any) -> Any:  # noqa: ANN401
            self.here(f"request {method} {url}")
            answer = await inner(session, method, url, **named)
            self.here(f"answer {method} {url}")
            return answer

        setattr(aiohttp.ClientSession, inner.__name__, request)

    def watch_sqlite(self) -> None:
        """Make every write of SQLite's to its files a point too: the midst of a commit."""
        library = ctypes.CDLL("libsqlite3.so.0")
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        vfs = library.sqlite3_vfs_find(None)
        libc = ctypes.CDLL(None)
        libc.pwrite64.restype = ctypes.c_ssize_t
        libc.pwrite64.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64]

        def write(descriptor: int, data: int, size: int, place: int) -> int:
            half = size // 2
            self.here("sqlite", midst=lambda: int(libc.pwrite64(descriptor, data, half, place)))
            written: int = libc.pwrite64(descriptor, data, size, place)
            return written

        call = _SQLITE_WRITE(write)
        self._kept.append(call)
        done = [vfs.contents.set_system_call(vfs, name, call) for name in (b"pwrite64", b"pwrite")]
        assert 0 in done


class _Vfs(ctypes.Structure):
    """``sqlite3_vfs`` of sqlite3.h, as far as it is needed."""


_SET = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Vfs), ctypes.c_char_p, _SQLITE_WRITE)
_Vfs._fields_ = [
    ("version", ctypes.c_int),
    ("size", ctypes.c_int),
    ("max_path", ctypes.c_int),
    ("next", ctypes.c_void_p),
    ("name", ctypes.c_char_p),
    ("data", ctypes.c_void_p),
    *((f"call_{number}", ctypes.c_void_p) for number in range(13)),
    ("set_system_call", _SET),
]


def record_signatures(file: Path) -> None:
    """Append every text that a key of this process signs to ``file``, a line each, in hex."""

    def wrap(name: str) -> None:
        inner = getattr(SigningKey, name)

        def signed(key: SigningKey, text: str, *more: int) -> Signature:
            with file.open("a") as stream:
                stream.write(f"{name} {text.encode().hex()} {more}\n")
            signature: Signature = inner(key, text, *more)
            return signature

        setattr(SigningKey, name, signed)

    wrap("sign")
    wrap("cosign")


def _what(arguments: tuple[Any, ...]) -> str:
    first = arguments[0]
    return "" if isinstance(first, int) else str(first).rsplit("/", 1)[-1]
