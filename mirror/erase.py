"""Withdraw an article, or erase it (format 1.3): what the operator's word sets in motion.

``withdraw`` changes rows only, so it can be said while the service runs. The next edition
logs it, with the hash of the empty file for what is erased; mirrors delete that before their
head. ``clean_up`` then removes what lies beside the tree. Each step can be done again.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import structlog
from sqlalchemy import update

from feeds.article import State
from mirror.store import durable, erasures, kept, versions
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.tables import FOUND, VERSIONS

_log = structlog.get_logger(__name__)


async def withdraw(database: Database, article: str, *, home: str, erase: bool) -> bool:
    """Withdraw an article, or ``erase`` it; False: that was said before.

    ``home`` is the newsroom's own address, which takes the place of an erased article's.

    Raises:
        StoreError: It can't be written; nothing was changed.
    """
    async with database.begin() as connection:
        if erase:
            before = {one.article for one in await erasures.marked(connection)}
            if article in before:
                return False
            await erasures.mark(connection, article, home)
            changed = True
        else:
            changed = await versions.set_state(connection, article, State.WITHDRAWN)
            waiting = VERSIONS.c.status.in_(("ready", "held"))
            await connection.execute(
                update(VERSIONS)
                .where(VERSIONS.c.article == article, waiting)
                .values(status="dropped")
            )
            await connection.execute(FOUND.delete().where(FOUND.c.id == article))
        await kept.ask(connection)
    return changed


async def clean_up(database: Database, folders: Folders) -> tuple[str, ...]:
    """Remove what erased articles left beside the tree; their ids.

    Only once the editions that erase them are placed, and while nothing is read.

    Raises:
        StoreError: It can't be done; trying again goes on.
    """
    async with database.begin() as connection:
        ids = [one.article for one in await erasures.marked(connection) if one.logged]
        if not ids:
            return ()
        raw = await erasures.raw_in_use(connection)
        media = await erasures.media_waiting(connection)
    await asyncio.to_thread(_remove, folders, raw, media)
    if not await database.scrub():
        _log.warning("erase.waits", why="another process reads the database")
        return ()
    async with database.begin() as connection:
        await erasures.done(connection, ids)
    _log.info("erase.done", articles=len(ids))
    return tuple(ids)


def _remove(folders: Folders, raw: frozenset[str], media: frozenset[str]) -> None:
    _remove_but(folders.raw, (folders.raw_path(sha) for sha in raw))
    _remove_but(folders.incoming, (folders.incoming / path for path in media))


def _remove_but(folder: Path, keep: Iterable[Path]) -> None:
    """Remove every file below ``folder`` that is not one of ``keep``."""
    stays = frozenset(keep)
    with durable.told(folder):
        touched = set()
        for path in folder.rglob("*"):
            if path.is_file() and path not in stays:
                path.unlink(missing_ok=True)
                touched.add(path.parent)
        durable.sync_folders(touched, folder)
