"""What a backfill has still to do: it outlives the process that began it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.sources import Waiting, waiting_row, waiting_values
from mirror.store.tables import BACKFILL, BACKFILL_FILES
from mirror.store.times import stored


async def walked(connection: AsyncConnection, job: str) -> frozenset[str]:
    """Addresses of the sitemap files that ``job`` has gone through."""
    rows = await connection.execute(select(BACKFILL_FILES.c.url).where(BACKFILL_FILES.c.job == job))
    return frozenset(row.url for row in rows)


async def put_file(
    connection: AsyncConnection, job: str, url: str, waiting: Iterable[Waiting]
) -> None:
    """What one file named waits; that file need not be read again."""
    await upsert(connection, BACKFILL, ({"job": job} | waiting_values(one) for one in waiting))
    await upsert(connection, BACKFILL_FILES, [{"job": job, "url": url}])


async def due(
    connection: AsyncConnection, job: str, now: datetime, limit: int, *, but: Iterable[str] = ()
) -> tuple[Waiting, ...]:
    """Up to ``limit`` addresses of ``job`` that are due, but none of ``but``; the newest first."""
    query = (
        select(BACKFILL)
        .where(BACKFILL.c.job == job, BACKFILL.c.due <= stored(now))
        .where(BACKFILL.c.id.not_in(list(but)))
        .order_by(BACKFILL.c.found.desc(), BACKFILL.c.id)
    )
    return tuple(waiting_row(row, now) for row in await connection.execute(query.limit(limit)))


async def next_due(connection: AsyncConnection, job: str) -> int | None:
    """When the first address that waits may be read, in Unix seconds; None where none waits."""
    query = select(func.min(BACKFILL.c.due)).where(BACKFILL.c.job == job)
    found = (await connection.execute(query)).scalar()
    return None if found is None else int(found)


async def count(connection: AsyncConnection, job: str) -> int:
    """How many addresses of ``job`` wait. Once at a start: it looks at all of them."""
    query = select(func.count()).select_from(BACKFILL).where(BACKFILL.c.job == job)
    return int((await connection.execute(query)).scalar() or 0)


async def done(connection: AsyncConnection, job: str, ids: Iterable[str]) -> None:
    """These wait no more."""
    await connection.execute(
        delete(BACKFILL).where(BACKFILL.c.job == job, BACKFILL.c.id.in_(list(ids)))
    )


async def put_off(connection: AsyncConnection, job: str, later: Waiting) -> None:
    """Let it wait until it is due anew."""
    await upsert(connection, BACKFILL, [{"job": job} | waiting_values(later)])


async def forget(connection: AsyncConnection, job: str) -> None:
    """All of ``job`` is done."""
    for table in (BACKFILL, BACKFILL_FILES):
        await connection.execute(delete(table).where(table.c.job == job))
