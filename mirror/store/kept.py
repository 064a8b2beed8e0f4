"""Single values that must be remembered."""

import secrets
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import KEPT

ASKED: Final = "asked"  # changes when the operator asked for something while the service runs


async def get(connection: AsyncConnection, name: str) -> str:
    """The value, or empty."""
    query = select(KEPT.c.value).where(KEPT.c.name == name)
    return str((await connection.execute(query)).scalar() or "")


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Remember ``value``."""
    await upsert(connection, KEPT, [{"name": name, "value": value}])


async def ask(connection: AsyncConnection) -> None:
    """Let a running service look at once at what the operator changed."""
    await put(connection, ASKED, secrets.token_hex(8))
