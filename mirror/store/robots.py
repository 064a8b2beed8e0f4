"""robots.txt of each host that is read, so that a restart does not ask for it again."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from mirror.source.robots import RobotsFile
from mirror.store.database import Database, upsert
from mirror.store.tables import ROBOTS
from mirror.store.times import stored

KEPT_FOR: Final = timedelta(days=30)  # then a host that is not read any more is forgotten


class DatabaseRobotsStore:
    """See ``mirror.source.robots.RobotsStore``."""

    def __init__(self, database: Database) -> None:
        """Files that the newsroom of ``database`` needs."""
        self._database = database

    async def load(self, origin: str) -> RobotsFile | None:
        """What was kept for that origin."""
        async with self._database.begin() as connection:
            query = select(ROBOTS).where(ROBOTS.c.origin == origin)
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        fetched = datetime.fromtimestamp(row.fetched, UTC)
        return RobotsFile(origin=row.origin, text=row.text, fetched=fetched)

    async def keep(self, file: RobotsFile) -> None:
        """Insert or replace; what was not renewed for ``KEPT_FOR`` goes."""
        row = {"origin": file.origin, "text": file.text, "fetched": stored(file.fetched)}
        async with self._database.begin() as connection:
            await upsert(connection, ROBOTS, [row])
            old = ROBOTS.c.fetched < stored(file.fetched - KEPT_FOR)
            await connection.execute(delete(ROBOTS).where(old))
