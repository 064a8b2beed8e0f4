"""Store what was read: each page becomes a version of its article, or its address is put off."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from mirror.errors import SourceError
from mirror.publish.articles import changes
from mirror.service.owning import addresses_of, conflicts, is_known, owner_of
from mirror.service.putting_off import PutOff, in_found, look_again, put_off_or_give_up
from mirror.service.reading import Batch, Desk, Reading, read_these
from mirror.service.taken import Taken, withdrawn
from mirror.source.read import ReadArticle
from mirror.store import media_days, sources, versions
from mirror.store.addresses import forms, put_addresses
from mirror.store.sources import Waiting
from mirror.store.versions import NewVersion

AT_ONCE: Final = 20  # articles that are read before they are stored together
_log = structlog.get_logger(__name__)


async def take_in(parts: Desk, now: datetime) -> tuple[Taken, ...]:
    """Read up to ``AT_ONCE`` addresses that are due, and store what was read.

    Raises:
        StoreError: It can't be stored; the addresses go on waiting.
    """
    async with parts.database.begin() as connection:
        due = await sources.due(connection, now, AT_ONCE)
    return await store(parts, await read_these(parts, due, now), now) if due else ()


async def store(
    parts: Desk, batch: Batch, now: datetime, *, put_off: PutOff = in_found
) -> tuple[Taken, ...]:
    """Store what was read, in one transaction; ``put_off`` lets wait what could not be read.

    Raises:
        StoreError: It can't be stored; the addresses go on waiting.
    """
    async with parts.database.begin() as connection:
        news = await _news(connection, batch.readings)
    await asyncio.to_thread(_keep_files, parts, news)
    taken = [withdrawn(one) for one in batch.unwanted]
    async with parts.database.begin() as connection:
        if batch.unwanted:
            await sources.drop_waiting(connection, [one.id for one in batch.unwanted])
        if batch.media_bytes:
            await media_days.use(connection, now, batch.media_bytes)
        taken += [await _take(connection, one, now, put_off) for one in batch.readings]
    for became in taken:
        _log.info("article.read", url=became.url, outcome=became.outcome, why=became.why)
    return tuple(taken)


async def _news(connection: AsyncConnection, readings: Iterable[Reading]) -> list[ReadArticle]:
    """What ``_store`` will take in: nothing else is kept, least of all what was erased."""
    read = [(one, one.result) for one in readings if isinstance(one.result, ReadArticle)]
    addresses = [addresses_of(reading.one, result) for reading, result in read]
    known = await forms(connection, {address for many in addresses for address in many})
    news = []
    for (reading, result), mine in zip(read, addresses, strict=True):
        owners = {address: known[address] for address in mine if address in known}
        if not owners or await _is_news(connection, reading, result, owners):
            news.append(result)
    return news


async def _is_news(
    connection: AsyncConnection,
    reading: Reading,
    read: ReadArticle,
    owners: dict[str, tuple[str, str]],
) -> bool:
    owner, is_twin = await owner_of(connection, reading.one, reading.article, read, owners)
    if is_twin or await versions.state_of(connection, owner) is State.WITHDRAWN:
        return False
    return not await is_known(connection, owner, read.snapshot)


def _keep_files(parts: Desk, results: Iterable[ReadArticle]) -> None:
    """Make durable what the database is about to name."""
    for result in results:
        parts.folders.put_raw(result.raw)
        for path, data in result.media.items():
            parts.folders.put_incoming(path, data)


async def _take(
    connection: AsyncConnection, reading: Reading, now: datetime, put_off: PutOff
) -> Taken:
    one, article, result = reading.one, reading.article, reading.result
    if result is None:
        return Taken(url=one.item.url, outcome="older")
    if isinstance(result, SourceError):
        return await put_off_or_give_up(connection, one, article, result, now=now, put_off=put_off)
    return replace(await _store(connection, one, article, result, now), look=result.look)


async def _store(
    connection: AsyncConnection, one: Waiting, article: str, read: ReadArticle, now: datetime
) -> Taken:
    addresses = addresses_of(one, read)
    owners = await forms(connection, addresses)
    article, is_twin = await owner_of(connection, one, article, read, owners)
    state = await versions.state_of(connection, article)
    if state is State.WITHDRAWN:
        await sources.drop_waiting(connection, [one.id])
        await put_addresses(connection, article, dict.fromkeys(addresses, ""))
        return withdrawn(one)
    if is_twin:
        await sources.drop_waiting(connection, [one.id])
        await put_addresses(connection, article, addresses)
        return Taken(url=one.item.url, outcome="same", why="another address of a known article")
    await look_again(connection, one, now)
    back = state is State.GONE
    if back:
        await versions.set_state(connection, article, State.LIVE)
    earlier = None
    if state is not None:  # an article without a row has no versions
        if await is_known(connection, article, read.snapshot):
            await put_addresses(connection, article, addresses)
            await _taken_back(connection, article, read)
            return Taken(url=one.item.url, outcome="changed" if back else "same")
        earlier = await versions.newest_snapshot(connection, article)
    doubts = (
        *(read.verdict.reasons if read.verdict.held else ()),
        *conflicts(article, addresses, owners),
    )
    await versions.add(connection, _version(article, addresses, read, doubts))
    outcome = "held" if doubts else "changed" if earlier else "new"
    return Taken(url=one.item.url, outcome=outcome, why="; ".join((*doubts, *read.problems)))


async def _taken_back(connection: AsyncConnection, article: str, read: ReadArticle) -> None:
    """Drop what waits to be published where the source has again what readers have."""
    published = await versions.published_snapshot(connection, article)
    if published is not None and not changes(published, read.snapshot):
        await versions.drop_pending(connection, article)


def _version(
    article: str, addresses: dict[str, str], read: ReadArticle, doubts: tuple[str, ...]
) -> NewVersion:
    return NewVersion(
        article=article,
        addresses=addresses,
        snapshot=read.snapshot,
        reasons=doubts,
        raw=hashlib.sha256(read.raw).hexdigest(),
        raw_type=read.raw_type,
        headers=read.response_headers,
    )
