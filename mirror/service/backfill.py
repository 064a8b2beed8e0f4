"""``Backfill``: reading a site's archive, by its sitemaps, beside a service that may run.

What is still to be read stands in tables of its own, so that it neither delays what is polled
nor is lost when the process ends. The articles are stored as any others; the service publishes
them, in editions that are bounded as always. It does not take the data folder's lock.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin, urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.errors import InvalidAddressError
from feeds.ids import article_id
from mirror.config import Config, SourceConfig
from mirror.errors import SourceError, SourceUnreachableError
from mirror.extract.links import Links, is_article_address
from mirror.service.reading import Batch, read_these
from mirror.service.storing import store
from mirror.service.taken import Taken
from mirror.source.read import Extractor
from mirror.source.response import Limits
from mirror.source.robots import sitemaps_of
from mirror.source.routes import Routes
from mirror.source.sitemap_file import Entry, SitemapFile
from mirror.source.sitemap_walk import walk
from mirror.source.usable import usable
from mirror.store import backfills, kept
from mirror.store.addresses import article_at
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.sources import Waiting

AT_ONCE: Final = 32  # articles that are read before they are stored together
_SILENT: Final = 3  # articles of which none could be had: then the site does not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is wanted: articles from ``since`` on, and before ``until`` where that is given. UTC."""

    since: datetime
    until: datetime | None = None

    def __str__(self) -> str:
        """The same text for the same span."""
        return f"{self.since:%Y-%m-%d}/{'' if self.until is None else f'{self.until:%Y-%m-%d}'}"

    def holds(self, entry: Entry) -> bool:
        """Whether a page may be wanted; one without a date may."""
        return entry.dated is None or self.until is None or entry.dated < self.until


@dataclass(slots=True)
class Progress:
    """How far it has come, for whoever shows it.

    Attributes:
        files: Sitemap files that were read.
        left: Addresses that wait.
        done: Addresses that were read since the start.
        outcomes: What became of them, counted.
        problems: What could not be had, in words: the last few.
    """

    files: int = 0
    left: int = 0
    done: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def took(self, taken: Iterable[Taken]) -> None:
        """Count these."""
        for one in taken:
            self.outcomes[one.outcome] = self.outcomes.get(one.outcome, 0) + 1
            if one.outcome != "put off":
                self.done += 1
                self.left = max(self.left - 1, 0)
            if one.outcome in {"put off", "given up"}:
                self.failed(f"{one.url}: {one.why}")

    def failed(self, problem: str) -> None:
        """Remember a problem."""
        self.problems = [*self.problems[-9:], problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """One backfill of one newsroom. What it is read with is open.

    Attributes:
        config: The operator's.
        routes: The ways to the site, as politely as the operator said.
        database: May be in use by the service too.
        folders: Not locked.
        extractor: Finds the article on a page.
        span: What is wanted.
        source: Name of the only source that is gone through, or empty for all.
    """

    config: Config
    routes: Routes
    database: Database
    folders: Folders
    extractor: Extractor
    span: Span
    source: str = ""

    @property
    def job(self) -> str:
        """What the tables know it by: the same for the same wish, and so it can go on."""
        return f"{self.span} {self.source}"[:100]

    async def run(
        self, progress: Progress, now: Callable[[], datetime], told: Callable[[], None]
    ) -> bool:
        """Go through the archive, or go on where the last run ended; whether all is done.

        ``told`` is called after each step. What could not be had waits for the next run.

        Raises:
            SourceError: No sitemap can be read, or the site does not answer.
            StoreError: It can't be stored; nothing that was stored is lost.
        """
        await self._walk(progress, now(), told)
        async with self.database.begin() as connection:
            progress.left = await backfills.count(connection, self.job)
        told()
        async with aclosing(self._read(now)) as batches:
            async for taken in batches:
                progress.took(taken)
                told()
        async with self.database.begin() as connection:
            is_done = await backfills.next_due(connection, self.job) is None
            if is_done and not progress.problems:
                await backfills.forget(connection, self.job)
        return is_done

    async def _walk(self, progress: Progress, now: datetime, told: Callable[[], None]) -> None:
        async with self.database.begin() as connection:
            skip = await backfills.walked(connection, self.job)
        for source, url in await self._sitemaps():
            files = walk(
                url,
                self.routes.of(source.name).get,
                since=self.span.since,
                skip=skip,
                failed=lambda error: progress.failed(str(error)),
            )
            async for file in files:
                async with self.database.begin() as connection:
                    waiting = [
                        one
                        for one in self._waiting(file, source, now)
                        if not await article_at(connection, one.id)
                    ]
                    await backfills.put_file(connection, self.job, file.url, waiting)
                progress.files += 1
                progress.left += len(waiting)
                told()

    async def _sitemaps(self) -> list[tuple[SourceConfig, str]]:
        """The sitemaps of the sources; where they have none, those that the site names."""
        chosen = [one for one in self.config.sources if self.source in {"", one.name}]
        named = [(one, one.url) for one in chosen if one.kind == "sitemap"]
        if named or not chosen:
            return named
        top = urljoin(self.config.site.url, "/")
        try:
            robots = await self.routes.of(chosen[0].name).get(
                urljoin(top, "robots.txt"), kind=Limits.ROBOTS
            )
            found = sitemaps_of(robots.body)
        except SourceError:
            found = []
        links = Links.of(top, self.config.site.own_hosts)
        own = [urljoin(top, url) for url in found]
        own = [
            url for url in own if urlsplit(url).scheme in {"http", "https"} and links.is_own(url)
        ]
        return [(chosen[0], url) for url in dict.fromkeys(own or [urljoin(top, "sitemap.xml")])]

    def _waiting(self, file: SitemapFile, source: SourceConfig, now: datetime) -> list[Waiting]:
        links = Links.of(file.url, self.config.site.own_hosts)
        match = source.match if source.kind == "sitemap" else ""
        wanted = [
            entry
            for entry in file.entries
            if self.span.holds(entry)
            and links.is_own(entry.url)
            and (match or entry.is_news or is_article_address(entry.url))
        ]
        items = [entry.item() for entry in wanted]
        if source.kind == "sitemap":
            items = list(usable(items, source))
        waiting: dict[str, Waiting] = {}
        for item in items:
            try:
                address = article_id(item.url)
            except InvalidAddressError:
                continue
            dated = item.updated or item.published or self.span.since
            waiting[address] = Waiting(
                id=address, item=item, source=source.name, found=min(dated, now), due=now
            )
        return list(waiting.values())

    async def _read(self, now: Callable[[], datetime]) -> AsyncGenerator[tuple[Taken, ...]]:
        """Each batch, once it is stored. Meanwhile the next one is read: no core waits."""
        batch = await self._next(now(), Batch())
        while batch.readings or batch.unwanted:
            following = asyncio.create_task(self._next(now(), batch))
            try:
                taken = await self._store(batch, now())
                yield taken
                if len(taken) >= _SILENT and all(one.outcome == "put off" for one in taken):
                    raise SourceUnreachableError(
                        self.config.site.url, f"does not answer: {taken[-1].why}"
                    )
                batch = await following
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)

    async def _next(self, moment: datetime, before: Batch) -> Batch:
        """What waits, read; the batch ``before`` is not stored yet."""
        async with self.database.begin() as connection:
            due = await backfills.due(connection, self.job, moment, AT_ONCE, but=before.ids)
        if not due:
            return Batch()
        return await read_these(
            self,
            due,
            moment,
            extractor=self.extractor,
            since=self.span.since,
            media_bytes=before.media_bytes,
        )

    async def _store(self, batch: Batch, moment: datetime) -> tuple[Taken, ...]:
        put_off: set[str] = set()

        async def wait(connection: AsyncConnection, later: Waiting) -> None:
            put_off.add(later.id)
            await backfills.put_off(connection, self.job, later)

        taken = await store(self, batch, moment, put_off=wait)
        async with self.database.begin() as connection:
            await backfills.done(connection, self.job, batch.ids - put_off)
            if any(one.outcome in {"new", "held"} for one in taken):
                await kept.ask(connection)
        return taken


def estimate(progress: Progress, spent: timedelta) -> timedelta | None:
    """How long the rest takes at the pace so far; None before it can be said."""
    if not progress.done:
        return None
    return spent * (progress.left / progress.done)
