"""The slow audit: a few files a day of each mirror, over the address that readers open.

Hosts take files down. What is missing or wrong is put back, and looked for again later; what
vanishes once more is a takedown, and the operator is told.
"""

import random
from datetime import datetime, timedelta
from typing import Final

import structlog

from feeds.errors import FeedsError
from mirror.audit.address import PublicAddress
from mirror.audit.audit import Audit, Looked
from mirror.audit.pieces import Piece
from mirror.audit.tree import OwnTree
from mirror.config import MirrorConfig
from mirror.errors import EndpointError
from mirror.publish.carrier import Carrier
from mirror.service.parts import Parts
from mirror.service.turns import Turns
from mirror.status import Problem
from mirror.store import losses, mirrors

MORE: Final = 20  # files that are looked at too, once one was not as it should be
WATCHED: Final = 2  # files with each look that were put back before

_DAY: Final = timedelta(days=1)
_log = structlog.get_logger(__name__)


class Auditor:
    """Looks at the mirrors of one newsroom, a little at a time."""

    def __init__(self, parts: Parts, turns: Turns) -> None:
        """Nothing is looked at yet."""
        self._parts = parts
        self._turns = turns
        self._chance = random.SystemRandom()
        self._tree = OwnTree(parts.database, parts.folders, parts.config.trust.origin)

    def pause(self, config: MirrorConfig) -> timedelta | None:
        """Until the next look at that mirror, at random; None: its files are not looked at."""
        if not config.audit:
            return None
        return _DAY / config.audit * self._chance.uniform(0.5, 1.5)

    async def step(self, config: MirrorConfig, now: datetime) -> Looked:
        """Look at one file of the mirror, and at some that were put back; put back what must be.

        Where it does not answer, or shows no head of ours, nothing is done: a push sees to that.

        Raises:
            StoreError: Our own tree can't be read, or is damaged; nothing was put.
        """
        looked = Looked()
        if self._turns.wait(config.name, now) or await self._is_paused(config.name):
            return looked
        try:
            async with PublicAddress(config) as address:
                audit = Audit(self._tree, address, config.url)
                head = await audit.head()
                if head.size:
                    looked = await self._look(audit, config, head.size, now)
                    await self._put_back(audit, config, looked, now)
        except (EndpointError, FeedsError) as error:
            _log.info("mirror.audit_failed", mirror=config.name, problem=str(error))
        await self._tell(config.name, now)
        return looked

    async def _is_paused(self, name: str) -> bool:
        async with self._parts.database.begin() as connection:
            known = await mirrors.all_records(connection)
        return name in known and known[name].paused

    async def _look(self, audit: Audit, config: MirrorConfig, size: int, now: datetime) -> Looked:
        async with self._parts.database.begin() as connection:
            paths = await losses.watched(connection, config.name, WATCHED)
        before = [piece for path in paths if (piece := await self._tree.find(path))]
        some = await self._tree.sample(size, 1, self._chance)
        looked = await audit.look(dict.fromkeys((*before, *some)))
        if looked.faults:
            more = await self._tree.sample(size, MORE, self._chance)
            known: set[Piece] = {*before, *some}
            looked.add(await audit.look(piece for piece in more if piece not in known))
        async with self._parts.database.begin() as connection:
            await losses.looked_at(connection, config.name, paths, now)
        return looked

    async def _put_back(
        self, audit: Audit, config: MirrorConfig, looked: Looked, now: datetime
    ) -> None:
        if not looked.faults:
            return
        mirror = self._parts.mirrors[config.name]
        carrier = Carrier(mirror, self._turns.pace(config.name, now))
        try:
            mended = await audit.mend(carrier, (piece for piece, _ in looked.faults))
        finally:
            await carrier.close()
        paths = [piece.path for piece in mended]
        async with self._parts.database.begin() as connection:
            await losses.put_back(connection, config.name, paths, now)
        _log.warning("mirror.files_put_back", mirror=config.name, files=len(paths), first=paths[0])

    async def _tell(self, name: str, now: datetime) -> None:
        key = f"takedown/{name}"
        async with self._parts.database.begin() as connection:
            gone = await losses.taken_down(connection, name)
        if not gone:
            await self._parts.alerts.clear(key)
            return
        first = gone[0]
        await self._parts.alerts.raise_(
            Problem(
                key=key,
                what=f"Mirror {name} takes files down",
                since=now,
                why=(
                    f"{len(gone)} {'file was' if len(gone) == 1 else 'files were'} put back there,"
                    f" and vanished again: {first.path} first, put back {first.times} times"
                ),
                remedy=f"ask its host why; or tamizdat mirrors retire {name}",
            )
        )
