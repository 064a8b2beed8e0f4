"""``Processes``: extraction on every core. Threads would take turns; processes do not."""

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from lxml import etree

from mirror.errors import (
    SourceChangedError,
    SourceError,
    SourceRefusedError,
    SourceUnreachableError,
)
from mirror.extract.extract import Extracted
from mirror.source.read import Work, extracted

NICE: Final = 10  # a running service on this machine goes first
_ERRORS: Final = {
    kind.__name__: kind for kind in (SourceChangedError, SourceRefusedError, SourceUnreachableError)
}


@dataclass(frozen=True, slots=True)
class _Done:
    """What comes back: elements and errors don't travel between processes as they are."""

    found: Extracted | None = None
    body: bytes = b""
    error: str = ""
    url: str = ""
    problem: str = ""


class Processes:
    """An ``Extractor``; a context manager. Calls may overlap.

    Args:
        count: Of processes; by default as many as there are cores.
        nice: How far they stand back for others; see nice(2).
    """

    def __init__(self, count: int = 0, *, nice: int = NICE) -> None:
        self.count = count or os.cpu_count() or 1
        self._nice = nice
        self._pool = self._new()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    async def __call__(self, work: Work) -> Extracted:
        """As ``extracted``; a page that ends a process is tried once more, then told as one."""
        loop = asyncio.get_running_loop()
        for _ in range(2):
            pool = self._pool
            try:
                return _unpacked(await loop.run_in_executor(pool, _extract, work))
            except BrokenProcessPool:
                if self._pool is pool:
                    self._pool = self._new()
        raise SourceChangedError(work.url, "ended the process that read it; too little memory?")

    def _new(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # fork would copy a loop and its threads
        return ProcessPoolExecutor(
            self.count, mp_context=context, initializer=_begin, initargs=(self._nice,)
        )


def _begin(nice: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asked
    os.nice(nice)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """One that was killed says nothing, and its processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _extract(work: Work) -> _Done:
    try:
        found = extracted(work)
    except SourceError as error:
        return _Done(error=type(error).__name__, url=error.url, problem=error.problem)
    return _Done(found=replace(found, body=None), body=etree.tostring(found.body))  # type: ignore[arg-type]


def _unpacked(done: _Done) -> Extracted:
    if done.found is None:
        raise _ERRORS[done.error](done.url, done.problem)
    return replace(done.found, body=etree.fromstring(done.body))
