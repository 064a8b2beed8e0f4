"""Single values that must be remembered."""

import secrets
from collections.abc import Iterable
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


async def get_many(connection: AsyncConnection, names: Iterable[str]) -> dict[str, str]:
    """The values that there are, by name."""
    query = select(KEPT).where(KEPT.c.name.in_(list(names)))
    return {row.name: row.value for row in await connection.execute(query)}


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Remember ``value``."""
    await upsert(connection, KEPT, [{"name": name, "value": value}])


async def ask(connection: AsyncConnection, *, push: str = "") -> None:
    """Let a running service look at once at what the operator changed, and push to that mirror."""
    await put(connection, ASKED, f"{secrets.token_hex(8)} {push}".strip())
