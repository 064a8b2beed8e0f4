"""``HubTeller``: tells the WebSub hub what changed, beside everything else and never before it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

import stamina
import structlog

from mirror.errors import HubError, MirrorError
from mirror.publish.hub import AT_ONCE, tell_hub, topics_of
from mirror.publish.outcome import Outcome
from mirror.service.parts import Parts
from mirror.service.telling import Teller
from mirror.store import ledger

SETTLE: Final = timedelta(seconds=30)  # that a single round waits for the hub at its end
TRIES: Final = 3

_log = structlog.get_logger(__name__)


class HubTeller:
    """Tells the hub of one newsroom. What it is not told of is forgotten: the next change tells.

    A feed is named only once its mirror has it, and only those on listed mirrors that anybody
    can open: the hub fetches what it is told of, and passes it on.
    """

    def __init__(self, parts: Parts, teller: Teller) -> None:
        """Nothing is told yet."""
        self._parts = parts
        self._teller = teller
        self._due: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._problem = ""

    async def of_push(self, outcome: Outcome) -> None:
        """A push has ended: tell the hub soon of the feeds that it changed.

        Raises:
            StoreError: What it changed can't be read.
        """
        mirror = next(one for one in self._parts.config.mirrors if one.name == outcome.mirror)
        brought = outcome.problem is None and outcome.to_size > outcome.from_size
        if not (
            self._parts.config.feeds.hub and brought and mirror.listed and mirror.kind == "web"
        ):
            return
        async with self._parts.database.begin() as connection:
            changed = await ledger.mutable_since(connection, outcome.from_size)
        self._due |= dict.fromkeys(topics_of(mirror.url, changed))
        if self._due and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._tell())

    async def settled(self) -> str:
        """Why the hub could not be told, once it was tried; empty where all went well."""
        if self._task is None:
            return ""
        await asyncio.wait([self._task], timeout=SETTLE.total_seconds())
        problem = self._problem if self._task.done() else "hub: no answer yet; it was left alone"
        self._problem = ""
        return problem

    async def close(self) -> None:
        """Leave what is not told."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _tell(self) -> None:
        while self._due:
            topics = tuple(islice(self._due, AT_ONCE))
            for topic in topics:
                del self._due[topic]
            problem = await self._try(topics)
            self._problem = problem or self._problem
            if problem:
                self._parts.metrics.failed(self._parts.config.site.title, "hub")
            else:
                _log.info("hub.told", feeds=len(topics))
            with suppress(MirrorError):  # an alert that can't be kept; the log has it
                await self._teller.of_hub(problem, datetime.now(UTC))

    async def _try(self, topics: tuple[str, ...]) -> str:
        hub = self._parts.config.feeds.hub
        try:
            async for attempt in stamina.retry_context(on=_may_pass, attempts=TRIES, timeout=None):
                with attempt:
                    await tell_hub(hub, topics)
        except HubError as error:
            return str(error)
        return ""


def _may_pass(error: Exception) -> bool:
    return isinstance(error, HubError) and error.again
