"""Where the hubs of sources call: a listener of its own, so that nothing else is open to them.

Only the random last part of the address counts, so that a reverse proxy may put it anywhere.
What is not known gets 404, unread. No caller is logged.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol

from aiohttp import web

MAX_BODY: Final = 2_000_000  # bytes; a hub sends the feed, or the part of it that is new
WITHIN: Final = timedelta(seconds=20)  # for a body to arrive
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class Subscribed(Protocol):
    """What one newsroom does with a hub's calls."""

    def knows(self, path: str) -> bool:
        """Whether a hub was given that address."""
        ...

    async def answer(self, path: str, query: "dict[str, str]") -> str | None:
        """What to answer a hub that asks whether we meant it; None: we did not."""
        ...

    def source_of(self, path: str, signature: str, body: bytes) -> str | None:
        """The source that a message tells of, where its hub signed it."""
        ...


Tell = Callable[[str], None]  # a source has news


def make_callbacks(newsrooms: Sequence[tuple[Subscribed, Tell]]) -> web.Application:
    """The application for ``newsrooms``, each with what is called when a source has news."""
    app = web.Application()

    def find(request: web.Request) -> tuple[str, Subscribed, Tell]:
        path = request.path.rpartition("/")[2]
        for subscribed, tell in newsrooms:
            if subscribed.knows(path):
                return path, subscribed, tell
        raise web.HTTPNotFound(headers=_HEADERS)

    async def confirm(request: web.Request) -> web.Response:
        path, subscribed, _ = find(request)
        answer = await subscribed.answer(path, dict(request.query))
        if answer is None:
            raise web.HTTPNotFound(headers=_HEADERS)
        return web.Response(text=answer, content_type="text/plain", headers=_HEADERS)

    async def take(request: web.Request) -> web.Response:
        path, subscribed, tell = find(request)
        body = await _body(request)
        source = subscribed.source_of(path, request.headers.get("X-Hub-Signature", ""), body)
        if source is not None:
            tell(source)
        return web.Response(status=202, headers=_HEADERS)  # also where it is ignored (W3C, 8)

    app.router.add_get("/{any:.*}", confirm, allow_head=False)
    app.router.add_post("/{any:.*}", take)
    return app


async def _body(request: web.Request) -> bytes:
    """All of it, if that is not too much and comes in time."""
    body = bytearray()
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > MAX_BODY:
                    raise web.HTTPRequestEntityTooLarge(max_size=MAX_BODY, actual_size=len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)
