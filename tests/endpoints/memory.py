"""``MemoryMirror``: a mirror in memory that keeps the contract, and can be told to fail."""

import asyncio
from dataclasses import dataclass, field

from feeds.paths import SUMS_AHEAD
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

CONTENT_ADDRESSED = ("m/", "log/tile/")


@dataclass
class MemoryMirror:
    """A mirror whose files are a dict.

    It fails the test that puts other bytes where content can never change.

    Attributes:
        name: Unique among mirrors.
        files: What readers get.
        fail_on: The error that a request for that path raises, nothing done.
        fail_after: The error that a request for that path raises once it *was* done.
        slow_s: Seconds that each request takes.
        hang_on: Paths whose requests never end.
        lies: Says that it wrote, and writes nothing.
        dies_at: Index of the request that ends the world (``asyncio.CancelledError``).
        torn: Whether the request that ends the world leaves half a file (contract broken).
        calls: Every request, as ``PUT path``.
        most_at_once: How many requests overlapped.
    """

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    fail_on: dict[str, EndpointError] = field(default_factory=dict)
    fail_after: dict[str, EndpointError] = field(default_factory=dict)
    slow_s: float = 0.0
    hang_on: frozenset[str] = frozenset()
    lies: bool = False
    dies_at: int = -1
    done_before_death: bool = False
    torn: bool = False
    calls: list[str] = field(default_factory=list)
    most_at_once: int = 0
    closed: bool = False
    _now: int = 0

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        await self._begin("GET", path)
        data = self.files.get(path)
        self._end(path)
        if data is not None and len(data) > max_bytes:
            raise EndpointUnreachableError(self.name, f"GET {path}: over {max_bytes} bytes")
        return data

    async def put(self, path: str, data: bytes) -> None:
        old = self.files.get(path, data)
        assert data.startswith(old) or not path.startswith(CONTENT_ADDRESSED), (
            f"{path} was overwritten"
        )
        await self._begin("PUT", path, data)
        if not self.lies:
            self.files[path] = data
        self._end(path)

    async def delete(self, path: str) -> None:
        await self._begin("DELETE", path)
        if not self.lies:
            self.files.pop(path, None)
        self._end(path)

    async def close(self) -> None:
        self.closed = True

    async def _begin(self, verb: str, path: str, data: bytes = b"") -> None:
        assert not self.closed, "used after close"
        _check(self.name, path)
        self.calls.append(f"{verb} {path}")
        if self.dies_at >= 0 and len(self.calls) > self.dies_at:
            self._die(verb, path, data)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            if path in self.hang_on:
                await asyncio.Event().wait()
            await asyncio.sleep(self.slow_s)
            if path in self.fail_on:
                raise self.fail_on[path]
        finally:
            self._now -= 1

    def _end(self, path: str) -> None:
        if path in self.fail_after:
            raise self.fail_after[path]

    def _die(self, verb: str, path: str, data: bytes) -> None:
        if len(self.calls) == self.dies_at + 1 and verb == "PUT":
            if self.torn:
                self.files[path] = data[: len(data) // 2]
            elif self.done_before_death:
                self.files[path] = data
        raise asyncio.CancelledError


def _check(name: str, path: str) -> None:
    parts = path.split("/")
    if path != SUMS_AHEAD and any(part == "" or part.startswith(".") for part in parts):
        raise EndpointRefusedError(name, f"{path!r} is no path of a tree")


class BatchingMirror(MemoryMirror):
    """A mirror that takes batches; each step is written down.

    ``fail_on["flush"]`` fails a flush before it is done, ``fail_after["flush"]`` after.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.steps: list[dict[str, bytes | None]] = []
        self.open_batches = 0

    def batch(self) -> "MemoryBatch":
        self.open_batches += 1
        return MemoryBatch(self)

    async def show(self, waiting: dict[str, bytes | None]) -> None:
        await self._begin("FLUSH", "flush")
        self.steps.append(dict(waiting))
        for path, data in waiting.items():
            if data is None:
                self.files.pop(path, None)
            else:
                self.files[path] = data
        self._end("flush")


class MemoryBatch:
    """A batch of a ``BatchingMirror``."""

    def __init__(self, mirror: BatchingMirror) -> None:
        self._mirror = mirror
        self._waiting: dict[str, bytes | None] = {}

    async def put(self, path: str, data: bytes) -> None:
        _check(self._mirror.name, path)
        self._waiting[path] = data

    async def delete(self, path: str) -> None:
        _check(self._mirror.name, path)
        self._waiting[path] = None

    async def flush(self) -> None:
        if self._waiting:
            await self._mirror.show(self._waiting)
            self._waiting.clear()

    async def close(self) -> None:
        self._mirror.open_batches -= 1
