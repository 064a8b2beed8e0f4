"""How much of the day's budget for pictures is used up."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import MEDIA_DAYS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def used(connection: AsyncConnection, now: datetime) -> int:
    """Bytes of pictures, as published, that were taken in on that day, UTC."""
    query = select(MEDIA_DAYS.c.bytes).where(MEDIA_DAYS.c.day == _day(now))
    return int((await connection.execute(query)).scalar() or 0)


async def use(connection: AsyncConnection, now: datetime, count: int) -> None:
    """Add ``count`` bytes to that day's; other days are forgotten."""
    before = await used(connection, now)
    await connection.execute(delete(MEDIA_DAYS).where(MEDIA_DAYS.c.day != _day(now)))
    await upsert(connection, MEDIA_DAYS, [{"day": _day(now), "bytes": before + count}])


def _day(now: datetime) -> int:
    return (now - _EPOCH).days
