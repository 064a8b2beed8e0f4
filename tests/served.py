"""A signed tree in memory that is served over HTTP, for those who read it at its address."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from feeds.localise import is_localised, localise
from feeds.verify import Options, Pin, Report, verify_tree
from mirror.reading.limits import Limits
from mirror.reading.reader import AddressReader
from tests.feeds.tree import SignedTree

NOW = datetime.now(UTC).replace(microsecond=0)
QUICK = Limits(patience=timedelta(seconds=1.5), wait=timedelta(milliseconds=1))

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """The address of a server that answers every GET by ``answer``, in a thread of its own."""
    loop = asyncio.new_event_loop()

    async def handler(request: web.Request) -> web.StreamResponse:
        return await answer(request)

    async def begin() -> tuple[web.AppRunner, str]:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port: int = runner.addresses[0][1]
        return runner, f"http://127.0.0.1:{port}/x7k2/"

    runner, base = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield base
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=5))
        loop.close()


class Mirror:
    """A signed tree in memory that is served as a mirror serves it; keeps what was asked for."""

    def __init__(self) -> None:
        self.tree = SignedTree(time=NOW - timedelta(minutes=5)).fill()
        self.asked: list[web.Request] = []
        self.instead: dict[str, Answer] = {}
        self.missing: Answer | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        path = request.match_info["path"].removeprefix("x7k2/")
        if path in self.instead:
            return await self.instead[path](request)
        data = self.tree.files.get(path)
        if data is None:
            return await self.missing(request) if self.missing else web.Response(status=404)
        base = f"http://{request.host}/x7k2/"
        return web.Response(body=localise(data, base) if is_localised(path) else data)

    def verify(self, *, sample: int | None = None, limits: Limits = QUICK) -> Report:
        with server(self) as base, AddressReader(base, limits=limits) as reader:
            return verify_tree(
                reader,
                Pin(keyring=self.tree.keyring),
                now=datetime.now(UTC),
                options=Options(base=base, sample=sample),
            )


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return answer
