"""``AddressReader``: the ``Reader`` of a mirror at an http(s) address."""

import asyncio
import hashlib
import secrets
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp

from feeds.errors import TreeError
from feeds.localise import check_base
from feeds.verify_reader import MAX_FILE_BYTES, Listing, SoftMissingError
from mirror.reading.fetch import Fetch, Take
from mirror.reading.limits import HELD_BYTES, MAX_PAGE_BYTES, Limits
from mirror.reading.meter import Meter, NoMeter
from mirror.reading.proxy import proxy_for

T = TypeVar("T")

_OF_ANY_SIZE: Final = ("m/", "x/")
_SHOWN_FOR_ALL: Final = frozenset({"index.html", "404.html"})  # hosts answer with these
_ENDING_S: Final = 5.0


class AddressReader:
    """The files of one mirror, fetched many at once. A context manager; for one thread.

    The event loop runs only while somebody waits for a file.

    Args:
        base: The mirror's address (format 1.5).
        limits: Bounds of the whole reading.
        meter: Is told how far it has come.

    Raises:
        InvalidAddressError: No mirror may have that address.
    """

    def __init__(
        self, base: str, *, limits: Limits | None = None, meter: Meter | None = None
    ) -> None:
        self._base = check_base(base)
        self._limits = limits or Limits()
        self._meter = meter or NoMeter()
        self._loop = _new_loop()
        self._nothing = ""  # SHA-256 of the page that stands for whatever is not there

    def __enter__(self) -> Self:
        self._loop.run_until_complete(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._stop(asyncio.all_tasks(self._loop))
            self._loop.run_until_complete(self._session.close())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def listing(self) -> Listing | None:
        """None: an address has no listing."""
        return None

    def read_many(
        self, paths: Iterable[str], *, max_bytes: int
    ) -> Iterator[tuple[str, bytes | TreeError]]:
        """Each path with its bytes or what went wrong, in the order asked."""
        ahead = max(1, min(2 * self._limits.parallel, HELD_BYTES // max_bytes))
        return self._many(paths, lambda path: self._read(path, max_bytes), ahead)

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        """Each path with its hex SHA-256 or what went wrong, in the order asked."""
        return self._many(paths, self._hash, 4 * self._limits.parallel)

    def _many(
        self,
        paths: Iterable[str],
        fetch: Callable[[str], Coroutine[Any, Any, T | TreeError]],
        ahead: int,
    ) -> Iterator[tuple[str, T | TreeError]]:
        wanted = deque(paths)
        self._meter.expect(len(wanted))
        begun: deque[tuple[str, asyncio.Task[T | TreeError]]] = deque()
        try:
            while wanted or begun:
                while wanted and len(begun) < ahead:
                    path = wanted.popleft()
                    begun.append((path, self._loop.create_task(fetch(path))))
                path, task = begun.popleft()
                if not task.done():
                    self._loop.run_until_complete(task)
                yield path, task.result()
        finally:
            self._stop(task for _, task in begun)

    async def _open(self) -> None:
        parallel = self._limits.parallel
        patience = self._limits.patience.total_seconds()
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=parallel),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=patience, sock_read=patience),
            proxy=proxy_for(self._base),
        )
        self._fetch = Fetch(self._session, self._base, self._limits)
        digest = hashlib.sha256()
        name = f"p/{secrets.token_hex(1)}/{secrets.token_hex(32)}.html"
        if await self._fetch.learn(name, digest.update, max_bytes=MAX_PAGE_BYTES):
            self._nothing = digest.hexdigest()

    async def _read(self, path: str, max_bytes: int) -> bytes | TreeError:
        held = bytearray()

        def begin() -> Take:
            held.clear()
            return held.extend

        error = await self._get(path, begin, max_bytes)
        if error or not self._nothing:
            return error or bytes(held)
        return self._missing(path, hashlib.sha256(held).hexdigest()) or bytes(held)

    async def _hash(self, path: str) -> str | TreeError:
        digest = hashlib.sha256()

        def begin() -> Take:
            nonlocal digest
            digest = hashlib.sha256()
            return digest.update

        limit = MAX_FILE_BYTES if path.startswith(_OF_ANY_SIZE) else MAX_PAGE_BYTES
        error = await self._get(path, begin, limit)
        found = digest.hexdigest()
        return error or self._missing(path, found) or found

    async def _get(self, path: str, begin: Callable[[], Take], max_bytes: int) -> TreeError | None:
        try:
            await self._fetch.get(path, begin=begin, max_bytes=max_bytes)
        except TreeError as error:
            return error
        finally:
            self._meter.arrived(self._fetch.bytes)
        return None

    def _missing(self, path: str, sha: str) -> TreeError | None:
        """A file that is the page which this mirror gives for everything is not there."""
        if sha != self._nothing or path in _SHOWN_FOR_ALL:
            return None
        return SoftMissingError(path)

    def _stop(self, tasks: Iterable["asyncio.Task[Any]"]) -> None:
        """Cancel what is under way, and wait until it has ended.

        Where something else is being read, the collector of garbage has found what nobody reads
        any more; then those who read wait.
        """
        running = [task for task in tasks if not task.cancel() or not task.done()]
        if running and not self._loop.is_closed() and not self._loop.is_running():
            self._loop.run_until_complete(asyncio.wait(running, timeout=_ENDING_S))


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - not made for every system
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
