"""The log as the database knows it: the guard of format 2.7, editions, leaves, mutable files."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.edition import EMPTY_SHA
from keys.merkle import EMPTY_ROOT
from mirror.errors import LogConflictError
from mirror.store.database import Database, upsert
from mirror.store.tables import EDITIONS, LEAVES, LOGS, MUTABLES
from mirror.tree import Leaf, Mutable

_BATCH: Final = 1_000  # rows of a stream at once

_LOG: Final = select(LOGS).where(LOGS.c.origin == bindparam("origin"))
_OF_LOG: Final = update(LOGS).where(LOGS.c.origin == bindparam("log"))
_ADVANCE: Final = _OF_LOG.where(
    LOGS.c.size == bindparam("old_size"), LOGS.c.root == bindparam("old_root")
)
_EDITION: Final = select(EDITIONS).where(EDITIONS.c.size == bindparam("size"))
_NEW_EDITION: Final = EDITIONS.insert()
_LEAVES_AT: Final = select(LEAVES).where(LEAVES.c.path.in_(bindparam("paths", expanding=True)))
_LEAVES_BETWEEN: Final = (
    select(LEAVES)
    .where(LEAVES.c.index >= bindparam("since"), LEAVES.c.index < bindparam("before"))
    .order_by(LEAVES.c.index)
    .limit(bindparam("limit"))
)
_LISTED: Final = select(MUTABLES.c.path, MUTABLES.c.sha).where(MUTABLES.c.sha != EMPTY_SHA)
_MUTABLE_SINCE: Final = (
    select(MUTABLES).where(MUTABLES.c.since > bindparam("size")).order_by(MUTABLES.c.path)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Where the log stands.

    Attributes:
        size: Entries that are committed.
        root: Of that tree.
        signed: Size that ``head`` states; lower than ``size`` where a crash came between.
        time: Of the head's newest cosignature, Unix seconds.
        head: The bytes of ``log/checkpoint``; empty before the first edition.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    signed: int = 0
    time: int = 0
    head: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition: the log's size after it and before it, its root, and when it was made."""

    size: int
    before: int
    root: bytes
    time: int


async def read(connection: AsyncConnection, origin: str) -> Ledger:
    """Where the log ``origin`` stands."""
    row = (await connection.execute(_LOG, {"origin": origin})).first()
    if row is None:
        return Ledger()
    return Ledger(
        size=row.size,
        root=bytes.fromhex(row.root),
        signed=row.signed,
        time=row.time,
        head=bytes(row.head),
    )


async def advance(connection: AsyncConnection, origin: str, old: Ledger, new: Edition) -> None:
    """Move the log on, if it still is where ``old`` says (format 2.7).

    Raises:
        LogConflictError: It is not: another writer was here. Nothing may be signed.
    """
    if not old.size:
        known = await connection.execute(select(LOGS.c.size).where(LOGS.c.origin == origin))
        if known.scalar() is None:
            await connection.execute(
                LOGS.insert().values(origin=origin, size=0, root=EMPTY_ROOT.hex())
            )
    moved = await connection.execute(
        _ADVANCE,
        {
            "log": origin,
            "old_size": old.size,
            "old_root": old.root.hex(),
            "size": new.size,
            "root": new.root.hex(),
        },
    )
    if moved.rowcount != 1:
        raise LogConflictError(
            f"the log {origin} is no longer at size {old.size}: another process publishes"
            " into this database. Nothing was signed; stop one of the two"
        )
    await connection.execute(_NEW_EDITION, _row(new))


async def put_head(
    connection: AsyncConnection, origin: str, *, size: int, time: int, head: bytes
) -> None:
    """Remember a signed head."""
    given = {"log": origin, "signed": size, "time": time, "head": head}
    await connection.execute(_OF_LOG, given)


async def edition(connection: AsyncConnection, size: int) -> Edition | None:
    """The edition of that size, or None."""
    row = (await connection.execute(_EDITION, {"size": size})).first()
    if row is None:
        return None
    root = bytes.fromhex(row.root)
    return Edition(size=row.size, before=row.before, root=root, time=row.time)


async def put_editions(connection: AsyncConnection, editions: Iterable[Edition]) -> None:
    """Remember editions that were published elsewhere (``recover``)."""
    await upsert(connection, EDITIONS, map(_row, editions))


async def put_leaves(connection: AsyncConnection, entries: Iterable[tuple[int, str, str]]) -> None:
    """Record new log entries: index, path and hash, in the order of the log."""
    newest: dict[str, tuple[int, str]] = {}
    first: dict[str, int] = {}
    for index, path, sha in entries:
        newest[path] = (index, sha)
        first.setdefault(path, index)
    first |= await first_indexes(connection, newest)
    rows = (
        {"path": path, "sha": sha, "index": index, "first": first[path]}
        for path, (index, sha) in newest.items()
    )
    await upsert(connection, LEAVES, rows)


async def first_indexes(connection: AsyncConnection, paths: Iterable[str]) -> dict[str, int]:
    """The first index of each of ``paths`` that is in the log."""
    found: dict[str, int] = {}
    every = list(paths)
    for start in range(0, len(every), _BATCH):
        rows = await connection.execute(_LEAVES_AT, {"paths": every[start : start + _BATCH]})
        found.update({row.path: row.first for row in rows})
    return found


async def hashes(connection: AsyncConnection, paths: Iterable[str]) -> dict[str, str]:
    """The current hash of each of ``paths`` that is in the log."""
    wanted = list(paths)
    if not wanted:
        return {}
    rows = await connection.execute(_LEAVES_AT, {"paths": wanted})
    return {row.path: row.sha for row in rows}


async def leaves_between(
    connection: AsyncConnection, since: int, before: int, limit: int = _BATCH
) -> tuple[Leaf, ...]:
    """Up to ``limit`` current leaves with ``since <= index < before``, by index."""
    given = {"since": since, "before": before, "limit": limit}
    rows = (await connection.execute(_LEAVES_BETWEEN, given)).mappings()
    return tuple(Leaf(row["path"], row["sha"], row["index"], row["first"]) for row in rows)


async def stream_leaves(database: Database, since: int, before: int) -> AsyncIterator[Leaf]:
    """The current leaves with ``since <= index < before``, by index; no transaction stays open."""
    while True:
        async with database.begin() as connection:
            leaves = await leaves_between(connection, since, before)
        for leaf in leaves:
            yield leaf
        if len(leaves) < _BATCH:
            return
        since = leaves[-1].index + 1


async def listed(connection: AsyncConnection) -> dict[str, str]:
    """What ``SHA256SUMS`` lists: path to hash."""
    return {row.path: row.sha for row in await connection.execute(_LISTED)}


async def mutable_since(connection: AsyncConnection, since: int) -> tuple[Mutable, ...]:
    """Mutable files that changed after the edition of size ``since``."""
    rows = await connection.execute(_MUTABLE_SINCE, {"size": since})
    return tuple(Mutable(row.path, row.sha) for row in rows)


async def put_mutable(
    connection: AsyncConnection, changed: Mapping[str, str], size: int, closed: Iterable[str] = ()
) -> None:
    """Record mutable files that the edition of ``size`` changed; ``closed`` are leaves now."""
    await upsert(
        connection,
        MUTABLES,
        ({"path": path, "sha": sha, "since": size} for path, sha in changed.items()),
    )
    if gone := list(closed):
        await connection.execute(MUTABLES.delete().where(MUTABLES.c.path.in_(gone)))


async def first_editions_after(connection: AsyncConnection, sizes: Iterable[int]) -> dict[int, int]:
    """For each of ``sizes``: when the first edition after it was made, Unix seconds."""
    times = {}
    for size in sizes:
        query = (
            select(EDITIONS.c.time).where(EDITIONS.c.size > size).order_by(EDITIONS.c.size).limit(1)
        )
        time = (await connection.execute(query)).scalar()
        if time is not None:
            times[size] = int(time)
    return times


def _row(one: Edition) -> dict[str, Any]:
    return {"size": one.size, "before": one.before, "root": one.root.hex(), "time": one.time}
