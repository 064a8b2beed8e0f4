"""Whoever asks a server of ours, however wrongly, his address is in no log."""

import io
import json

import pytest
from aiohttp import ClientSession, web

from mirror import logs
from mirror.errors import ConfigError
from mirror.listening import listen_on, serve
from tests.junk import send_junk
from tests.nginx import free_port

pytestmark = pytest.mark.real


async def test_neither_what_is_no_http_nor_a_fault_of_ours_tells_who_asked() -> None:
    async def fails(_: web.Request) -> web.Response:
        raise RuntimeError("a fault")

    app = web.Application()
    app.router.add_get("/", fails)
    port = free_port()
    stream = io.StringIO()
    logs.set_up(stream)
    runner = await serve(app, "127.0.0.1", port)
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 500
        await send_junk(port)
    finally:
        await runner.cleanup()

    assert "127.0.0.1" not in stream.getvalue()
    [told] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert told["event"] == "Error handling request"
    assert "a fault" in told["exception"]


async def test_an_address_that_is_taken_is_told() -> None:
    port = free_port()
    runner = await serve(web.Application(), "127.0.0.1", port)
    try:
        with pytest.raises(ConfigError, match="stop what uses it, or choose another port"):
            await listen_on(web.Application(), f"127.0.0.1:{port}", key="[web] listen")
    finally:
        await runner.cleanup()
