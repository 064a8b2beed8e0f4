"""A mirror for the demo: a folder over HTTP, as any static host would serve it."""

from pathlib import Path
from typing import Final

from aiohttp import web

from mirror.endpoints import paths
from mirror.endpoints.serving import media_type
from mirror.errors import EndpointError

_PACKED: Final = (
    "text/",
    "application/rss",
    "application/atom",
    "application/json",
    "application/feed",
)
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Server": "files",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


def folder_app(folder: Path, word: str) -> web.Application:
    """Serves ``folder`` under ``/<word>/``, and nothing else.

    Connections are closed after each answer and texts are compressed: where a line freezes
    after some kilobytes, each page then has all of them to itself.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"] or "index.html"
        try:
            file = folder / paths.check("demo", path)
        except EndpointError:
            return _missing()
        if not file.is_file():
            return _missing()
        kind = media_type(path)
        response = web.FileResponse(file, headers={**_HEADERS, "Content-Type": kind})
        response.force_close()
        if kind.startswith(_PACKED) and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    app = web.Application()
    app.router.add_get(f"/{word}/{{path:.*}}", answer)
    return app


def _missing() -> web.Response:
    response = web.Response(
        status=404, text="There is nothing here.\n", headers={"Server": "files"}
    )
    response.force_close()
    return response
