"""A server on loopback that answers as badly as it is told to, and keeps what it was sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Wire:
    """What was sent to the server, and where it is.

    Attributes:
        port: On 127.0.0.1.
        heads: The request line and headers of each request.
    """

    port: int = 0
    heads: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def wire(answer: Answer) -> AsyncIterator[Wire]:
    """A server that gives ``answer`` to each request, until the block ends."""
    made = Wire()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                made.heads.append(head)
                length = [v for n, v in _fields(head) if n == "content-length"]
                await reader.readexactly(int(length[0]) if length else 0)
                await answer(writer)
        with contextlib.suppress(OSError):
            writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def status(code: int, *headers: str) -> Answer:
    """An empty answer of that status."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = (f"HTTP/1.1 {code} X", "Content-Length: 0", *headers, "", "")
        writer.write("\r\n".join(lines).encode())
        await writer.drain()

    return answer


async def hang(_: asyncio.StreamWriter) -> None:
    """No answer, ever."""
    await asyncio.Event().wait()


async def trickle(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def slam(writer: asyncio.StreamWriter) -> None:
    """The connection is closed without an answer."""
    writer.close()


def _fields(head: str) -> list[tuple[str, str]]:
    lines = head.split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return [(name.strip().lower(), value.strip()) for name, _, value in pairs]
