"""Which articles stand in which archive document of a feed (RFC 5005, 4).

An article that is in none yet, or was corrected since, stands in document 0. Once it is in a
document it stays there for ever, whatever comes after.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.articles import Kind, of_kind
from mirror.store.database import upsert
from mirror.store.tables import ARCHIVED, ARTICLES

OPEN: Final = 0  # the number of the document that is not made yet

_LAST: Final = select(func.max(ARCHIVED.c.number)).where(ARCHIVED.c.feed == bindparam("feed"))
_WAITING: Final = (
    select(ARTICLES.c.published, ARTICLES.c.id)
    .join(ARCHIVED, ARCHIVED.c.article == ARTICLES.c.id)
    .where(ARCHIVED.c.feed == bindparam("feed"), ARCHIVED.c.number == OPEN)
    .order_by(ARTICLES.c.published, ARTICLES.c.id)
    .limit(bindparam("limit"))
)


async def last_number(connection: AsyncConnection, feed: str) -> int:
    """How many documents of ``feed`` are closed."""
    return int((await connection.execute(_LAST, {"feed": feed})).scalar() or 0)


async def waiting(
    connection: AsyncConnection, feed: str, limit: int, without: Collection[str] = ()
) -> tuple[tuple[int, str], ...]:
    """Up to ``limit`` articles that no document of ``feed`` holds as they are, oldest first.

    Each is when it was published, Unix seconds, and its id.
    """
    given = {"feed": feed, "limit": limit + len(without)}
    rows = (await connection.execute(_WAITING, given)).all()
    return tuple((row.published, row.id) for row in rows if row.id not in without)[:limit]


async def held_by(connection: AsyncConnection, feed: str, number: int) -> tuple[str, ...]:
    """The ids of the articles in one document."""
    query = select(ARCHIVED.c.article).where(ARCHIVED.c.feed == feed, ARCHIVED.c.number == number)
    return tuple((await connection.execute(query.order_by(ARCHIVED.c.article))).scalars())


async def holding(
    connection: AsyncConnection, articles: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Every closed document, feed and number, that holds one of ``articles``."""
    query = (
        select(ARCHIVED.c.feed, ARCHIVED.c.number)
        .where(ARCHIVED.c.article.in_(list(articles)), ARCHIVED.c.number > OPEN)
        .distinct()
        .order_by(ARCHIVED.c.feed, ARCHIVED.c.number)
    )
    return tuple((row.feed, row.number) for row in await connection.execute(query))


async def begin(connection: AsyncConnection, feed: str, kind: Kind) -> None:
    """Let every published article of ``kind`` that no document of ``feed`` holds wait for one."""
    there = select(ARCHIVED.c.article).where(ARCHIVED.c.feed == feed)
    missing = select(literal(feed), literal(OPEN), ARTICLES.c.id).where(
        of_kind(kind), ARTICLES.c.id.not_in(there)
    )
    columns = [ARCHIVED.c.feed, ARCHIVED.c.number, ARCHIVED.c.article]
    await connection.execute(ARCHIVED.insert().from_select(columns, missing))


async def put(connection: AsyncConnection, feed: str, number: int, articles: Iterable[str]) -> None:
    """Let document ``number`` hold ``articles``; what a closed one holds waits no more."""
    ids = list(articles)
    rows = ({"feed": feed, "number": number, "article": one} for one in ids)
    await upsert(connection, ARCHIVED, rows)
    if number != OPEN:
        await connection.execute(
            delete(ARCHIVED).where(
                ARCHIVED.c.feed == feed, ARCHIVED.c.number == OPEN, ARCHIVED.c.article.in_(ids)
            )
        )
