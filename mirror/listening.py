"""Serve aiohttp applications; nobody who asks is logged."""

import logging
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mirror.errors import ConfigError


async def listen_on(app: web.Application, listen: str, *, key: str) -> web.AppRunner:
    """Serve ``app`` on ``listen`` (``host:port``) until ``cleanup()`` of what is returned.

    ``key`` is where the operator set that, for the error.

    Raises:
        ConfigError: The address can't be had.
    """
    parts = urlsplit(f"//{listen}")
    try:
        return await serve(app, parts.hostname, parts.port)
    except OSError as error:
        problem = f"{listen}: {error.strerror}; stop what uses it, or choose another port"
        raise ConfigError(key, (problem,)) from error


async def serve(app: web.Application, host: str | None, port: int | None) -> web.AppRunner:
    """Serve ``app`` there until ``cleanup()`` of what is returned.

    Raises:
        OSError: The address can't be had.
    """
    logging.getLogger("aiohttp.server").addFilter(_without_caller)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


def _without_caller(record: logging.LogRecord) -> bool:
    """Whether to log what aiohttp says: not of requests that are no HTTP; never by whom."""
    problem = record.exc_info[1] if record.exc_info else None
    record.msg, record.args = str(record.msg).replace(" from %s", ""), ()
    return not isinstance(problem, HttpProcessingError)
