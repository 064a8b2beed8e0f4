"""Files that a mirror was found without, or with other bytes, and that were put there again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import LOSSES, MIRRORS
from mirror.store.times import moment, stored

WATCHED: Final = timedelta(days=30)  # after it was put back, a file is looked for now and then


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One file of one mirror.

    Attributes:
        path: In the tree.
        found: When it was put back last.
        times: How often it was put back; 2 or more: it vanished again.
    """

    path: str
    found: datetime
    times: int


async def put_back(
    connection: AsyncConnection, mirror: str, paths: Iterable[str], now: datetime
) -> None:
    """These were not there, or not right, and were put there again."""
    every = list(paths)
    query = select(LOSSES.c.path, LOSSES.c.times).where(
        LOSSES.c.mirror == mirror, LOSSES.c.path.in_(every)
    )
    before = {row.path: row.times for row in await connection.execute(query)}
    rows = (
        {
            "mirror": mirror,
            "path": path,
            "found": stored(now),
            "checked": stored(now),
            "times": before.get(path, 0) + 1,
        }
        for path in every
    )
    await upsert(connection, LOSSES, rows)


async def watched(connection: AsyncConnection, mirror: str, limit: int) -> tuple[str, ...]:
    """The paths that were looked for longest ago, of those that were put back."""
    query = (
        select(LOSSES.c.path)
        .where(LOSSES.c.mirror == mirror)
        .order_by(LOSSES.c.checked, LOSSES.c.path)
        .limit(limit)
    )
    return tuple((await connection.execute(query)).scalars())


async def looked_at(
    connection: AsyncConnection, mirror: str, paths: Iterable[str], now: datetime
) -> None:
    """A look at that mirror ended; these were looked for. What stayed for long is forgotten."""
    mine = LOSSES.c.mirror == mirror
    changed = update(LOSSES).where(mine, LOSSES.c.path.in_(list(paths)))
    await connection.execute(changed.values(checked=stored(now)))
    await connection.execute(delete(LOSSES).where(mine, LOSSES.c.found < stored(now - WATCHED)))
    audited = update(MIRRORS).where(MIRRORS.c.name == mirror).values(audited=stored(now))
    await connection.execute(audited)


async def taken_down(connection: AsyncConnection, mirror: str) -> tuple[Loss, ...]:
    """What vanished again after it was put back; the newest first."""
    query = (
        select(LOSSES)
        .where(LOSSES.c.mirror == mirror, LOSSES.c.times > 1)
        .order_by(LOSSES.c.found.desc(), LOSSES.c.path)
    )
    rows = await connection.execute(query)
    return tuple(Loss(path=row.path, found=moment(row.found), times=row.times) for row in rows)
