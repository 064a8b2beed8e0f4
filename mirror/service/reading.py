"""Read the articles that wait: what stands at their addresses now, and what is known of them."""

import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.snapshot import Snapshot
from mirror.config import Config
from mirror.errors import SourceChangedError, SourceError
from mirror.source.pictures import Budget
from mirror.source.read import Extractor, ReadArticle, in_thread, read_article
from mirror.source.routes import Routes
from mirror.store import media_days, versions
from mirror.store.addresses import forms
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.sources import Waiting

_log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What reading needs of ``Parts``."""

    @property
    def config(self) -> Config:
        """The operator's."""
        ...

    @property
    def routes(self) -> Routes:
        """Open."""
        ...

    @property
    def database(self) -> Database:
        """Open."""
        ...

    @property
    def folders(self) -> Folders:
        """Where pages and pictures are kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one address.

    Attributes:
        one: The address.
        article: Id of the article that is known by it, or empty.
        result: What stands there; None for an article older than was wanted.
    """

    one: Waiting
    article: str
    result: ReadArticle | SourceError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Addresses that were read together.

    Attributes:
        readings: Of each, in their order.
        unwanted: Addresses of withdrawn articles, which were not read.
        media_bytes: Fetched for pictures of new articles.
    """

    readings: tuple[Reading, ...] = ()
    unwanted: tuple[Waiting, ...] = ()
    media_bytes: int = 0

    @property
    def ids(self) -> frozenset[str]:
        """Of the addresses."""
        return frozenset(one.id for one in (*self.unwanted, *(each.one for each in self.readings)))


async def read_these(
    parts: Desk,
    due: Sequence[Waiting],
    now: datetime,
    *,
    extractor: Extractor = in_thread,
    since: datetime | None = None,
    media_bytes: int = 0,
) -> Batch:
    """Read these addresses, at once. Nothing is stored yet, and none waits less.

    Args:
        parts: What is read with.
        due: The addresses.
        now: UTC.
        extractor: What finds the article on a page.
        since: An article that its page says is older is left out.
        media_bytes: Fetched today for pictures, and not stored yet.

    Raises:
        StoreError: What is known of them can't be read.
    """
    async with parts.database.begin() as connection:
        known = await forms(connection, [one.id for one in due])
        articles = {one.id: known.get(one.id, ("", ""))[0] for one in due}
        unwanted = [one for one in due if await _is_withdrawn(connection, articles[one.id])]
        waiting = [one for one in due if one not in unwanted]
        earlier = [await _newest(connection, articles[one.id]) for one in waiting]
        budget = await _budget(connection, parts.config, now, media_bytes)
    jobs = (
        _read(parts, one, before, now, extractor=extractor, budget=budget)
        for one, before in zip(waiting, earlier, strict=True)
    )
    results = await asyncio.gather(*jobs)
    return Batch(
        readings=tuple(
            Reading(one=one, article=articles[one.id], result=_too_old(result, since))
            for one, result in zip(waiting, results, strict=True)
        ),
        unwanted=tuple(unwanted),
        media_bytes=budget.used,
    )


async def _is_withdrawn(connection: AsyncConnection, article: str) -> bool:
    return bool(article) and await versions.state_of(connection, article) is State.WITHDRAWN


async def _newest(connection: AsyncConnection, article: str) -> Snapshot | None:
    return await versions.newest_snapshot(connection, article) if article else None


async def _budget(
    connection: AsyncConnection, config: Config, now: datetime, also_used: int
) -> Budget:
    used = await media_days.used(connection, now) + also_used
    return Budget(config.fetch.max_article_media, config.fetch.max_day_media - used)


def _too_old(
    result: ReadArticle | SourceError, since: datetime | None
) -> ReadArticle | SourceError | None:
    if since is None or isinstance(result, SourceError):
        return result
    published = result.snapshot.published_at
    return None if published is not None and published < since else result


async def _read(
    parts: Desk,
    one: Waiting,
    earlier: Snapshot | None,
    now: datetime,
    *,
    extractor: Extractor,
    budget: Budget,
) -> ReadArticle | SourceError:
    try:
        return await read_article(
            parts.routes.of(one.source, one.item.url),
            one.item,
            parts.config,
            now,
            earlier=earlier,
            second=parts.routes.second_of(one.source, one.item.url),
            extractor=extractor,
            budget=budget if earlier is None else None,  # a known one must not lose its pictures
        )
    except SourceError as error:
        return error
    except Exception as error:  # noqa: BLE001  # one page never keeps the others
        _log.critical("article.broke", url=one.item.url, trace=traceback.format_exc())
        problem = f"a mistake in this program: {error!r}; please report it"
        return SourceChangedError(one.item.url, problem)
