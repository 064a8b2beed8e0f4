"""Single values that must be remembered."""

import secrets
from collections.abc import Iterable
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import KEPT

ASKED: Final = "asked"  # changes when the operator asked for something while the service runs

_ONE: Final = select(KEPT.c.value).where(KEPT.c.name == bindparam("name"))
_SOME: Final = select(KEPT).where(KEPT.c.name.in_(bindparam("names", expanding=True)))


async def get(connection: AsyncConnection, name: str) -> str:
    """The value, or empty."""
    return str((await connection.execute(_ONE, {"name": name})).scalar() or "")


async def get_many(connection: AsyncConnection, names: Iterable[str]) -> dict[str, str]:
    """The values that there are, by name."""
    rows = await connection.execute(_SOME, {"names": list(names)})
    return {row.name: row.value for row in rows}


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Remember ``value``."""
    await upsert(connection, KEPT, [{"name": name, "value": value}])


async def ask(connection: AsyncConnection, *, push: str = "") -> None:
    """Let a running service look at once at what the operator changed, and push to that mirror."""
    await put(connection, ASKED, f"{secrets.token_hex(8)} {push}".strip())
