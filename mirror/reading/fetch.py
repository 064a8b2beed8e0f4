"""One file of a mirror, over HTTP: bounded in bytes and time, as it is, from that host only."""

import asyncio
import hashlib
import os
import secrets
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from yarl import URL

from feeds.errors import MissingFileError, TreeError, UnreadableError
from feeds.verify_reader import TooLargeError
from mirror.reading.limits import MAX_PAGE_BYTES, SLOWEST, Limits

Take = Callable[[bytes], object]
"""Is given the bytes of a file, piece by piece."""

_OK: Final = 200
_GONE: Final = frozenset({404, 410})
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_LATER: Final = frozenset({429, 500, 502, 503, 504})
_REFUSED: Final = range(400, 500)
_MAX_MOVES: Final = 3
_PORTS: Final = {"http": 80, "https": 443}
_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Mozilla/5.0"}


class TryAgainError(Exception):
    """No usable answer, and another attempt may give one."""


class Fetch:
    """Files of one mirror.

    Args:
        session: Makes the requests; decompresses nothing.
        base: The mirror's address (format 1.5).
        limits: Bounds.

    Attributes:
        bytes: That came so far.
    """

    def __init__(self, session: aiohttp.ClientSession, base: str, limits: Limits) -> None:
        self._session = session
        self._base = base
        self._limits = limits
        self._patience = limits.patience.total_seconds()
        self._end = time.monotonic() + limits.total_time.total_seconds()
        self._silent = 0
        self._gone = _GONE
        self._learned = asyncio.Event()
        self._learned.set()  # nobody has begun to learn
        self.bytes = 0

    async def learn(self) -> str:
        """The SHA-256 of the page that this mirror gives for whatever it has not; empty if none.

        Some hosts refuse what they don't have, and some answer with a page for everything. To be
        called once, before ``get``; what other answers mean waits for it.
        """
        path = f"p/{secrets.token_hex(1)}/{secrets.token_hex(32)}.html"  # no mirror has that
        digest = hashlib.sha256()
        self._learned.clear()

        def begin() -> Take:
            nonlocal digest
            digest = hashlib.sha256()
            return digest.update

        try:
            status = await self._often(path, begin, MAX_PAGE_BYTES)
        except TreeError:
            return ""
        finally:
            self._learned.set()
        if status in _REFUSED:
            self._gone = _GONE | {status}
        return digest.hexdigest() if status == _OK else ""

    async def get(self, path: str, *, begin: Callable[[], Take], max_bytes: int) -> None:
        """Give the bytes of ``path`` to what ``begin`` makes, anew for each attempt.

        Raises:
            MissingFileError: The mirror answered, and has no such file.
            TooLargeError: It is larger than ``max_bytes``.
            UnreadableError: No answer, or none that counts.
        """
        status = await self._often(path, begin, max_bytes)
        await self._learned.wait()
        if status in self._gone:
            raise MissingFileError(path)
        if status != _OK:
            raise UnreadableError(path, f"the mirror answers with status {status}")

    async def _often(self, path: str, begin: Callable[[], Take], max_bytes: int) -> int:
        """The status of the first answer that is one; its body is taken where that is 200."""
        wait = self._limits.wait.total_seconds()
        attempts = self._limits.attempts
        problem = ""
        while attempts:
            self._check(path)
            attempts -= 1
            try:
                status = await self._once(path, begin(), max_bytes=max_bytes)
            except TryAgainError as error:
                problem = str(error)
            except TimeoutError:
                problem, attempts = f"gave no answer for {self._patience:g} seconds", 0
            except (OSError, ValueError, aiohttp.ClientError) as error:
                problem = f"can't be fetched: {in_words(error)}"
            else:
                self._silent = 0
                return status
            if attempts:
                await asyncio.sleep(wait)
                wait *= 2
        self._silent += 1
        raise UnreadableError(path, problem)

    async def _once(self, path: str, take: Take, *, max_bytes: int) -> int:
        """The status of the answer; its body is taken where that is 200."""
        url = self._base + path
        for _ in range(_MAX_MOVES + 1):
            async with asyncio.timeout(self._patience):
                response = await self._session.get(
                    URL(url, encoded=True), headers=_HEADERS, allow_redirects=False
                )
            async with response:
                if response.status in _LATER:
                    raise TryAgainError(f"the mirror answers with status {response.status}")
                if response.status in _MOVED:
                    url = _follow(path, url, response.headers.get("Location", ""))
                    continue
                if response.status == _OK:
                    await self._body(response, path, take, max_bytes)
                return response.status
        raise UnreadableError(path, f"is moved more than {_MAX_MOVES} times")

    async def _body(
        self, response: aiohttp.ClientResponse, path: str, take: Take, max_bytes: int
    ) -> None:
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding != "identity":
            problem = f"is sent compressed ({encoding[:20]!r}), which was not asked for"
            raise UnreadableError(path, problem)
        if (response.content_length or 0) > max_bytes:
            raise TooLargeError(path, max_bytes)
        size = 0
        begun = time.monotonic()
        while piece := await response.content.readany():
            size += len(piece)
            self.bytes += len(piece)
            if size > max_bytes:
                raise TooLargeError(path, max_bytes)
            self._check(path)
            if time.monotonic() - begun > self._patience + size / SLOWEST:
                raise UnreadableError(path, f"comes at less than {SLOWEST} bytes a second")
            take(piece)

    def _check(self, path: str) -> None:
        """Refuse to go on beyond what this verification may cost."""
        limits = self._limits
        if self._silent >= limits.silence:
            problem = f"is not asked for: the last {self._silent} files got no answer"
        elif self.bytes > limits.total_bytes:
            problem = f"is not asked for: the mirror sent {limits.total_bytes} bytes already"
        elif time.monotonic() > self._end:
            problem = f"is not asked for: more than {limits.total_time} have passed"
        else:
            return
        raise UnreadableError(path, problem)


def in_words(error: Exception) -> str:
    """What went wrong on the line, without the address, which is told already."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host name is not found"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its TLS certificate is not valid"
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno:
        return f"no connection ({os.strerror(error.os_error.errno)})"
    return str(error) or type(error).__name__


def _follow(path: str, url: str, location: str) -> str:
    """Where a redirect leads, if that is the same host.

    Raises:
        UnreadableError: It is not.
    """
    to = urljoin(url, location).partition("#")[0]
    before, after = urlsplit(url), urlsplit(to)
    upgraded = (before.scheme, after.scheme) == ("http", "https")
    same = before.hostname == after.hostname and after.username is None
    plain = _port(before) == _PORTS["http"] and _port(after) == _PORTS["https"]
    if same and after.scheme in _PORTS and (_port(before) == _port(after) or (upgraded and plain)):
        return to
    raise UnreadableError(path, f"is moved to another place, {to[:200]!r}, which is not followed")


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)
