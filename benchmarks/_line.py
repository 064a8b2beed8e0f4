"""A long line on loopback: what goes through arrives half a round trip later, in order.

This kernel has no netem, so a small process stands between: it takes connections for a port and
passes on what comes, each way after half the round trip. It also waits one round trip before the
first byte of a connection, as the handshake of TCP would. Its own work counts for both sides.
"""

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Final, cast

import uvloop

ROUND_TRIP_S: Final = 0.05


@contextlib.contextmanager
def line(port: int, round_trip_s: float = ROUND_TRIP_S) -> Iterator[int]:
    """The port on 127.0.0.1 from where the way to ``port`` takes that long."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, port, round_trip_s)
    )
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()


class _End(asyncio.Protocol):
    """One end of a connection; what comes in at it goes out at the other, later."""

    def __init__(self, delay_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._delay_s = delay_s
        self._ready = 0.0  # nothing goes out before
        self._out: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def join(self, out: asyncio.Transport) -> None:
        self._out = out
        for data in self._waiting:
            self._later(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._ready = self._loop.time() + 2 * self._delay_s

    def data_received(self, data: bytes) -> None:
        if self._out is None:
            self._waiting.append(data)
        else:
            self._later(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._out is not None:
            self._loop.call_later(self._delay_s, self._out.close)

    def _later(self, data: bytes) -> None:
        when = max(self._loop.time(), self._ready) + self._delay_s
        self._loop.call_at(when, self._write, data)

    def _write(self, data: bytes) -> None:
        if self._out is not None and not self._out.is_closing():
            self._out.write(data)


def _serve(pipe: Connection, port: int, round_trip_s: float) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(pipe, port, round_trip_s / 2))


async def _run(pipe: Connection, port: int, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    joining: set[asyncio.Task[None]] = set()

    def accept() -> _End:
        near = _End(delay_s)

        async def reach() -> None:
            _, far = await loop.create_connection(lambda: _End(delay_s), "127.0.0.1", port)
            far._ready = 0.0  # noqa: SLF001 - the handshake is waited for once
            if near.transport is not None and far.transport is not None:
                far.join(near.transport)
                near.join(far.transport)

        task = loop.create_task(reach())
        joining.add(task)
        task.add_done_callback(joining.discard)
        return near

    server = await loop.create_server(accept, "127.0.0.1", 0, backlog=1_024)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    pipe.send(server.sockets[0].getsockname()[1])
    await stop.wait()
