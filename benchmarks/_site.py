"""A newsroom's feeds on loopback in a process of their own: nothing new after the first answer."""

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Final

from aiohttp import web

FIRST_HOST: Final = 2  # 127.0.0.2 and up: a host for each source, as in life
MAX_SOURCES: Final = 250
ETAG: Final = '"same"'

_FEED: Final = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>The News</title>'
    "<link>https://news.example/</link><description>News</description></channel></rss>"
)


class Feeds:
    """What is asked of the process.

    Attributes:
        urls: One for each source.
    """

    def __init__(self, urls: tuple[str, ...], pipe: Connection) -> None:
        """Use ``feeds``."""
        self.urls = urls
        self._pipe = pipe

    def asked(self) -> tuple[int, int]:
        """Requests since the last call: those with a condition, and all."""
        self._pipe.send("asked")
        answer: tuple[int, int] = self._pipe.recv()
        return answer


@contextlib.contextmanager
def feeds(count: int) -> Iterator[Feeds]:
    """``count`` feeds, each on a host of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, count))
    process.start()
    try:
        port = ours.recv()
        hosts = (f"127.0.0.{FIRST_HOST + number}" for number in range(count))
        yield Feeds(tuple(f"http://{host}:{port}/rss" for host in hosts), ours)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, count: int) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_run(pipe, count))


async def _run(pipe: Connection, count: int) -> None:
    seen = {"conditional": 0, "all": 0}

    async def feed(request: web.Request) -> web.Response:
        seen["all"] += 1
        if request.headers.get("If-None-Match") == ETAG:
            seen["conditional"] += 1
            return web.Response(status=304, headers={"ETag": ETAG})
        return web.Response(text=_FEED, content_type="application/rss+xml", headers={"ETag": ETAG})

    app = web.Application()
    app.router.add_get("/rss", feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_server(runner), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    hosts = [f"127.0.0.{FIRST_HOST + number}" for number in range(count)]
    await loop.create_server(_server(runner), hosts, port)
    stop = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, stop.cancel)

    def answer() -> None:
        pipe.recv()
        pipe.send((seen["conditional"], seen["all"]))
        seen.update(dict.fromkeys(seen, 0))

    loop.add_reader(pipe.fileno(), answer)
    pipe.send(port)
    await stop


def _server(runner: web.AppRunner) -> web.Server:
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    return runner.server
