"""Do many things at once, but never more than so many; stop at the first that fails."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class Lanes:
    """So many lanes side by side. Leaving the block ends what still runs."""

    def __init__(self, width: int) -> None:
        """``width`` lanes, 1 or more."""
        self._free = asyncio.Semaphore(width)
        self._running: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    async def start(self, job: Coroutine[Any, Any, None]) -> None:
        """Begin ``job`` as soon as a lane is free.

        Raises:
            Exception: What an earlier job raised; ``job`` is not begun.
        """
        try:
            await self._free.acquire()
            self._look()
        except BaseException:
            job.close()
            raise
        task = asyncio.create_task(job)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def rest(self) -> None:
        """Wait until every lane is free.

        Raises:
            Exception: What the first failed job raised.
        """
        while self._running and self._failure is None:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        self._look()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = tuple(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._free.release()
        if self._failure is None:
            self._failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        elif not task.cancelled():
            task.exception()  # seen: the first failure is the one that is told

    def _look(self) -> None:
        if self._failure is not None:
            raise self._failure
