"""What is remembered of sources, and the addresses that wait to be read."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.source.item import Item
from mirror.source.state import SourceState
from mirror.store.database import upsert
from mirror.store.tables import FOUND, SOURCES
from mirror.store.times import moment_or_none, stored

_DUE: Final = (
    select(FOUND)
    .where(FOUND.c.due <= bindparam("now"))
    .order_by(FOUND.c.due, FOUND.c.id)
    .limit(bindparam("most"))
)
_DROP: Final = delete(FOUND).where(FOUND.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One source as the last poll left it.

    Attributes:
        name: In the configuration.
        state: What the next poll needs.
        last_ok: When it last answered, or None.
        last_error: Why the last poll failed, in words; empty where it did not.
        found: Addresses that it ever brought.
    """

    name: str
    state: SourceState = field(default_factory=SourceState)
    last_ok: datetime | None = None
    last_error: str = ""
    found: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An address that is to be read.

    Attributes:
        id: Of the address (format 1.1).
        item: What the source said of it.
        source: Name of the source.
        found: When it was found.
        due: Not to be read before.
        attempts: That failed so far.
        problem: Why the last one did, or empty.
    """

    id: str
    item: Item
    source: str
    found: datetime
    due: datetime
    attempts: int = 0
    problem: str = ""


async def all_records(connection: AsyncConnection) -> dict[str, SourceRecord]:
    """Every source that was ever polled, by name."""
    rows = await connection.execute(select(SOURCES))
    return {
        row.name: SourceRecord(
            name=row.name,
            state=SourceState.decode(row.state),
            last_ok=moment_or_none(row.last_ok),
            last_error=row.last_error,
            found=row.found,
        )
        for row in rows
    }


async def put_records(connection: AsyncConnection, records: Iterable[SourceRecord]) -> None:
    """Remember what polls left."""
    await upsert(
        connection,
        SOURCES,
        (
            {
                "name": record.name,
                "state": record.state.encode(),
                "last_ok": stored(record.last_ok),
                "last_error": record.last_error,
                "found": record.found,
            }
            for record in records
        ),
    )


async def put_waiting(connection: AsyncConnection, waiting: Iterable[Waiting]) -> None:
    """Let these wait; one that waits already is told anew."""
    await upsert(
        connection,
        FOUND,
        map(waiting_values, waiting),
    )


async def due(connection: AsyncConnection, now: datetime, limit: int) -> tuple[Waiting, ...]:
    """Up to ``limit`` addresses whose time has come, the longest due first."""
    rows = await connection.execute(_DUE, {"now": stored(now), "most": limit})
    return tuple(waiting_row(row, now) for row in rows)


async def drop_waiting(connection: AsyncConnection, ids: Iterable[str]) -> None:
    """These wait no more."""
    await connection.execute(_DROP, {"ids": list(ids)})


def waiting_values(one: Waiting) -> dict[str, object]:
    """The columns of a table in which addresses wait."""
    return {
        "id": one.id,
        "item": _encode(one.item),
        "source": one.source,
        "found": stored(one.found),
        "due": stored(one.due),
        "attempts": one.attempts,
        "problem": one.problem,
    }


def waiting_row(row: Row[Any], now: datetime) -> Waiting:
    """One row of such a table; ``now`` for a time that it lacks."""
    return Waiting(
        id=row.id,
        item=_decode(row.item),
        source=row.source,
        found=moment_or_none(row.found) or now,
        due=moment_or_none(row.due) or now,
        attempts=row.attempts,
        problem=row.problem,
    )


def _encode(item: Item) -> str:
    fields = asdict(item)
    for name in ("published", "updated"):
        fields[name] = stored(fields[name])
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _decode(text: str) -> Item:
    fields = json.loads(text)
    for name in ("published", "updated"):
        seconds = fields[name]
        fields[name] = datetime.fromtimestamp(seconds, UTC) if seconds else None
    return Item(**fields)
