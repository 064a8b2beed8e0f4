"""What a mirror asks of an SFTP server: files, folders, a rename in one step, the room left."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from struct import Struct
from typing import Final

import asyncssh

from mirror.endpoints.sftp_channel import LOST, NUMBER, STATUS, Answer, SftpChannel, string

PIECE: Final = 131_072  # bytes; OpenSSH ends the session on one message over 256 KiB
AT_ONCE: Final = 32  # pieces of one file on their way

WRITE: Final = 0x02 | 0x08  # and make the file where it is missing
NEW: Final = WRITE | 0x20  # only where nothing stands

_OPEN, _CLOSE, _READ, _WRITE, _FSTAT, _REMOVE, _MKDIR, _EXTENDED = 3, 4, 5, 6, 8, 13, 14, 200
_HANDLE, _DATA, _ATTRIBUTES, _REPLY = 102, 103, 105, 201
_OK, _END_OF_FILE = 0, 1
_RENAME: Final = b"posix-rename@openssh.com"
_STATVFS: Final = b"statvfs@openssh.com"

_HOW: Final = Struct(">I")  # a file is opened
_RIGHTS: Final = Struct(">II")  # which attributes follow, and these: the rights of a file
_RIGHTS_ONLY: Final = 0x04
_SIZE: Final = Struct(">IQ")  # which attributes follow, and the first of these: a file's size
_HAS_SIZE: Final = 0x01
_WHERE: Final = Struct(">QI")  # from where in a file, how many bytes
_ROOM: Final = Struct(">11Q")

_ERRORS: Final[Mapping[int, Callable[[str], asyncssh.SFTPError]]] = {
    2: asyncssh.SFTPNoSuchFile,
    3: asyncssh.SFTPPermissionDenied,
    4: asyncssh.SFTPFailure,
    LOST: asyncssh.SFTPConnectionLost,
    8: asyncssh.SFTPOpUnsupported,
    # These are of later versions, but some servers say them.
    10: asyncssh.SFTPNoSuchPath,
    11: asyncssh.SFTPFileAlreadyExists,
    14: asyncssh.SFTPNoSpaceOnFilesystem,
    15: asyncssh.SFTPQuotaExceeded,
}


class SftpSession:
    """Calls may overlap. They raise ``asyncssh.SFTPError`` where the server says no."""

    def __init__(self, channel: SftpChannel) -> None:
        """On a channel that has begun."""
        self._channel = channel

    async def create(self, place: str, flags: int, rights: int) -> bytes:
        """Open a file to write; its handle. ``rights`` are for one that is made."""
        how = _HOW.pack(flags) + _RIGHTS.pack(_RIGHTS_ONLY, rights)
        return _string(await self._channel.ask(_OPEN, _name(place), how), _HANDLE)

    async def fill(self, handle: bytes, data: bytes) -> None:
        """Write all of ``data`` and close; the last pieces and the close in one round trip.

        A server does what concerns one file in the order in which it is asked.
        """
        asked: deque[asyncio.Future[Answer]] = deque()
        file = string(handle)
        try:
            for at in range(0, len(data), PIECE):
                if len(asked) == AT_ONCE:
                    check(await asked.popleft())
                piece = data[at : at + PIECE]
                where = _WHERE.pack(at, len(piece))
                asked.append(self._channel.ask(_WRITE, file, where, piece))
        finally:
            asked.append(self._channel.ask(_CLOSE, file))
        for answer in asked:
            check(await answer)

    async def read(self, place: str, max_bytes: int) -> bytes | None:
        """All that a file holds; None where that is more. A small one takes two round trips.

        Raises:
            EOFError: It became shorter meanwhile.
        """
        how = _HOW.pack(1) + _HOW.pack(0)
        file = string(_string(await self._channel.ask(_OPEN, _name(place), how), _HANDLE))
        try:
            asked = self._channel.ask(_FSTAT, file), self._channel.ask(*_piece(file, 0))
            size, whole = _size(await asked[0]), bytearray(_data(await asked[1]))
            while len(whole) < size <= max_bytes:
                piece = _data(await self._channel.ask(*_piece(file, len(whole))))
                if not piece:
                    raise EOFError
                whole += piece
        finally:
            self._channel.ask(_CLOSE, file)  # nobody need wait for that
        return bytes(whole) if max(size, len(whole)) <= max_bytes else None

    async def rename(self, old: str, new: str) -> None:
        """Put one file into another's place, in one step."""
        self._must_know(_RENAME)
        names = _name(old), _name(new)
        check(await self._channel.ask(_EXTENDED, string(_RENAME), *names))

    async def remove(self, place: str) -> None:
        """Remove a file."""
        check(await self._channel.ask(_REMOVE, _name(place)))

    def mkdir(self, place: str, rights: int) -> "asyncio.Future[Answer]":
        """Ask for a folder, ahead of what is asked next. ``check`` tells what came of it."""
        how = _RIGHTS.pack(_RIGHTS_ONLY, rights)
        return self._channel.ask(_MKDIR, _name(place), how)

    async def has_room(self, place: str, size: int) -> bool:
        """Whether the disk under ``place`` takes another file of ``size`` bytes."""
        self._must_know(_STATVFS)
        answer = await self._channel.ask(_EXTENDED, string(_STATVFS), _name(place))
        found = _ROOM.unpack_from(_body(answer, _REPLY, _ROOM.size))
        _, block, _, _, blocks, files, _, files_left, *_ = found
        return bool(blocks * block > size and (files_left or not files))

    def _must_know(self, extension: bytes) -> None:
        if extension not in self._channel.extensions:
            raise asyncssh.SFTPOpUnsupported(extension.decode())


def _name(place: str) -> bytes:
    return string(place.encode())


def _piece(file: bytes, at: int) -> tuple[int, bytes, bytes]:
    return _READ, file, _WHERE.pack(at, PIECE)


def check(answer: Answer) -> None:
    """Raise ``SFTPError`` where the answer is no."""
    _body(answer, STATUS, NUMBER.size)


def _data(answer: Answer) -> bytes:
    kind, body = answer
    if kind == STATUS and body[: NUMBER.size] == NUMBER.pack(_END_OF_FILE):
        return b""
    return _string(answer, _DATA)


def _size(answer: Answer) -> int:
    """0 where the server doesn't say."""
    body = _body(answer, _ATTRIBUTES, NUMBER.size)
    if int.from_bytes(body[: NUMBER.size]) & _HAS_SIZE:
        return int(_SIZE.unpack_from(_body(answer, _ATTRIBUTES, _SIZE.size))[1])
    return 0


def _string(answer: Answer, kind: int) -> bytes:
    body = _body(answer, kind, NUMBER.size)
    found = body[NUMBER.size :]
    if len(found) != int.from_bytes(body[: NUMBER.size]):
        raise asyncssh.SFTPBadMessage("cut short")
    return found


def _body(answer: Answer, kind: int, least: int) -> bytes:
    """What an answer of this ``kind`` says, in ``least`` bytes or more.

    Raises:
        SFTPError: It is a status instead, and not a good one; or something else altogether.
    """
    found, body = answer
    if found == STATUS and len(body) >= NUMBER.size:
        code = int.from_bytes(body[: NUMBER.size])
        if known := _ERRORS.get(code):
            raise known("")
        if code != _OK:
            raise asyncssh.SFTPError(code, "")
    if found != kind or len(body) < least:
        raise asyncssh.SFTPBadMessage("not an answer to this")
    return body
