"""The articles of feeds that are chosen by author or tag."""

from collections.abc import AsyncIterator, Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.snapshot import Snapshot
from mirror.store.database import upsert
from mirror.store.tables import ARTICLES, LABELS, VERSIONS

_AT_ONCE = 500  # rows of one query


async def feeds_with(
    connection: AsyncConnection, articles: Sequence[str]
) -> frozenset[tuple[str, str]]:
    """Each feed that holds one of ``articles``, with that article."""
    query = select(LABELS.c.feed, LABELS.c.article).where(LABELS.c.article.in_(list(articles)))
    return frozenset((row.feed, row.article) for row in await connection.execute(query))


async def put(
    connection: AsyncConnection, article: str, published: int, feeds: Iterable[str]
) -> None:
    """Let these feeds hold ``article``, and no others."""
    await connection.execute(delete(LABELS).where(LABELS.c.article == article))
    await add(connection, article, published, feeds)


async def add(
    connection: AsyncConnection, article: str, published: int, feeds: Iterable[str]
) -> None:
    """Let these feeds hold ``article`` too."""
    rows = ({"feed": feed, "article": article, "published": published} for feed in feeds)
    await upsert(connection, LABELS, rows)


async def forget(connection: AsyncConnection, feeds: Iterable[str]) -> None:
    """Forget what these feeds hold."""
    await connection.execute(delete(LABELS).where(LABELS.c.feed.in_(list(feeds))))


async def published_snapshots(
    connection: AsyncConnection,
) -> AsyncIterator[tuple[str, int, Snapshot]]:
    """Every published article: id, when it was published, and its current version."""
    last = ""
    while True:
        query = (
            select(ARTICLES.c.id, ARTICLES.c.published, VERSIONS.c.snapshot)
            .join(VERSIONS, VERSIONS.c.article == ARTICLES.c.id)
            .where(VERSIONS.c.number == ARTICLES.c.version, ARTICLES.c.id > last)
            .order_by(ARTICLES.c.id)
            .limit(_AT_ONCE)
        )
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield row.id, row.published, Snapshot.decode(bytes(row.snapshot))
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id
