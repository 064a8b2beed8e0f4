"""Ten mirrors, of which six misbehave, each in its own way: the others are current all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import mirror.publish.breaker
from mirror.schedule import serve
from mirror.service import Service
from tests.endpoints.wire import Answer, hang, slam, status, trickle, wire
from tests.nginx import free_port
from tests.service.room import NOW, Room, Site, Story
from tests.test_schedule import until

pytestmark = pytest.mark.real

GOOD = ("one", "two", "good-3", "good-4")


BAD = {
    "hangs": "no answer within",
    "trickles": "no answer within",
    "refuses": "closed before the answer",
    "is-full": "507",
    "lies": "shows nothing of it",
    "lost-its-credentials": "401",
}
RAW: dict[str, Answer] = {
    "hangs": hang,
    "trickles": trickle,
    "refuses": slam,
    "lost-its-credentials": status(401),
}
STATUS = {"is-full": 507, "lies": 201}  # whatever is put; nothing is ever there


@asynccontextmanager
async def answering(name: str) -> AsyncIterator[int]:
    """The port of the mirror that misbehaves so."""
    if name in RAW:
        async with wire(RAW[name]) as server:
            yield server.port
        return

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=404 if request.method == "GET" else STATUS[name])

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    async with TestServer(app) as host:
        assert host.port
        yield host.port


@asynccontextmanager
async def ten(room: Room) -> AsyncIterator[None]:
    """Two more good mirrors in the configuration, and the six servers of the bad ones."""
    async with AsyncExitStack() as stack:
        for name in GOOD[2:]:
            room.text += block(name, f"file://{room.mirror(name)}")
        for name in BAD:
            port = await stack.enter_async_context(answering(name))
            room.text += block(name, f"dav://127.0.0.1:{port}/") + 'timeout = "1s"\n'
        yield


def block(name: str, push: str) -> str:
    return (
        f'\n[[mirror]]\nname = "{name}"\nurl = "https://{name.lower()}.example/x7/"\n'
        f'push = "{push}"\n'
    )


def shows(room: Room, name: str, story: Story) -> bool:
    feed = room.mirror(name) / "feeds/all.json"
    return feed.exists() and room.id(story) in feed.read_text()


def all_show(room: Room, story: Story) -> bool:
    return all(shows(room, name, story) for name in GOOD)


def heads(room: Room) -> set[bytes]:
    """The heads that stand here and on the good mirrors."""
    places = (room.tree, *map(room.mirror, GOOD))
    return {(place / "log/checkpoint").read_bytes() for place in places}


async def test_in_a_round_the_good_are_current_while_the_bad_still_hang(
    room: Room, site: Site
) -> None:
    site.add(Story(1))
    async with ten(room), Service.open(room.config) as service:
        under_way = asyncio.create_task(service.round(NOW))
        await until(partial(all_show, room, Story(1)))
        assert not under_way.done()
        report = await under_way
        told = {one.name: one.last_error for one in (await service.status(NOW)).mirrors}

    assert report.fell_short
    for name, words in BAD.items():
        assert words in told[name], name
    assert [told[name] for name in GOOD] == [""] * len(GOOD)
    room.check(NOW, mirrors=GOOD)


async def test_the_service_brings_each_story_to_the_good_whatever_the_bad_do(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror.publish.breaker, "FIRST", timedelta(seconds=0.5))
    room.text = room.text.replace('interval = "10m"', 'interval = "1s"')
    room.text += f'\n[web]\nlisten = "127.0.0.1:{free_port()}"\n'
    stop = asyncio.Event()
    async with ten(room):
        task = asyncio.create_task(serve([room.config], stop=stop))
        try:
            for number in (1, 2, 3):
                story = Story(number)
                site.add(story)
                await until(partial(all_show, room, story))
            await until(lambda: len(heads(room)) == 1)
        finally:
            stop.set()
            await task
    room.check(datetime.now(UTC), mirrors=GOOD)
