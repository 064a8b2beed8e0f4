"""What is remembered of a head that is short of its quorum (format 3.2), and of the witnesses."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from keys.note import Note
from mirror.store import kept
from mirror.store.times import stored

_HELD: Final = "held"
_SIZES: Final = "witness sizes"


@dataclass(frozen=True, slots=True)
class Held:
    """A head that waits for witnesses.

    Attributes:
        since: When it was first asked for.
        note: The head with the signatures that it has so far.
    """

    since: datetime
    note: Note


async def read(connection: AsyncConnection) -> Held | None:
    """The head that waits, or None."""
    value = await kept.get(connection, _HELD)
    if not value:
        return None
    since, note = json.loads(value)
    return Held(datetime.fromtimestamp(since, UTC), Note.parse(note.encode()))


async def add(connection: AsyncConnection, note: Note, now: datetime) -> Held:
    """Remember ``note``, with the signatures that were known of the same text before."""
    before = await read(connection)
    if before is not None and before.note.text == note.text:
        held = replace(before, note=before.note.with_signatures(*note.signatures))
    else:
        held = Held(now, note)
    value = json.dumps([stored(held.since), held.note.encode().decode()])
    await kept.put(connection, _HELD, value)
    return held


async def clear(connection: AsyncConnection) -> None:
    """Nothing waits any more."""
    await kept.put(connection, _HELD, "")


async def sizes(connection: AsyncConnection) -> dict[str, int]:
    """By name, the size that each witness cosigned last, as far as we know."""
    value = await kept.get(connection, _SIZES)
    return {str(name): int(size) for name, size in json.loads(value or "{}").items()}


async def put_sizes(connection: AsyncConnection, found: dict[str, int]) -> None:
    """Remember these too."""
    await kept.put(connection, _SIZES, json.dumps(await sizes(connection) | found))
