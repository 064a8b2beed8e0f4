"""Mirrors of any kind whose requests go wrong, one after another, in every way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from mirror.endpoints.protocol import Batch, Batching, Laying, Mirror
from mirror.errors import EndpointUnreachableError

MOMENT_S = 0.002  # after which a request is cut: some are under way by then, some done


class Fault(Enum):
    """What happens to one request."""

    LOST = "it fails, and nothing is done"
    DONE = "it is done, and fails all the same"
    CUT = "it is cut in the midst, and fails"
    KILLED = "it is cut in the midst, and the publisher ends"
    SLOW = "it is done late, while others overtake it"


@dataclass
class Faulty:
    """A mirror whose request number ``at`` meets with ``fault``; others do as they should.

    Attributes:
        inner: The mirror itself.
        at: Which request, the first being 0.
        fault: What happens to it.
        asked: How many requests were made.
        gone: Whether every later request fails too, as on a line that stays down.
    """

    inner: Mirror
    at: int
    fault: Fault
    gone: bool = False
    asked: int = 0

    @property
    def name(self) -> str:
        return self.inner.name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        found: list[bytes | None] = []

        async def ask() -> None:
            found.append(await self.inner.get(path, max_bytes=max_bytes))

        await self.meet(ask)
        return found[0]

    async def put(self, path: str, data: bytes) -> None:
        await self.meet(lambda: self.inner.put(path, data))

    async def delete(self, path: str) -> None:
        await self.meet(lambda: self.inner.delete(path))

    async def close(self) -> None:
        await self.inner.close()

    async def meet(self, request: Callable[[], Awaitable[None]]) -> None:
        """Make the request, with what befalls it."""
        number, self.asked = self.asked, self.asked + 1
        if number > self.at and self.gone:
            raise EndpointUnreachableError(self.name, "the line is down")
        if number != self.at:
            await request()
            return
        match self.fault:
            case Fault.LOST:
                await asyncio.sleep(0)
            case Fault.DONE:
                await request()
            case Fault.SLOW:
                await asyncio.sleep(20 * MOMENT_S)
                await request()
                return
            case Fault.CUT | Fault.KILLED:
                await _cut(request)
        if self.fault is Fault.KILLED:
            raise asyncio.CancelledError
        raise EndpointUnreachableError(self.name, self.fault.value)


class FaultyBatching(Faulty):
    """The same of a mirror that takes batches."""

    def batch(self) -> Batch:
        assert isinstance(self.inner, Batching)
        return _FaultyBatch(self, self.inner.batch())


class FaultyLaying(Faulty):
    """The same of a mirror that lays new files down in place."""

    async def lay(self, path: str, data: bytes) -> None:
        assert isinstance(self.inner, Laying)
        await self.meet(partial(self.inner.lay, path, data))


class _FaultyBatch:
    def __init__(self, mirror: Faulty, inner: Batch) -> None:
        self._mirror = mirror
        self._inner = inner

    async def put(self, path: str, data: bytes) -> None:
        await self._mirror.meet(lambda: self._inner.put(path, data))

    async def delete(self, path: str) -> None:
        await self._mirror.meet(lambda: self._inner.delete(path))

    async def flush(self) -> None:
        await self._mirror.meet(self._inner.flush)

    async def close(self) -> None:
        await self._inner.close()


def faulty(inner: Mirror, at: int, fault: Fault, *, gone: bool = False) -> Faulty:
    """``inner`` with that fault; what it can do beyond the others, it can still."""
    for kind, of in ((Batching, FaultyBatching), (Laying, FaultyLaying)):
        if isinstance(inner, kind):
            return of(inner, at, fault, gone)
    return Faulty(inner, at, fault, gone)


async def _cut(request: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(request())
    await asyncio.wait([task], timeout=MOMENT_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
