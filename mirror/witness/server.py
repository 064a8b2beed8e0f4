"""The witness over HTTP. No request, no address and no name of a caller is logged."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import web

from mirror.errors import StoreError
from mirror.listening import listen_on
from mirror.witness.errors import ConflictError, MalformedError, RefusalError
from mirror.witness.wire import (
    ADD,
    MAX_REQUEST_BYTES,
    SIZE_TYPE,
    Request,
    encode_answer,
    encode_size,
)
from mirror.witness.witness import Witness

READ_TIMEOUT: Final = timedelta(seconds=10)  # for a caller to send what it asks
MOST_AT_ONCE: Final = 32  # requests that are being read or judged; others are told to come back

_log = structlog.get_logger(__name__)


def make_app(witness: Witness) -> web.Application:
    """The application: ``POST …/add-checkpoint``, and nothing else."""
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    busy = 0

    async def add(request: web.Request) -> web.Response:
        nonlocal busy
        if busy >= MOST_AT_ONCE:
            return web.Response(status=503, text="busy\n", headers={"Retry-After": "1"})
        busy += 1
        try:
            return await _answer(witness, request)
        finally:
            busy -= 1

    app.router.add_post(f"/{{prefix:(?:.*/)?}}{ADD}", add)
    return app


async def start(witness: Witness, listen: str) -> web.AppRunner:
    """Serve ``witness`` on ``listen`` (``host:port``) until ``cleanup()`` of what is returned.

    Raises:
        ConfigError: The address can't be had.
    """
    return await listen_on(make_app(witness), listen, key="listen")


async def _answer(witness: Witness, request: web.Request) -> web.Response:
    try:
        async with asyncio.timeout(READ_TIMEOUT.total_seconds()):
            data = await request.read()
    except TimeoutError:
        return web.Response(status=408, text="too slow\n")
    try:
        signature = await asyncio.to_thread(lambda: witness.add(Request.parse(data)))
    except RefusalError as error:
        return _refusal(error)
    except StoreError as error:
        _log.error("witness.broken", problem=str(error))  # told in words
        return web.Response(status=500, text="this witness can't remember; nothing was signed\n")
    return web.Response(body=encode_answer(signature), content_type="text/plain", charset="utf-8")


def _refusal(error: RefusalError) -> web.Response:
    if error.origin or not isinstance(error, MalformedError):
        which = {"log": error.origin} if error.origin else {}
        kept = {"evidence": str(error.evidence)} if error.evidence else {}
        _log.warning("witness.refused", status=error.status, problem=error.problem, **which, **kept)
    if isinstance(error, ConflictError):
        body, kind = encode_size(error.size or 0), {"Content-Type": SIZE_TYPE}
        return web.Response(status=error.status, body=body, headers=kind)
    return web.Response(status=error.status, text=f"{error.problem}\n")
