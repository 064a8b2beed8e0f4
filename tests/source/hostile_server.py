"""A loopback server that answers as no honest one does."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import brotli  # type: ignore[import-untyped]  # has no types

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Hostile:
    """A server on loopback; ``replies`` by path, ``asked`` are the requests' heads in order.

    It has no robots.txt unless ``replies`` has one, and requests for it stand in ``robots``.
    """

    port: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    robots: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of ``path``."""
        return f"http://{host}:{self.port}{path}"

    def answer(
        self, path: str, body: bytes = b"", *, status: str = "200 OK", **headers: str
    ) -> str:
        """Answer ``path`` with these bytes; underscores in header names become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Length", str(len(body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        return self.raw(path, f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    def raw(self, path: str, data: bytes) -> str:
        """Answer ``path`` with exactly these bytes, then hang up."""

        async def reply(writer: asyncio.StreamWriter) -> None:
            writer.write(data)
            await writer.drain()

        self.replies[path] = reply
        return self.url(path)

    def trickle(self, path: str, *, head: bytes, piece: bytes, pause: float) -> str:
        """Answer ``path`` with ``head``, then with ``piece`` again and again, for ever."""

        async def reply(writer: asyncio.StreamWriter) -> None:
            writer.write(head)
            while not writer.is_closing():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)

        self.replies[path] = reply
        return self.url(path)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1].partition("?")[0]
            (self.robots if path == "/robots.txt" else self.asked).append(head)
            reply = self.replies.get(path)
            if reply is not None:
                await reply(writer)
            elif path == "/robots.txt":
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def hostile_server() -> AsyncIterator[Hostile]:
    """A running one."""
    hostile = Hostile()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        await hostile.handle(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    hostile.port = server.sockets[0].getsockname()[1]
    try:
        yield hostile
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def bomb(encoding: str, size: int = 50_000_000) -> bytes:
    """``size`` zero bytes, encoded."""
    zeros = bytes(size)
    if encoding == "br":
        return bytes(brotli.compress(zeros, quality=1))
    return gzip.compress(zeros, 9) if encoding == "gzip" else zlib.compress(zeros, 9)
