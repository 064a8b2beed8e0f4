"""A site and a newsroom for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.service.room import Room, Site, make_room, running

Told = list[str]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site with nothing in its feed."""
    async with running(Site()) as site:
        yield site


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Room:
    """A newsroom that reads ``site``."""
    return make_room(tmp_path / "room", site)


@pytest.fixture
async def told(room: Room) -> AsyncIterator[Told]:
    """Titles of the messages that a route took."""
    titles: Told = []

    async def take(request: web.Request) -> web.Response:
        titles.append((await request.json())["title"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    server = TestServer(app)
    await server.start_server()
    (room.folder / "route").write_text(f"json://127.0.0.1:{server.port}/\n")
    room.text += '\n[alerts]\nurls = [{ file = "route" }]\n'
    yield titles
    await server.close()
