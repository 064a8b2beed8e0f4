"""What is remembered of mirrors."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.store.database import upsert
from mirror.store.tables import MIRRORS, OWED
from mirror.store.times import moment_or_none, stored
from mirror.tree import Resume

_RECORDS: Final = select(MIRRORS, exists().where(OWED.c.mirror == MIRRORS.c.name).label("owes"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRecord:
    """One mirror as the last push left it.

    Attributes:
        name: In the configuration.
        size: That its head stated; None before the first look.
        last_push: When it was last brought up to date, or found to be.
        last_error: Why the newest push fell short, in words.
        paused: The operator stopped pushes to it.
        resume: Where a push that was cut short goes on.
        listed_since: When it was first listed, or None.
        retiring: Since when it is about to go, or None: pushed to, and listed no more.
        audited: When files of it were last compared over the public address, or None.
        owes: Whether something must still be deleted there; see ``owed``.
    """

    name: str
    size: int | None = None
    last_push: datetime | None = None
    last_error: str = ""
    paused: bool = False
    resume: Resume | None = None
    listed_since: datetime | None = None
    retiring: datetime | None = None
    audited: datetime | None = None
    owes: bool = False


async def all_records(connection: AsyncConnection) -> dict[str, MirrorRecord]:
    """Every mirror that was ever pushed to or listed, by name."""
    return {row.name: _record(row) for row in await connection.execute(_RECORDS)}


async def put_push(
    connection: AsyncConnection,
    name: str,
    *,
    size: int | None,
    problem: str,
    resume: Resume | None,
    now: datetime,
) -> None:
    """Remember what a push came to; ``size`` is None where its head was not seen."""
    await _know(connection, name)
    values: dict[str, Any] = {"last_error": problem, "resume": _encode(resume)}
    if size is not None:
        values["size"] = size
        fresh = update(MIRRORS).where(MIRRORS.c.name == name, MIRRORS.c.size < 0)
        await connection.execute(fresh.values(swept=size))  # it never had older partial tiles
    if not problem:
        values["last_push"] = stored(now)
    await connection.execute(update(MIRRORS).where(MIRRORS.c.name == name).values(values))


async def put_resume(connection: AsyncConnection, name: str, resume: Resume) -> None:
    """Remember how far a push has come that is still under way."""
    await _know(connection, name)
    changed = update(MIRRORS).where(MIRRORS.c.name == name).values(resume=_encode(resume))
    await connection.execute(changed)


async def pause(connection: AsyncConnection, name: str, *, paused: bool) -> None:
    """Stop pushes to a mirror, or go on with them."""
    await _know(connection, name)
    await connection.execute(
        update(MIRRORS).where(MIRRORS.c.name == name).values(paused=int(paused))
    )


async def retire(connection: AsyncConnection, name: str, since: datetime | None) -> None:
    """Announce that a mirror is about to go, or (None) that it stays after all."""
    await _know(connection, name)
    values = {"retiring": stored(since) if since else 0}
    await connection.execute(update(MIRRORS).where(MIRRORS.c.name == name).values(values))


async def list_since(connection: AsyncConnection, names: Iterable[str], now: datetime) -> None:
    """Note since when these are listed; those that were listed already keep their day."""
    for name in names:
        await _know(connection, name)
        await connection.execute(
            update(MIRRORS)
            .where(MIRRORS.c.name == name, MIRRORS.c.listed_since == 0)
            .values(listed_since=stored(now))
        )


async def owed(connection: AsyncConnection, mirror: str) -> tuple[str, ...]:
    """What must still be deleted from that mirror."""
    query = select(OWED.c.path).where(OWED.c.mirror == mirror).order_by(OWED.c.path)
    return tuple((await connection.execute(query)).scalars())


async def owe(connection: AsyncConnection, mirror: str, paths: Iterable[str]) -> None:
    """These must be deleted there."""
    await upsert(connection, OWED, ({"mirror": mirror, "path": path} for path in paths))


async def paid(connection: AsyncConnection, mirror: str, paths: Iterable[str]) -> None:
    """These need not be deleted there any more."""
    gone = delete(OWED).where(OWED.c.mirror == mirror, OWED.c.path.in_(list(paths)))
    await connection.execute(gone)


async def _know(connection: AsyncConnection, name: str) -> None:
    known = await connection.execute(select(MIRRORS.c.name).where(MIRRORS.c.name == name))
    if known.scalar() is None:
        await connection.execute(MIRRORS.insert().values(name=name))


def _encode(resume: Resume | None) -> str:
    return json.dumps(asdict(resume), sort_keys=True) if resume else ""


def _record(row: Any) -> MirrorRecord:  # noqa: ANN401  # a row
    return MirrorRecord(
        name=row.name,
        size=None if row.size < 0 else row.size,
        last_push=moment_or_none(row.last_push),
        last_error=row.last_error,
        paused=bool(row.paused),
        resume=Resume(**json.loads(row.resume)) if row.resume else None,
        listed_since=moment_or_none(row.listed_since),
        retiring=moment_or_none(row.retiring),
        audited=moment_or_none(row.audited),
        owes=row.owes,
    )
