"""``AddressReader``: the ``Reader`` of a mirror at an http(s) address."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
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
Whole = bytes | TreeError | None
"""A whole file, or what went wrong; None where there was no room to hold it."""

_OF_ANY_SIZE: Final = ("m/", "x/")
_SHOWN_FOR_ALL: Final = frozenset({"index.html", "404.html"})  # hosts answer with these
_ENDING_S: Final = 5.0


class _NoRoomError(Exception):
    """Files that nobody has asked for yet hold too much."""


class AddressReader:
    """The files of one mirror, fetched many at once. A context manager; for one thread.

    The event loop runs only while somebody waits for a file. Files that were fetched ahead hold
    at most ``HELD_BYTES``; one that has no room any more is fetched again when it is asked for.

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
        self._soon: dict[tuple[str, int], asyncio.Task[Whole]] = {}  # by path and bound
        self._held = 0

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

    def soon(self, wanted: Mapping[str, int]) -> None:
        """Begin to fetch what ``read_many`` will be asked for next: a few files, not all."""
        self._stop(self._soon.values())
        few = list(wanted.items())[: 2 * self._limits.parallel]
        self._meter.expect(len(few))
        self._soon = {item: self._begin(self._read(*item)) for item in few}

    def read_many(
        self, paths: Iterable[str], *, max_bytes: int
    ) -> Iterator[tuple[str, bytes | TreeError]]:
        """Each path with its bytes or what went wrong, in the order asked."""

        def begin(path: str) -> asyncio.Task[Whole]:
            begun = self._soon.pop((path, max_bytes), None)
            return begun or self._begin(self._read(path, max_bytes))

        wanted = list(paths)
        self._meter.expect(sum((path, max_bytes) not in self._soon for path in wanted))
        for path, whole in self._many(wanted, begin, 2 * self._limits.parallel):
            found = whole
            while found is None:
                self._meter.expect(1)
                found = self._wait(self._begin(self._read(path, max_bytes, asked=True)))
            yield path, found

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        """Each path with its hex SHA-256 or what went wrong, in the order asked."""
        wanted = list(paths)
        self._meter.expect(len(wanted))
        return self._many(
            wanted, lambda path: self._begin(self._hash(path)), 4 * self._limits.parallel
        )

    def _many(
        self, paths: list[str], begin: Callable[[str], asyncio.Task[T]], ahead: int
    ) -> Iterator[tuple[str, T]]:
        wanted = deque(paths)
        begun: deque[tuple[str, asyncio.Task[T]]] = deque()
        try:
            while wanted or begun:
                while wanted and len(begun) < ahead:
                    path = wanted.popleft()
                    begun.append((path, begin(path)))
                path, task = begun.popleft()
                yield path, self._wait(task)
        finally:
            self._stop(task for _, task in begun)

    def _begin(self, fetch: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return self._loop.create_task(fetch)

    def _wait(self, task: asyncio.Task[T]) -> T:
        if not task.done():
            self._loop.run_until_complete(task)
        found = task.result()
        if isinstance(found, bytes):
            self._held -= len(found)
        return found

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
        self._learning = self._begin(self._learn())

    async def _learn(self) -> None:
        self._nothing = await self._fetch.learn()

    async def _read(self, path: str, max_bytes: int, *, asked: bool = False) -> Whole:
        data = bytearray()

        def begin() -> Take:
            self._held -= len(data)
            data.clear()
            return take

        def take(piece: bytes) -> None:
            if self._held + len(piece) > HELD_BYTES and not asked:
                raise _NoRoomError
            self._held += len(piece)
            data.extend(piece)

        found: Whole = None
        try:
            found = await self._get(path, begin, max_bytes)
            if not found and self._nothing:
                found = self._missing(path, hashlib.sha256(data).hexdigest())
            found = found or bytes(data)
        except _NoRoomError:
            pass  # nobody waits for it yet
        finally:
            if not isinstance(found, bytes):
                self._held -= len(data)
        return found

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
        running = []
        for task in tasks:
            if not task.done():
                task.cancel()
                running.append(task)
            elif not task.cancelled() and isinstance(found := task.result(), bytes):
                self._held -= len(found)
        if running and not self._loop.is_closed() and not self._loop.is_running():
            self._loop.run_until_complete(asyncio.wait(running, timeout=_ENDING_S))


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - not made for every system
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
