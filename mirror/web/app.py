"""The operator's web part: status page, JSON, metrics, and a sign of life.

It answers GET and HEAD only, changes nothing, and logs no request.
"""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from mirror.listening import listen_on
from mirror.metrics import CONTENT_TYPE, Metrics
from mirror.status import Status, plain
from mirror.web.guard import check_access, guard
from mirror.web.page import content_policy, status_page

GetStatus = Callable[[], Awaitable[tuple[Status, ...]]]


def make_app(
    get_status: GetStatus, metrics: Metrics, *, token: str | None = None
) -> web.Application:
    """The application; ``get_status`` is asked for every page, JSON and scrape.

    Args:
        get_status: Every newsroom's status now; quick, since pages wait for it.
        metrics: Its gauges are set from the status at every scrape.
        token: What a reader must show; None lets in whoever is on this machine.
    """
    app = web.Application(middlewares=[guard(token, content_policy())])

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=status_page(await get_status()), content_type="text/html")

    async def as_json(_: web.Request) -> web.Response:
        told = json.dumps({"newsrooms": plain(await get_status())}, ensure_ascii=False, indent=1)
        return web.Response(text=told + "\n", content_type="application/json")

    async def numbers(_: web.Request) -> web.Response:
        metrics.show(await get_status())
        return web.Response(body=metrics.expose(), headers={"Content-Type": CONTENT_TYPE})

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    app.router.add_get("/", page)
    app.router.add_get("/status.json", as_json)
    app.router.add_get("/metrics", numbers)
    app.router.add_get("/healthz", alive)
    return app


async def start_web(app: web.Application, listen: str, *, token: str | None) -> web.AppRunner:
    """Serve ``app`` on ``listen`` (``host:port``) until ``cleanup()`` of what is returned.

    ``token`` is the one that ``make_app`` got.

    Raises:
        ConfigError: It would be open to anybody, or the address can't be had.
    """
    check_access(listen, token)
    return await listen_on(app, listen, key="[web] listen")
