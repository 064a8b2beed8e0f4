"""Requests and answers of SFTP, version 3, on a channel of asyncssh.

asyncssh's own SFTP client sends every request in two encrypted packets of its own. Here all that
is asked in one turn of the loop leaves together (ADR 19). The messages are those of
draft-ietf-secsh-filexfer-02.
"""

import asyncio
from itertools import count
from struct import Struct
from typing import Final

import asyncssh

STATUS, LOST = 101, 7
VERSION: Final = 3
MOST_BYTES: Final = 262_144  # of one answer; OpenSSH keeps to that too
LEAVES_AT: Final = 131_072  # bytes; so much does not wait for the end of the turn

NUMBER: Final = Struct(">I")

_INIT, _VERSION = 1, 2
_HEAD: Final = Struct(">IBI")  # bytes after this field, kind of message, number of the request
_LENGTH: Final = 4

Answer = tuple[int, bytes]  # kind of message, and what follows the number


class SftpChannel(asyncssh.SSHClientSession[bytes]):
    """Asks, and hands each answer to who asked. Requests overlap, and are begun in order."""

    def __init__(self) -> None:
        """Nothing is asked yet; asyncssh gives it the channel."""
        self._loop = asyncio.get_running_loop()
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._numbers = count(VERSION + 1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._leaving: list[bytes] = []
        self._leaving_bytes = 0
        self._come = bytearray()
        self.extensions: frozenset[bytes] = frozenset()

    async def begin(self) -> None:
        """Agree on the version; what the server can do besides is in ``extensions``.

        Raises:
            SFTPBadMessage: It speaks no such SFTP.
        """
        kind, body = await self._ask(_INIT, VERSION)  # the version stands where numbers do
        if kind != _VERSION:
            raise asyncssh.SFTPBadMessage("no SFTP, version 3")
        self.extensions = frozenset(strings(body)[::2])

    def ask(self, kind: int, *parts: bytes) -> "asyncio.Future[Answer]":
        """Send a request. The answer, or status ``LOST``, never raises, and may be left alone."""
        return self._ask(kind, next(self._numbers) & 0xFFFF_FFFF, *parts)

    def _ask(self, kind: int, number: int, *parts: bytes) -> "asyncio.Future[Answer]":
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if self._channel is None:
            answer.set_result(_LOST_ANSWER)
            return answer
        self._waiting[number] = answer
        size = sum(map(len, parts))
        if not self._leaving:
            self._loop.call_soon(self._leave)
        self._leaving.append(_HEAD.pack(_HEAD.size - _LENGTH + size, kind, number))
        self._leaving += parts
        self._leaving_bytes += size
        if self._leaving_bytes >= LEAVES_AT:
            self._leave()
        return answer

    def _leave(self) -> None:
        leaving, self._leaving, self._leaving_bytes = self._leaving, [], 0
        if leaving and self._channel is not None and not self._channel.is_closing():
            self._channel.write(b"".join(leaving))

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        """See ``SSHClientSession``."""
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Take what came; what the server says on its error line is not looked at."""
        if datatype is not None:
            return
        self._come += data
        at = 0
        while len(self._come) - at >= _HEAD.size:
            length, kind, number = _HEAD.unpack_from(self._come, at)
            if not _HEAD.size - _LENGTH <= length <= MOST_BYTES:
                self._end()
                return
            end = at + _LENGTH + length
            if len(self._come) < end:
                break
            if not self._take(number, (kind, bytes(self._come[at + _HEAD.size : end]))):
                self._end()
                return
            at = end
        del self._come[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        del exc
        self._end()

    def _take(self, number: int, answer: Answer) -> bool:
        waiting = self._waiting.pop(number, None)
        if waiting is None:
            return False  # nobody asked
        if not waiting.done():
            waiting.set_result(answer)
        return True

    def _end(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.abort()
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_result(_LOST_ANSWER)
        self._come.clear()


def string(value: bytes) -> bytes:
    """As it stands in a message."""
    return NUMBER.pack(len(value)) + value


def strings(body: bytes) -> list[bytes]:
    """All strings that ``body`` is made of.

    Raises:
        SFTPBadMessage: It is made of something else.
    """
    found, at = [], 0
    while at < len(body):
        start = at + NUMBER.size
        if start > len(body):
            raise asyncssh.SFTPBadMessage("cut short")
        at = start + int(NUMBER.unpack_from(body, at)[0])
        if at > len(body):
            raise asyncssh.SFTPBadMessage("cut short")
        found.append(body[start:at])
    return found


_LOST_ANSWER: Final[Answer] = (STATUS, NUMBER.pack(LOST))
