"""What a ``.zip`` file says that it holds: its directory, read strictly, nothing unpacked.

The form is that of PKWARE's APPNOTE 6.3, one disk, with zip64. ``zipfile`` is not used: it reads a
directory of any length, keeps some 640 bytes for each entry, and forgives what two unpackers
would take for different files.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from feeds.errors import UnreadableError

MAX_ENTRIES: Final = 250_000  # of a mirror with more, the folder is verified
MAX_DIRECTORY_BYTES: Final = 40 * 2**20

_END: Final = struct.Struct("<4s4H2LH")
_END64_PLACE: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_FIELD: Final = struct.Struct("<2H")
_FULL16: Final = 0xFFFF
_FULL32: Final = 0xFFFFFFFF
_ZIP64: Final = 1
_LOCAL_BYTES: Final = 30


@dataclass(frozen=True, slots=True)
class Packed:
    """One entry of a directory.

    Attributes:
        name: As it is written, which may be anything.
        flags: Bit 0 stands for a password, 11 for UTF-8.
        method: 0 as it is, 8 deflated.
        packed: Bytes in the bundle.
        size: Bytes once unpacked, as it claims.
        mode: What kind of file it was under Unix, and its rights; 0 where nothing is said.
        offset: Where its own header begins.
        next: Where the next entry begins in the directory.
    """

    name: bytes
    flags: int
    method: int
    packed: int
    size: int
    mode: int
    offset: int
    next: int


class Directory:
    """The entries of the bundle in ``stream``.

    Args:
        stream: Can seek.
        name: What messages call it.

    Raises:
        UnreadableError: It is no such file, or one that is damaged, or made to deceive.
        OSError: It can't be read.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._name = name
        self.length = stream.seek(0, 2)
        count, size, self.start = self._find(stream)
        if count > MAX_ENTRIES or size > MAX_DIRECTORY_BYTES:
            problem = f"holds more than {MAX_ENTRIES} files: unpack it, and verify the folder"
            raise UnreadableError(name, problem)
        stream.seek(self.start)
        self._data = stream.read(size)
        self._check(count)

    def at(self, place: int) -> Packed:
        """The entry that begins there in the directory.

        Raises:
            UnreadableError: None does.
        """
        data = self._data
        try:
            fields = _ENTRY.unpack_from(data, place)
        except struct.error as error:
            raise self._damaged() from error
        magic, _, _, flags, method, _, _, _, packed, size = fields[:10]
        named, extra, comment, disk, _, outer, offset = fields[10:]
        start = place + _ENTRY.size
        following = start + named + extra + comment
        if magic != b"PK\1\2" or disk or following > len(data):
            raise self._damaged()
        name = data[start : start + named]
        if _FULL32 in (size, packed, offset):
            wide = self._zip64(data[start + named : start + named + extra])
            try:
                size = next(wide) if size == _FULL32 else size
                packed = next(wide) if packed == _FULL32 else packed
                offset = next(wide) if offset == _FULL32 else offset
            except StopIteration as error:
                raise self._damaged() from error
        return Packed(name, flags, method, packed, size, outer >> 16, offset, following)

    def places(self) -> Iterator[int]:
        """Where each entry begins in the directory, in its order."""
        yield from self._places

    def _check(self, count: int) -> None:
        """Every entry has a place of its own, before the directory."""
        self._places = array("L")
        begins, ends = array("Q"), array("Q")
        place = 0
        while place < len(self._data):
            entry = self.at(place)
            self._places.append(place)
            if max(entry.offset, entry.packed) > self.start:
                raise self._damaged()
            begins.append(entry.offset)
            ends.append(entry.offset + _LOCAL_BYTES + len(entry.name) + entry.packed)
            place = entry.next
        reached = 0
        for number in sorted(range(len(begins)), key=begins.__getitem__):
            if begins[number] < reached:
                problem = "has entries that lie over each other, as no tool makes them"
                raise UnreadableError(self._name, problem)
            reached = ends[number]
        if reached > self.start or len(self._places) != count:
            raise self._damaged()

    def _find(self, stream: BinaryIO) -> tuple[int, int, int]:
        """How many entries, how many bytes, from where on."""
        from_end = min(self.length, _END.size + _FULL16)
        stream.seek(self.length - from_end)
        tail = stream.read(from_end)
        at = len(tail)
        while True:
            at = tail.rfind(b"PK\5\6", 0, at)
            if at < 0:
                raise UnreadableError(self._name, "is no whole .zip file: get it again")
            if at + _END.size <= len(tail):
                _, disk, first, here, count, size, start, comment = _END.unpack_from(tail, at)
                if at + _END.size + comment == len(tail):
                    break
        place = self.length - from_end + at
        if _FULL16 in (here, count) or _FULL32 in (size, start):
            disk, first, here, count, size, start, place = self._find64(stream, place)
        if disk or first or here != count or start + size > place:
            raise self._damaged()
        return count, size, start

    def _find64(self, stream: BinaryIO, place: int) -> tuple[int, int, int, int, int, int, int]:
        try:
            stream.seek(max(place - _END64_PLACE.size, 0))
            magic, _, at, _ = _END64_PLACE.unpack(stream.read(_END64_PLACE.size))
            stream.seek(min(at, self.length))
            end = _END64.unpack(stream.read(_END64.size))
        except struct.error as error:
            raise self._damaged() from error
        if magic != b"PK\6\7" or end[0] != b"PK\6\6" or at + _END64.size > place:
            raise self._damaged()
        return (*end[4:], at)

    def _zip64(self, extra: bytes) -> Iterator[int]:
        """The wide numbers of an entry, in the order in which they stand."""
        at = 0
        while at + _FIELD.size <= len(extra):
            kind, length = _FIELD.unpack_from(extra, at)
            at += _FIELD.size
            if kind == _ZIP64:
                value = extra[at : at + length]
                yield from (
                    int.from_bytes(value[one : one + 8], "little")
                    for one in range(0, min(len(value) - 7, 24), 8)
                )
                return
            at += length

    def _damaged(self) -> UnreadableError:
        return UnreadableError(self._name, "is a damaged .zip file: get it again")
