"""Single values that must be remembered."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import KEPT


async def get(connection: AsyncConnection, name: str) -> str:
    """The value, or empty."""
    query = select(KEPT.c.value).where(KEPT.c.name == name)
    return str((await connection.execute(query)).scalar() or "")


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Remember ``value``."""
    await upsert(connection, KEPT, [{"name": name, "value": value}])
