"""Serve an aiohttp application on one address; nobody who asks is logged."""

from urllib.parse import urlsplit

from aiohttp import web

from mirror.errors import ConfigError


async def listen_on(app: web.Application, listen: str, *, key: str) -> web.AppRunner:
    """Serve ``app`` on ``listen`` (``host:port``) until ``cleanup()`` of what is returned.

    ``key`` is where the operator set that, for the error.

    Raises:
        ConfigError: The address can't be had.
    """
    parts = urlsplit(f"//{listen}")
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, parts.hostname, parts.port).start()
    except OSError as error:
        await runner.cleanup()
        problem = f"{listen}: {error.strerror}; stop what uses it, or choose another port"
        raise ConfigError(key, (problem,)) from error
    return runner
