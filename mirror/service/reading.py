"""Read the articles that wait: each becomes a version in the store, or is put off."""

import asyncio
import hashlib
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.snapshot import Snapshot
from mirror.config import Config
from mirror.errors import SourceChangedError, SourceError
from mirror.publish.articles import changes
from mirror.service.owning import (
    addresses_of,
    conflicts,
    is_known,
    is_withdrawn,
    owner_of,
)
from mirror.service.putting_off import PutOff, in_found, look_again, put_off_or_give_up
from mirror.service.taken import Taken, withdrawn
from mirror.source.pictures import Budget
from mirror.source.read import Extractor, ReadArticle, in_thread, read_article
from mirror.source.routes import Routes
from mirror.store import media_days, sources, versions
from mirror.store.addresses import article_at, forms, put_addresses
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.sources import Waiting
from mirror.store.versions import NewVersion

AT_ONCE: Final = 20  # articles that are read before they are stored together
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


async def take_in(parts: Desk, now: datetime) -> tuple[Taken, ...]:
    """Read up to ``AT_ONCE`` addresses that are due, and store what was read.

    Raises:
        StoreError: It can't be stored; the addresses go on waiting.
    """
    async with parts.database.begin() as connection:
        due = await sources.due(connection, now, AT_ONCE)
    return await take_in_these(parts, due, now)


async def take_in_these(
    parts: Desk,
    due: Sequence[Waiting],
    now: datetime,
    *,
    extractor: Extractor = in_thread,
    since: datetime | None = None,
    put_off: PutOff = in_found,
) -> tuple[Taken, ...]:
    """Read these addresses, at once, and store what was read.

    Args:
        parts: What is read with, and kept in.
        due: The addresses.
        now: UTC.
        extractor: What finds the article on a page.
        since: An article that its page says is older is left out.
        put_off: Lets an address wait that could not be read now.

    Raises:
        StoreError: It can't be stored; the addresses go on waiting.
    """
    if not due:
        return ()
    async with parts.database.begin() as connection:
        waiting = [one for one in due if not await is_withdrawn(connection, one)]
        before = [await _known(connection, one) for one in waiting]
        budget = await _budget(connection, parts.config, now)
        unwanted = [one for one in due if one not in waiting]
        if unwanted:
            await sources.drop_waiting(connection, [one.id for one in unwanted])
    jobs = (
        _read(parts, one, earlier, now, extractor=extractor, budget=budget)
        for one, (_, earlier) in zip(waiting, before, strict=True)
    )
    results = [_too_old(result, since) for result in await asyncio.gather(*jobs)]
    async with parts.database.begin() as connection:
        news = [
            result
            for one, (article, _), result in zip(waiting, before, results, strict=True)
            if isinstance(result, ReadArticle) and await _is_news(connection, one, article, result)
        ]
    await asyncio.to_thread(_keep_files, parts, news)
    taken = [withdrawn(one) for one in unwanted]
    async with parts.database.begin() as connection:
        if budget.used:
            await media_days.use(connection, now, budget.used)
        for one, (article, _), result in zip(waiting, before, results, strict=True):
            if isinstance(result, SourceError):
                taken.append(
                    await put_off_or_give_up(
                        connection, one, article, result, now=now, put_off=put_off
                    )
                )
            elif result is None:
                taken.append(Taken(url=one.item.url, outcome="older"))
            else:
                became = await _store(connection, one, article, result, now)
                taken.append(replace(became, look=result.look))
    for became in taken:
        _log.info("article.read", url=became.url, outcome=became.outcome, why=became.why)
    return tuple(taken)


async def _budget(connection: AsyncConnection, config: Config, now: datetime) -> Budget:
    used = await media_days.used(connection, now)
    return Budget(config.fetch.max_article_media, config.fetch.max_day_media - used)


def _too_old(
    result: ReadArticle | SourceError, since: datetime | None
) -> ReadArticle | SourceError | None:
    if since is None or isinstance(result, SourceError):
        return result
    published = result.snapshot.published_at
    return None if published is not None and published < since else result


async def _known(connection: AsyncConnection, one: Waiting) -> tuple[str, Snapshot | None]:
    """Id of the article at that address, if there is one, and its newest version."""
    article = await article_at(connection, one.id) or ""
    return article, await versions.newest_snapshot(connection, article) if article else None


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


async def _is_news(
    connection: AsyncConnection, one: Waiting, article: str, read: ReadArticle
) -> bool:
    """Whether ``_store`` will take it in: nothing else is kept, least of all what was erased."""
    owners = await forms(connection, addresses_of(one, read))
    owner, is_twin = await owner_of(connection, one, article, read, owners)
    if is_twin or await versions.state_of(connection, owner) is State.WITHDRAWN:
        return False
    return not await is_known(connection, owner, read.snapshot)


def _keep_files(parts: Desk, results: Iterable[ReadArticle]) -> None:
    """Make durable what the database is about to name."""
    for result in results:
        parts.folders.put_raw(result.raw)
        for path, data in result.media.items():
            parts.folders.put_incoming(path, data)


async def _store(
    connection: AsyncConnection, one: Waiting, article: str, read: ReadArticle, now: datetime
) -> Taken:
    snapshot = read.snapshot
    addresses = addresses_of(one, read)
    owners = await forms(connection, addresses)
    article, is_twin = await owner_of(connection, one, article, read, owners)
    if await versions.state_of(connection, article) is State.WITHDRAWN:
        await sources.drop_waiting(connection, [one.id])
        await put_addresses(connection, article, dict.fromkeys(addresses, ""))
        return withdrawn(one)
    if is_twin:
        await sources.drop_waiting(connection, [one.id])
        await put_addresses(connection, article, addresses)
        return Taken(url=one.item.url, outcome="same", why="another address of a known article")
    await look_again(connection, one, now)
    back = await versions.state_of(connection, article) is State.GONE
    if back:
        await versions.set_state(connection, article, State.LIVE)
    published = await versions.published_snapshot(connection, article)
    if await is_known(connection, article, snapshot):
        await put_addresses(connection, article, addresses)
        if published is not None and not changes(published, snapshot):
            await versions.drop_pending(connection, article)  # the source took it back
        return Taken(url=one.item.url, outcome="changed" if back else "same")
    earlier = await versions.newest_snapshot(connection, article)
    doubts = (
        *(read.verdict.reasons if read.verdict.held else ()),
        *conflicts(article, addresses, owners),
    )
    await versions.add(
        connection,
        NewVersion(
            article=article,
            addresses=addresses,
            snapshot=snapshot,
            reasons=doubts,
            raw=hashlib.sha256(read.raw).hexdigest(),
            raw_type=read.raw_type,
            headers=read.response_headers,
        ),
    )
    outcome = "held" if doubts else "changed" if earlier else "new"
    return Taken(url=one.item.url, outcome=outcome, why="; ".join((*doubts, *read.problems)))
