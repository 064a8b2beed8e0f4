"""A loopback server as honest ones are: conditional answers, and a list of what was asked."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Friendly:
    """``files`` by path and query; ``asked`` is every request in order: path and query, status."""

    files: dict[str, bytes | str | int] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    base: str = ""

    def url(self, path: str) -> str:
        return f"{self.base}{path}"

    def paths(self) -> list[str]:
        """What was asked for since the last call."""
        asked, self.asked = [path for path, _ in self.asked], []
        return asked

    async def answer(self, request: web.Request) -> web.Response:
        response = self._answer(request)
        self.asked.append((request.path_qs, response.status))
        return response

    def _answer(self, request: web.Request) -> web.Response:
        found = self.files.get(request.path_qs, 404)
        if isinstance(found, int):
            return web.Response(status=found, text="no")
        body = found.encode() if isinstance(found, str) else found
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        kind = self.types.get(request.path_qs, "application/xml")
        return web.Response(body=body, headers={"ETag": etag}, content_type=kind)


@asynccontextmanager
async def friendly_server() -> AsyncIterator[Friendly]:
    """A running one."""
    friendly = Friendly()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", friendly.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        friendly.base = str(server.make_url("/")).removesuffix("/")
        yield friendly
    finally:
        await server.close()
