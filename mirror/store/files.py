"""Which files under ``m/`` and ``p/`` articles need, for erasing."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import FILES


async def put_files(connection: AsyncConnection, needed: Iterable[tuple[str, str]]) -> None:
    """Remember paths under ``m/`` and ``p/``, each with the id of an article that needs it."""
    await upsert(connection, FILES, ({"path": path, "article": one} for path, one in needed))


async def files_of(connection: AsyncConnection, article: str) -> tuple[str, ...]:
    """The files that an article needs and no other one does."""
    mine = select(FILES.c.path).where(FILES.c.article == article)
    shared = select(FILES.c.path).where(FILES.c.path.in_(mine), FILES.c.article != article)
    query = mine.where(FILES.c.path.not_in(shared)).order_by(FILES.c.path)
    return tuple((await connection.execute(query)).scalars())


async def forget_files(connection: AsyncConnection, article: str) -> None:
    """The article needs no files any more."""
    await connection.execute(delete(FILES).where(FILES.c.article == article))
