"""A WebSub hub as publishers and their subscribers see it, on loopback (W3C WebSub, 5 to 7)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Hub:
    """Keeps subscriptions; told that a topic changed, it fetches and delivers it.

    Attributes:
        told: Every topic of which a publisher said that it changed, in order.
        requests: How many requests that were.
        status: What a publisher is answered.
        held: While it is not set, no publisher is answered.
    """

    url: str = ""
    told: list[str] = field(default_factory=list)
    requests: int = 0
    status: int = 204
    held: asyncio.Event = field(default_factory=asyncio.Event)
    _callbacks: dict[str, list[str]] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("hub.mode") == "subscribe":
            return await self._subscribe(str(form["hub.topic"]), str(form["hub.callback"]))
        assert form.get("hub.mode") == "publish"
        self.requests += 1
        await self.held.wait()
        if self.status < 300:
            topics = [str(topic) for topic in form.getall("hub.url")]
            self.told += topics
            for topic in topics:
                await self._deliver(topic)
        return web.Response(status=self.status)

    async def _subscribe(self, topic: str, callback: str) -> web.Response:
        asked = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": "c4"}
        async with aiohttp.ClientSession() as session, session.get(callback, params=asked) as got:
            assert await got.text() == "c4"
        self._callbacks.setdefault(topic, []).append(callback)
        return web.Response(status=202)

    async def _deliver(self, topic: str) -> None:
        async with aiohttp.ClientSession() as session:
            for callback in self._callbacks.get(topic, ()):
                async with session.get(topic) as got:
                    assert got.status == 200
                    data = await got.read()
                headers = {"Link": f'<{self.url}>; rel="hub", <{topic}>; rel="self"'}
                async with session.post(callback, data=data, headers=headers) as taken:
                    assert taken.status == 200


@dataclass
class Subscriber:
    """Subscribes to topics, and keeps what it is given."""

    url: str = ""
    given: list[bytes] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=request.query["hub.challenge"])
        self.given.append(await request.read())
        return web.Response()

    async def subscribe(self, hub: str, topic: str) -> None:
        form = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": self.url}
        async with aiohttp.ClientSession() as session, session.post(hub, data=form) as got:
            assert got.status == 202


@asynccontextmanager
async def listening(one: Hub | Subscriber) -> AsyncIterator[str]:
    """``one`` at an address of its own."""
    app = web.Application()
    app.router.add_route("*", "/at", one.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        one.url = str(server.make_url("/at"))
        yield one.url
    finally:
        await server.close()
