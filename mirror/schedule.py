"""When rounds run: the only import of ``apscheduler``.

Each source is polled when ``mirror.source.rhythm`` says; what it brings is read and published
at once, by one task; and each mirror has a task of its own, so that one that hangs delays nobody.
"""

import asyncio
import gc
import random
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from mirror.config import Config, MirrorConfig, SourceConfig
from mirror.errors import MirrorError
from mirror.listening import listen_on
from mirror.metrics import Metrics
from mirror.publish.outcome import Trouble
from mirror.service import Service
from mirror.source.poll import Polled
from mirror.source.rhythm import wait
from mirror.status import Status
from mirror.web.app import make_app, start_web
from mirror.web.callbacks import make_callbacks

LOOK: Final = timedelta(minutes=5)  # for due articles, a due head, and mirrors that fell behind
LISTEN: Final = timedelta(seconds=10)  # for what the operator asks by another process
RETRY: Final = timedelta(seconds=30)  # after nothing could be published
CALM: Final = timedelta(seconds=2)  # between two polls that a hub asked for
AGAIN: Final = tuple(timedelta(seconds=seconds) for seconds in (15, 60))  # caches may lag behind
_JITTER: Final = 0.1  # at most so much of an interval is added, so that sources don't march

_log = structlog.get_logger(__name__)


async def serve(configs: Sequence[Config], *, stop: asyncio.Event) -> None:
    """Work for every newsroom of ``configs`` until ``stop`` is set.

    Raises:
        MirrorError: A newsroom can't be opened, or the status page can't be served.
    """
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        scheduler = AsyncIOScheduler(timezone=UTC)
        newsrooms = []
        for config in configs:
            service = await stack.enter_async_context(Service.open(config, metrics))
            newsrooms.append(Newsroom(service, scheduler))
        await _serve_web(stack, newsrooms, metrics)
        await _serve_callbacks(stack, newsrooms)
        for newsroom in newsrooms:
            await stack.enter_async_context(newsroom)
        scheduler.start()
        gc.freeze()  # what is loaded by now stays: the collector need not walk it again and again
        stack.callback(scheduler.shutdown, wait=False)
        await stop.wait()


async def _serve_web(
    stack: AsyncExitStack, newsrooms: Sequence["Newsroom"], metrics: Metrics
) -> None:
    """One status page for each address that the newsrooms name, with those that name it."""
    pages: dict[str, list[Newsroom]] = {}
    for newsroom in newsrooms:
        pages.setdefault(newsroom.service.config.web.listen, []).append(newsroom)
    for listen, shown in pages.items():
        secret = shown[0].service.config.web.token
        token = secret.read() if secret else None

        async def get(shown: Sequence[Newsroom] = shown) -> tuple[Status, ...]:
            return tuple([await newsroom.service.status() for newsroom in shown])

        runner = await start_web(make_app(get, metrics, token=token), listen, token=token)
        stack.push_async_callback(runner.cleanup)


async def _serve_callbacks(stack: AsyncExitStack, newsrooms: Sequence["Newsroom"]) -> None:
    """One listener for the hubs of all newsrooms that name the same address."""
    called: dict[str, list[Newsroom]] = {}
    for newsroom in newsrooms:
        if newsroom.service.subscriber.is_on:
            called.setdefault(newsroom.service.config.websub.listen, []).append(newsroom)
    for listen, those in called.items():
        app = make_callbacks([(newsroom.service.subscriber, newsroom.ping) for newsroom in those])
        runner = await listen_on(app, listen, key="[websub] listen")
        stack.push_async_callback(runner.cleanup)


class Newsroom:
    """The tasks of one newsroom; an async context manager."""

    def __init__(self, service: Service, scheduler: AsyncIOScheduler) -> None:
        """Nothing runs yet."""
        self.service = service
        self._scheduler = scheduler
        self._work = asyncio.Event()
        by_priority = sorted(service.config.mirrors, key=lambda mirror: -mirror.priority)
        self._moved = {mirror.name: asyncio.Event() for mirror in by_priority}
        self._asked = {mirror.name: asyncio.Event() for mirror in by_priority}
        self._forced: set[str] = set()  # mirrors that the operator wants pushed to now
        self._tasks: set[asyncio.Task[None]] = set()
        self._offers = asyncio.Event()  # a source changed, and may name another hub
        self._pings: dict[str, asyncio.Event] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def __aenter__(self) -> Self:
        now = datetime.now(UTC)
        for source in self.service.config.sources:
            self._poll_at(source, now)
        self._tasks.add(asyncio.create_task(self._publish_for_ever()))
        self._tasks.add(asyncio.create_task(self._listen_for_ever()))
        if self.service.subscriber.is_on:
            self._tasks.add(asyncio.create_task(self._subscribe_for_ever()))
            self._tasks.update(
                asyncio.create_task(self._ask_at_pings_for_ever(source))
                for source in self.service.config.sources
            )
        self._tasks.update(asyncio.create_task(self._push_for_ever(name)) for name in self._moved)
        for mirror in self.service.config.mirrors:
            self._tasks.add(asyncio.create_task(self._audit_for_ever(mirror)))
        self._wake()
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _poll_at(self, source: SourceConfig, when: datetime) -> None:
        self.service.next_polls[source.name] = when
        self._scheduler.add_job(
            self._begin_poll,
            DateTrigger(when, timezone=UTC),
            args=(source,),
            misfire_grace_time=None,
        )

    async def _begin_poll(self, source: SourceConfig) -> None:
        task = asyncio.create_task(self._poll(source))  # ours to end, not the scheduler's
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _poll(self, source: SourceConfig) -> None:
        now = datetime.now(UTC)
        pause: timedelta | None = source.interval

        async def ask() -> None:
            nonlocal pause
            polled = await self._ask(source, now)
            is_told = self.service.subscriber.told_until(source.name, now) is not None
            pause = wait(source, polled.state, now, fresh_for=polled.fresh_for, is_told=is_told)

        await _safely("poll", ask)
        if pause is None:
            self.service.next_polls.pop(source.name, None)
            return
        share = random.uniform(1, 1 + _JITTER)  # noqa: S311  # no secret
        self._poll_at(source, max(now + pause * share, datetime.now(UTC)))

    async def _ask(self, source: SourceConfig, now: datetime) -> Polled:
        """One at a time for each source: its hub may have it asked while it is being asked."""
        async with self._asking.setdefault(source.name, asyncio.Lock()):
            polled = (await self.service.poll([source], now))[source.name]
        if polled.fresh:
            self._wake()
        if polled.changed:
            self._offers.set()
        return polled

    def ping(self, source: str) -> None:
        """The hub of ``source`` says that it has news: it is asked at once."""
        self._pings.setdefault(source, asyncio.Event()).set()

    async def _ask_at_pings_for_ever(self, source: SourceConfig) -> None:
        """However many pings come, it is asked at most once in ``CALM``."""
        pinged = self._pings.setdefault(source.name, asyncio.Event())
        while True:
            await pinged.wait()
            pinged.clear()
            for pause in (*AGAIN, None):
                has_news = await self._has_news(source)
                await asyncio.sleep(CALM.total_seconds())
                if has_news or pause is None:
                    break
                await _wait(pinged, pause)
                pinged.clear()

    async def _has_news(self, source: SourceConfig) -> bool:
        found = False

        async def ask() -> None:
            nonlocal found
            found = bool((await self._ask(source, datetime.now(UTC))).fresh)

        await _safely("poll", ask)
        return found

    async def _subscribe_for_ever(self) -> None:
        while True:
            await _safely("subscribe", lambda: self.service.subscribe(datetime.now(UTC)))
            await _wait(self._offers, LOOK)
            self._offers.clear()

    async def _publish_for_ever(self) -> None:
        while True:
            went_well = await _safely("publish", self._publish)
            await _wait(self._work, LOOK if went_well else RETRY)

    async def _publish(self) -> None:
        self._work.clear()
        while True:
            taken = await self.service.read_some(datetime.now(UTC))
            await self.service.publish(datetime.now(UTC))
            for moved in self._moved.values():
                moved.set()
            if not taken:
                break
        if await self.service.renew():
            self._wake()
        await self.service.parts.alerts.deliver()

    async def _listen_for_ever(self) -> None:
        """Look whether the operator asked for something: `articles withdraw` and the like."""
        asked: str | None = None
        while True:
            before = asked

            async def look() -> None:
                nonlocal asked
                asked = await self.service.asked()

            await _safely("listen", look)
            if before is not None and asked != before:
                self._heard((asked or "").partition(" ")[2])
            await asyncio.sleep(LISTEN.total_seconds())

    async def _push_for_ever(self, name: str) -> None:
        """Push at every news, and at times without; one that fails waits for its turn."""
        moved, asked = self._moved[name], self._asked[name]
        while True:
            wait = self.service.pusher.turns.wait(name, datetime.now(UTC))
            await _wait(*((asked, wait) if wait else (moved, LOOK)))
            moved.clear()
            asked.clear()
            await _safely("push", lambda: self._push(name))

    async def _push(self, name: str) -> None:
        forced = name in self._forced
        self._forced.discard(name)
        outcomes = await self.service.push([name], datetime.now(UTC), forced=forced)
        outcome = outcomes.get(name)
        if outcome is not None and outcome.trouble is Trouble.UNFINISHED:
            self._moved[name].set()  # it goes on at once

    async def _audit_for_ever(self, mirror: MirrorConfig) -> None:
        auditor = self.service.auditor
        while (pause := auditor.pause(mirror)) is not None:
            await asyncio.sleep(pause.total_seconds())
            await _safely("audit", partial(self._audit, mirror))

    async def _audit(self, mirror: MirrorConfig) -> None:
        await self.service.auditor.step(mirror, datetime.now(UTC))

    def _heard(self, name: str) -> None:
        """The operator asked for something: perhaps a push to the mirror ``name``."""
        self.service.pusher.turns.reset()
        self._forced.update({name} & self._moved.keys())
        for wakes in (*self._asked.values(), *self._moved.values()):
            wakes.set()
        self._wake()

    def _wake(self) -> None:
        self._work.set()


async def _wait(event: asyncio.Event, longest: timedelta) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(longest.total_seconds()):
            await event.wait()


async def _safely(what: str, work: Callable[[], Awaitable[None]]) -> bool:
    """Do it; what goes wrong is logged and does not end the service: the next turn tries again."""
    try:
        await work()
    except MirrorError as error:
        _log.error("service.fell_short", what=what, problem=str(error))  # told in words
    except Exception:  # noqa: BLE001  # a mistake of ours in one newsroom never ends the others
        _log.critical("service.broke", what=what, trace=traceback.format_exc())
    else:
        return True
    return False
