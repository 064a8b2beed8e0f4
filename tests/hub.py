"""A small WebSub hub on loopback, which verifies intent and signs what it sends."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Hub:
    """``subscribers`` are callback and secret by topic; ``asked`` every form that came."""

    lease: str = "864000"
    refuses: str = ""  # why it says no to everybody
    method: str = "sha256"
    base: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    subscribers: dict[str, tuple[str, str]] = field(default_factory=dict)
    unverified: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.base}/hub"

    async def handle(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        task = asyncio.create_task(self.verify(form))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return web.Response(status=202)

    async def verify(self, form: dict[str, str]) -> None:
        """Ask the subscriber whether it meant that, or tell it no."""
        topic, callback = form["hub.topic"], form["hub.callback"]
        challenge = secrets.token_urlsafe()
        query = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": challenge}
        if self.refuses:
            query = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": self.refuses}
        if self.lease:
            query["hub.lease_seconds"] = self.lease
        async with (
            aiohttp.ClientSession() as session,
            session.get(callback, params=query) as answer,
        ):
            meant = answer.ok and await answer.text() == challenge
        if meant:
            self.subscribers[topic] = (callback, form["hub.secret"])
        else:
            self.unverified += 1

    async def send(self, topic: str, body: bytes, *, secret: str = "") -> int:
        """Tell the subscriber of ``topic``; signed with another ``secret``, if one is given."""
        callback, right = self.subscribers[topic]
        key = (secret or right).encode()
        signature = hmac.new(key, body, getattr(hashlib, self.method)).hexdigest()
        headers = {"X-Hub-Signature": f"{self.method}={signature}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(callback, data=body, headers=headers) as answer,
        ):
            return answer.status


@asynccontextmanager
async def running_hub() -> AsyncIterator[Hub]:
    """A hub that runs."""
    hub = Hub()
    app = web.Application()
    app.router.add_post("/hub", hub.handle)
    server = TestServer(app)
    await server.start_server()
    try:
        hub.base = str(server.make_url("/")).removesuffix("/")
        yield hub
    finally:
        await server.close()
