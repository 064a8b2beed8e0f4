"""Requests to one mirror: each with a time limit, tried again where that may help, counted."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import stamina

from mirror.endpoints.protocol import Batch, Batching, Laying, Mirror, far_width
from mirror.errors import EndpointUnreachableError
from mirror.publish.rate import Rate

T = TypeVar("T")

stamina.instrumentation.set_on_retry_hooks([])  # what comes of a push is logged; not each try

SLOWEST: Final = 20_000  # bytes a second that a mirror must take, beyond ``Pace.timeout``
NEAR: Final = 0.010  # seconds of a round trip up to which ``Pace.concurrency`` is enough
MOST_WIDENED: Final = 4  # times ``Pace.concurrency``, on a far mirror


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How one mirror is asked.

    Attributes:
        concurrency: Requests at once; where the way is long, up to four times as many, and what
            is more, that times the mirror's ``far_width``.
        timeout: For one request, until its last byte; a large body gets more.
        attempts: How often a request is made before the mirror counts as unreachable.
        wait: Before the second attempt; then twice as long, up to ``longest_wait``.
        longest_wait: Between two attempts.
        limit: For a whole push, or None; what was put counts, and the next push goes on.
        first_attempts: As ``attempts``, while no request has succeeded; 0: the same.
        rate: How fast it may be written to, with whatever else writes there; or None.
    """

    concurrency: int = 16
    timeout: timedelta = timedelta(seconds=30)
    attempts: int = 4
    wait: timedelta = timedelta(seconds=0.5)
    longest_wait: timedelta = timedelta(seconds=15)
    limit: timedelta | None = None
    first_attempts: int = 0
    rate: Rate | None = None


class Carrier:
    """The requests of one push to one mirror.

    On a mirror that takes batches, what is put and deleted waits in one until ``flush``.

    Attributes:
        requests: Made so far, those that failed too.
        puts: That succeeded.
        deletes: That succeeded.
        bytes: Put.
        waiting: Bytes that wait for ``flush``.
        round_trip_s: Of the fastest request so far.
    """

    def __init__(self, mirror: Mirror, pace: Pace) -> None:
        """A carrier for one push."""
        self._mirror = mirror
        self._pace = pace
        self.requests = 0
        self.puts = 0
        self.deletes = 0
        self.bytes = 0
        self.waiting = 0
        self.round_trip_s = float("inf")
        self._changed = False  # something waits for ``flush``
        self._lay = mirror.lay if isinstance(mirror, Laying) else mirror.put
        self._batch: Batch | None = mirror.batch() if isinstance(mirror, Batching) else None

    @property
    def name(self) -> str:
        """The mirror's."""
        return self._mirror.name

    @property
    def batches(self) -> bool:
        """Whether the mirror takes batches, so that nothing is shown before ``flush``."""
        return self._batch is not None

    @property
    def width(self) -> int:
        """How many requests at once are right, by the round trip that was seen."""
        far = max(1.0, min(self.round_trip_s / NEAR, MOST_WIDENED))
        return max(1, round(self._pace.concurrency * (1 + (far - 1) * far_width(self._mirror))))

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``; for small files. Tried again where that may help."""
        return await self._ask(
            f"GET {path}", 0, lambda: self._mirror.get(path, max_bytes=max_bytes)
        )

    async def put(self, path: str, data: bytes, *, hidden: bool = False) -> None:
        """See ``Mirror.put``; tried again where that may help. ``hidden``: as ``Laying.lay``."""
        if self._batch:
            await self._batch.put(path, data)
            self._changed = True
            self.waiting += len(data)
        else:
            put = self._lay if hidden else self._mirror.put
            await self._ask(f"PUT {path}", len(data), lambda: put(path, data))
        self.puts += 1
        self.bytes += len(data)

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``; tried again where that may help."""
        if self._batch:
            self._changed = True
            await self._batch.delete(path)
        else:
            await self._ask(f"DELETE {path}", 0, lambda: self._mirror.delete(path))
        self.deletes += 1

    async def flush(self) -> None:
        """See ``Batch.flush``; tried again where that may help. Other mirrors need none."""
        if self._batch and self._changed:
            await self._ask("the push of what changed", self.waiting, self._batch.flush)
            self._changed, self.waiting = False, 0

    async def close(self) -> None:
        """Forget what was not flushed; the mirror stays open."""
        if self._batch:
            await self._batch.close()

    async def _ask(self, what: str, size: int, call: Callable[[], Awaitable[T]]) -> T:
        attempts = self._attempts
        try:
            return await self._once(what, size, call)
        except EndpointUnreachableError:
            if attempts <= 1:
                raise
        await asyncio.sleep(self._pace.wait.total_seconds())
        async for attempt in stamina.retry_context(
            on=EndpointUnreachableError,
            attempts=attempts - 1,
            timeout=None,
            wait_initial=2 * self._pace.wait,
            wait_max=self._pace.longest_wait,
            wait_jitter=self._pace.wait,
        ):
            with attempt:
                return await self._once(what, size, call)
        raise EndpointUnreachableError(self._mirror.name, what)  # pragma: no cover - not reached

    @property
    def _attempts(self) -> int:
        answered = self.round_trip_s != float("inf")
        return self._pace.attempts if answered else self._pace.first_attempts or self._pace.attempts

    async def _once(self, what: str, size: int, call: Callable[[], Awaitable[T]]) -> T:
        if self._pace.rate:
            await self._pace.rate.wait(size)
        self.requests += 1
        limit = self._pace.timeout.total_seconds() + size / SLOWEST
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(limit):
                answer = await call()
        except TimeoutError as error:
            problem = f"{what}: no answer within {limit:.0f} s"
            raise EndpointUnreachableError(self._mirror.name, problem) from error
        self.round_trip_s = min(self.round_trip_s, time.perf_counter() - begun)
        return answer
