"""``BundleReader``: a tree, or a part of it, in a ``.zip`` file that anybody may have made."""

import hashlib
import stat
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from feeds.bundle_directory import Directory, Packed
from feeds.errors import MissingFileError, TreeError, UnreadableError
from feeds.paths import CHECKPOINT
from feeds.verify_reader import MAX_FILE_BYTES, Listing, TooLargeError

MAGICS: Final = (b"PK\3\4", b"PK\5\6")
MAX_ODD: Final = 10_000  # names of other letters than a mirror's, and things that are no files
FREE_BYTES: Final = 2**30  # of any bundle so much is unpacked …
TIMES: Final = 16  # … and that many times its own size; pages pack to a fifth

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_PIECE: Final = 2**18
_LOCKED: Final = 0x2041  # flags of a password, of a stronger one, of a hidden directory
_STORED: Final = 0
_DEFLATED: Final = 8
_KINDS: Final = (0, stat.S_IFREG)
_NOT_A_TOP: Final = frozenset("apm") | {"log"}
_APPLE: Final = "__MACOSX/"  # what the Finder adds; nothing of the tree


class BundleReader:
    """The files of one bundle; nothing is written anywhere.

    Names are those of the directory. One folder around everything is taken off, dot files are
    passed over, and a backslash is a slash, as some tools write it. Of two entries of one name
    the last is read, as unpacking would leave it, and the listing calls it strange.

    Args:
        file: Which.

    Raises:
        UnreadableError: It is no bundle that can be read.
    """

    def __init__(self, file: Path) -> None:
        self._name = file.name
        try:
            self._stream: BinaryIO = file.open("rb")
        except OSError as error:
            raise UnreadableError(file.name, error.strerror or str(error)) from error
        try:
            self._directory = Directory(self._stream, file.name)
        except OSError as error:
            self._stream.close()
            raise UnreadableError(file.name, error.strerror or str(error)) from error
        except UnreadableError:
            self._stream.close()
            raise
        self._left = FREE_BYTES + TIMES * self._directory.length
        self._places: dict[str, int] = {}
        self._strange: dict[str, str] = {}
        try:
            self._index()
        except UnreadableError:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._stream.close()

    @property
    def is_tree(self) -> bool:
        """Whether the head of a mirror is in it."""
        return CHECKPOINT in self._places

    def listing(self) -> Listing:
        """Every file; dot files and dot folders are passed over."""
        return Listing(frozenset(filter(_is_shown, self._places)), self._strange)

    def soon(self, wanted: Mapping[str, int]) -> None:
        """Nothing: what is here is here at once."""

    def read_many(
        self, paths: Iterable[str], *, max_bytes: int
    ) -> Iterator[tuple[str, bytes | TreeError]]:
        """Each path with its bytes or what went wrong, in the order asked."""
        for path in paths:
            try:
                yield path, b"".join(self._pieces(path, max_bytes))
            except TreeError as error:
                yield path, error

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        """Each path with its hex SHA-256 or what went wrong, in the order asked."""
        for path in paths:
            digest = hashlib.sha256()
            try:
                for piece in self._pieces(path, MAX_FILE_BYTES):
                    digest.update(piece)
                yield path, digest.hexdigest()
            except TreeError as error:
                yield path, error

    def _index(self) -> None:
        top = self._top()
        odd = 0
        for place, path, problem in self._entries():
            inside = path.removeprefix(top)
            odd += bool(problem) or not inside.isascii()
            if odd > MAX_ODD:
                text = f"holds more than {MAX_ODD} names that no mirror has: verify the folder"
                raise UnreadableError(self._name, text)
            if problem:
                self._strange[inside if inside.isprintable() else ascii(inside)] = problem
                continue
            if inside in self._places and _is_shown(inside):
                self._strange[inside] = "stands in it twice"
            self._places[inside] = place

    def _entries(self) -> Iterator[tuple[int, str, str]]:
        """Of each that is no folder: its place, its path, and why no mirror can hold it."""
        for place in self._directory.places():
            entry = self._directory.at(place)
            path = _text(entry.name)
            if not path.endswith("/") and not path.startswith(_APPLE):
                yield place, path, _strangeness(path, entry.mode)

    def _top(self) -> str:
        """The folder, with its slash, in which everything is; empty where there is none."""
        top = ""
        for _, path, problem in self._entries():
            if not problem and _is_shown(path):
                first, slash, _ = path.partition("/")
                if not slash or first in _NOT_A_TOP or top not in ("", first):
                    return ""
                top = first
        return f"{top}/" if top else ""

    def _pieces(self, path: str, max_bytes: int) -> Iterator[bytes]:
        place = self._places.get(path)
        if place is None:
            raise MissingFileError(path)
        entry = self._directory.at(place)
        if entry.size > max_bytes:
            raise TooLargeError(path, max_bytes)
        if entry.flags & _LOCKED:
            raise UnreadableError(path, "is locked with a password: ask for a bundle without one")
        if entry.method not in (_STORED, _DEFLATED):
            problem = f"is packed by a method ({entry.method}) that is not known here: make the"
            raise UnreadableError(path, f"{problem} bundle with another tool")
        try:
            found = 0
            for piece in self._unpack(entry):
                found += len(piece)
                self._left -= len(piece)
                if found > entry.size:
                    break
                if self._left < 0:
                    problem = "comes after more than a bundle of this size may unpack to"
                    raise UnreadableError(path, problem)
                yield piece
        except (zlib.error, struct.error, EOFError, OSError) as error:
            raise UnreadableError(path, f"is damaged in the bundle: {error}") from error
        if found != entry.size:
            raise UnreadableError(path, "is damaged in the bundle: it has not the size it claims")

    def _unpack(self, entry: Packed) -> Iterator[bytes]:
        stream = self._stream
        stream.seek(entry.offset)
        fields = _LOCAL.unpack(stream.read(_LOCAL.size))
        if fields[0] != MAGICS[0] or stream.read(fields[9]) != entry.name:
            raise EOFError("two names are given for it")
        start = entry.offset + _LOCAL.size + fields[9] + fields[10]
        if start + entry.packed > self._directory.start:
            raise EOFError("it has no end")
        packed = self._raw(start, entry.packed)
        return packed if entry.method == _STORED else _inflate(packed)

    def _raw(self, start: int, count: int) -> Iterator[bytes]:
        while count:
            self._stream.seek(start)
            piece = self._stream.read(min(count, _PIECE))
            if not piece:
                raise EOFError("it breaks off")
            start += len(piece)
            count -= len(piece)
            yield piece


def _inflate(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while not inflater.eof:
        given = inflater.unconsumed_tail or next(packed, b"")
        piece = inflater.decompress(given, _PIECE)
        if piece:
            yield piece
        elif not given and not inflater.eof:
            raise EOFError("it breaks off")
    if inflater.unused_data or next(packed, b""):
        raise EOFError("more follows its end")


def _text(name: bytes) -> str:
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("latin-1")  # of the top folder at most, and that is taken off
    return text.replace("\\", "/").removeprefix("./")


def _strangeness(path: str, mode: int) -> str:
    """Why a mirror can't hold such an entry; empty where it can."""
    parts = path.split("/")
    if path.startswith("/") or ":" in parts[0] or ".." in parts:
        return "has a path that leads out of the bundle"
    if not path.isprintable() or not {"", "."}.isdisjoint(parts):
        return "has a name that no mirror can hold"
    if stat.S_IFMT(mode) == stat.S_IFLNK:
        return "is a symbolic link"
    return "" if stat.S_IFMT(mode) in _KINDS else "is no file"


def _is_shown(path: str) -> bool:
    return "/." not in f"/{path}"
