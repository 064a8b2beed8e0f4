"""Partial tiles that full ones have replaced go, two days later (format 2.5).

Here at once, and from mirrors through what they owe. Nothing is listed: which partial tiles
a tree had follows from the sizes of its editions. A mirror loses only those of tiles that
are full in the tree of its own head, so never one that this head needs.
"""

import asyncio
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.tiles import MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH, Tile
from mirror.store import durable, kept, mirrors
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.tables import EDITIONS, MIRRORS
from mirror.store.times import stored

AGE: Final = timedelta(hours=48)
_SWEPT: Final = "swept"  # size of the tree whose full tiles have no partial ones here any more


async def sweep(database: Database, folders: Folders, names: Iterable[str], now: datetime) -> int:
    """Sweep here, and let the mirrors ``names`` owe it; how many tiles had partial ones.

    With nothing to do, that is a query, and one for each mirror.

    Raises:
        StoreError: It can't be done; the next call goes on.
    """
    async with database.begin() as connection:
        old = await _old_size(connection, now)
        if old < TILE_WIDTH:
            return 0
        before = int(await kept.get(connection, _SWEPT) or 0)
        for name in names:
            await _sweep_mirror(connection, name, old)
    if old // TILE_WIDTH == before // TILE_WIDTH:
        return 0
    tiles = tuple(filled(before, old))
    await asyncio.to_thread(_remove, folders, tiles)
    async with database.begin() as connection:
        await kept.put(connection, _SWEPT, str(old))
    return len(tiles)


def filled(before: int, now: int) -> Iterator[Tile]:
    """The tiles and bundles that are full in the tree ``now`` and were not in ``before``."""
    for level in (None, *range(MAX_LEVEL + 1)):
        width = TILE_HEIGHT * ((level or 0) + 1)
        for index in range(before >> width, now >> width):
            yield Tile(level, index)


def partial_paths(tile: Tile, sizes: Iterable[int]) -> tuple[str, ...]:
    """The partial forms that a full ``tile`` had in trees of these ``sizes``."""
    counts = {size >> TILE_HEIGHT * (tile.level or 0) for size in sizes}
    widths = {count - tile.index * TILE_WIDTH for count in counts}
    return tuple(
        Tile(tile.level, tile.index, width).path
        for width in sorted(widths)
        if 0 < width < TILE_WIDTH
    )


async def _old_size(connection: AsyncConnection, now: datetime) -> int:
    """Size of the newest edition that is old enough."""
    query = (
        select(EDITIONS.c.size)
        .where(EDITIONS.c.time <= stored(now - AGE))
        .order_by(EDITIONS.c.size.desc())
        .limit(1)
    )
    return int((await connection.execute(query)).scalar() or 0)


async def _sweep_mirror(connection: AsyncConnection, name: str, old: int) -> None:
    query = select(MIRRORS.c.size, MIRRORS.c.swept).where(MIRRORS.c.name == name)
    row = (await connection.execute(query)).first()
    upto = min(old, row.size) if row else -1
    if row is None or upto // TILE_WIDTH <= row.swept // TILE_WIDTH:
        return
    for tile in filled(row.swept, upto):
        await mirrors.owe(connection, name, partial_paths(tile, await _sizes(connection, tile)))
    await connection.execute(update(MIRRORS).where(MIRRORS.c.name == name).values(swept=upto))


async def _sizes(connection: AsyncConnection, tile: Tile) -> tuple[int, ...]:
    """Sizes of the editions that ended inside ``tile``."""
    width = TILE_HEIGHT * ((tile.level or 0) + 1)
    low, high = tile.index << width, (tile.index + 1) << width
    query = select(EDITIONS.c.size).where(EDITIONS.c.size > low, EDITIONS.c.size < high)
    return tuple((await connection.execute(query)).scalars())


def _remove(folders: Folders, tiles: Iterable[Tile]) -> None:
    with durable.told(folders.site):
        for tile in tiles:
            shutil.rmtree(folders.site / f"{tile.path}.p", ignore_errors=True)
