"""The addresses by which articles are known (format 1.1)."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import insert_new
from mirror.store.tables import ADDRESSES, ARTICLES

_ARTICLE: Final = select(ADDRESSES.c.article).where(ADDRESSES.c.id == bindparam("id"))
_FORMS: Final = select(ADDRESSES).where(ADDRESSES.c.id.in_(bindparam("ids", expanding=True)))
_UNLOGGED: Final = (
    select(ADDRESSES.c.id, ADDRESSES.c.article)
    .join(ARTICLES, ARTICLES.c.id == ADDRESSES.c.article)
    .where(ADDRESSES.c.logged == 0, ARTICLES.c.version > 0)
    .order_by(ADDRESSES.c.id)
    .limit(bindparam("limit"))
)


async def article_at(connection: AsyncConnection, address: str) -> str | None:
    """Id of the article that is known by the address with this id, or None."""
    found = (await connection.execute(_ARTICLE, {"id": address})).scalar()
    return None if found is None else str(found)


async def forms(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """For each of these address ids that is known: its article, and its normal form."""
    rows = await connection.execute(_FORMS, {"ids": list(ids)})
    return {row.id: (row.article, row.form) for row in rows}


async def put_addresses(
    connection: AsyncConnection, article: str, addresses: Mapping[str, str]
) -> None:
    """Remember addresses of an article; those that another article has stay its own."""
    rows = (
        {"id": one, "form": form, "article": article, "logged": int(one == article)}
        for one, form in addresses.items()
    )
    await insert_new(connection, ADDRESSES, rows)


async def unlogged(connection: AsyncConnection, limit: int) -> tuple[tuple[str, str], ...]:
    """Up to ``limit`` addresses without an alias page whose article is published: id, article."""
    rows = await connection.execute(_UNLOGGED, {"limit": limit})
    return tuple((row.id, row.article) for row in rows)
