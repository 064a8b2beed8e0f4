"""Publish what is ready: but never before it is known that this machine's log is the newest."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

import structlog

from feeds.paths import CHECKPOINT
from mirror.erase import clean_up
from mirror.errors import ClockError, EndpointError, LogBehindError, LogConflictError, PublishError
from mirror.publish.heads import MAX_HEAD_BYTES
from mirror.publish.log import CLOCK_TOLERANCE
from mirror.publish.sweep import sweep
from mirror.service.parts import Parts
from mirror.store.ledger import Edition
from mirror.store.waits import waits

LOOK_TIMEOUT: Final = timedelta(seconds=20)
SWEEP_EVERY: Final = timedelta(hours=1)  # what goes is two days old

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One edition that went into the log."""

    edition: Edition
    articles: int


class Publisher:
    """Publishes for one newsroom. One call at a time."""

    def __init__(self, parts: Parts) -> None:
        """Nothing is asked of the mirrors yet."""
        self._parts = parts
        self._newest = False
        self._swept: datetime | None = None

    @property
    def is_newest(self) -> bool:
        """Whether all who know were asked, and nobody showed a larger head since."""
        return self._newest

    def ask_again(self) -> None:
        """Sign nothing before everybody was asked again: somebody showed a larger head."""
        self._newest = False

    async def publish(self, now: datetime) -> tuple[Publication, ...]:
        """Everything that is ready, as one edition or more; none where nothing is.

        Raises:
            PublishError: Nothing was signed, and why.
            StoreError: It can't be written; nothing is lost.
        """
        parts = self._parts
        if parts.log.unfinished:
            await self._before_signing(now)
            await parts.log.finish(now)
        parts.composer.use(await parts.renewal.keys_to_show())
        made: list[Publication] = []
        while True:
            async with parts.database.begin() as connection:
                if parts.composer.settled and not await waits(connection):
                    break
                draft = await parts.composer.draft(connection, now)
            if draft is None:
                await clean_up(parts.database, parts.folders)
                break
            await self._before_signing(now)
            edition = await parts.log.publish(draft, now)
            made.append(Publication(edition=edition, articles=draft.articles))
            parts.metrics.published(parts.config.site.title, draft.articles)
        await self._sweep(now)
        return tuple(made)

    async def refresh(self, now: datetime) -> bool:
        """Cosign the head again where its time has come.

        Raises:
            PublishError: Nothing was signed, and why.
            StoreError: It can't be written.
        """
        due = self._parts.config.refresh
        at = self._parts.log.ledger
        fresh = now.timestamp() - at.time < due.total_seconds()
        if not at.size or (fresh and not self._parts.log.half_signed):
            return False
        await self._before_signing(now)
        return await self._parts.log.refresh(now, older_than=due)

    async def _sweep(self, now: datetime) -> None:
        if self._swept is None or not timedelta(0) <= now - self._swept < SWEEP_EVERY:
            await sweep(self._parts.database, self._parts.folders, self._parts.mirrors, now)
            self._swept = now

    async def _before_signing(self, now: datetime) -> None:
        check_clock(now, self._parts.routes.clock_gaps)
        if not self._newest:
            await self._ask_mirrors()
            await self._parts.quorum.look(self._parts.log.ledger.size)
            self._newest = True

    async def _ask_mirrors(self) -> None:
        """See that no mirror shows a larger head by our own keys (format 2.7)."""
        parts = self._parts
        ours = parts.log.ledger
        answers = await asyncio.gather(*(self._head_of(name) for name in parts.mirrors))
        silent = [name for name, answer in zip(parts.mirrors, answers, strict=True) if not answer]
        if ours.size and parts.mirrors and len(silent) == len(parts.mirrors):
            raise PublishError(
                "no mirror answers, so nobody can tell whether this machine's log is the newest;"
                " nothing was signed. It is asked again at the next round"
            )
        for name, answer in zip(parts.mirrors, answers, strict=True):
            head = parts.verify_head(answer[0]) if answer and answer[0] else None
            if head is None:
                continue
            if head.size > ours.size:
                raise LogBehindError(name, head.size, ours.size)
            if head.size == ours.size and head.root != ours.root:
                raise LogConflictError(
                    f"mirror {name} shows another head of size {head.size}, signed by our own"
                    " key: another machine publishes with it. Nothing was signed; keep that"
                    f" mirror's {CHECKPOINT} as evidence and find the other machine"
                )

    async def _head_of(self, name: str) -> tuple[bytes | None] | None:
        """A mirror's head, in a tuple of one; None where it does not answer."""
        try:
            async with asyncio.timeout(LOOK_TIMEOUT.total_seconds()):
                head = await self._parts.mirrors[name].get(CHECKPOINT, max_bytes=MAX_HEAD_BYTES)
        except (EndpointError, TimeoutError) as error:
            _log.warning("mirror.silent", mirror=name, problem=str(error) or "no answer")
            return None
        return (head,)


def check_clock(now: datetime, gaps: Iterable[timedelta]) -> None:
    """See that the clocks of the servers that were read do not all contradict ours.

    Raises:
        ClockError: The middle one does, by more than ten minutes.
    """
    seconds = [gap.total_seconds() for gap in gaps]
    if seconds and abs(median(seconds)) > CLOCK_TOLERANCE.total_seconds():
        theirs = now + timedelta(seconds=median(seconds))
        raise ClockError(
            f"the clock says {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC, but the servers that were"
            f" read say {theirs.astimezone(UTC):%Y-%m-%d %H:%M} UTC; nothing was signed."
            " Set this machine's clock (timedatectl), then run again"
        )
