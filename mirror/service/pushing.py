"""Bring mirrors up to date, and remember what came of it."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from mirror.config import MirrorConfig
from mirror.errors import EndpointError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Progress, Target, Trouble
from mirror.publish.push import bring_up_to_date
from mirror.service.parts import Parts
from mirror.store import kept, mirrors
from mirror.store.mirrors import MirrorRecord

LIMIT: Final = timedelta(hours=1)  # for one push; what was put counts, the next one goes on

Known = tuple[MirrorRecord, str]
"""A mirror as the last push left it, and the address that its files were made for."""


@dataclass(slots=True)
class Pusher:
    """Pushes for one newsroom; pushes to different mirrors may overlap.

    Attributes:
        seen: When each mirror was last brought up to date, or found to be.
    """

    parts: Parts
    seen: dict[str, datetime] = field(default_factory=dict)
    _busy: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def push(
        self,
        name: str,
        now: datetime,
        *,
        progress: Progress | None = None,
        known: Mapping[str, Known] | None = None,
    ) -> tuple[Outcome, MirrorRecord] | None:
        """Bring one mirror up to date; with what was known of it before.

        None: it is paused, or a head is held, and nothing is pushed before it is signed.
        ``known`` is what ``known`` has just said of it; without, it is asked.

        Raises:
            LogBehindError: It shows a larger head by our own key: this machine was restored.
            StoreError: What came of it can't be remembered.
        """
        config = next(one for one in self.parts.config.mirrors if one.name == name)
        lock = self._busy.setdefault(name, asyncio.Lock())
        if lock.locked():
            known = None  # the push under way will have changed it
        async with lock:
            before, base = (known or await self.known([name]))[name]
            if before.paused or not self.parts.tree.size or self.parts.log.unfinished:
                return None
            if self.parts.renewal.comes_first:
                await self._carry_proofs_first(config, before)
            outcome = await bring_up_to_date(
                self._target(config, before, progress, moved=bool(base) and base != config.url),
                self.parts.tree,
                verify_head=self.parts.verify_head,
                now=now,
                refresh=await self._refresh(config),
            )
            if not self.parts.renewal.comes_first:
                outcome = await self._carry_proofs(config, outcome)
            await self._remember(outcome, before, now)
            if outcome.problem is None and base != config.url:
                async with self.parts.database.begin() as connection:
                    await kept.put(connection, _base_of(name), config.url)
        return outcome, before

    async def push_all(
        self, names: Iterable[str], now: datetime
    ) -> dict[str, tuple[Outcome, MirrorRecord]]:
        """``push`` for each at once; paused ones are left out.

        Raises:
            LogBehindError: One shows a larger head by our own key; the others were pushed.
            StoreError: What came of it can't be remembered.
        """
        every = tuple(names)
        known = await self.known(every)
        results = await asyncio.gather(
            *(self.push(name, now, known=known) for name in every), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return {
            name: result
            for name, result in zip(every, results, strict=True)
            if result is not None and not isinstance(result, BaseException)
        }

    async def known(self, names: Iterable[str]) -> dict[str, Known]:
        """What is remembered of these mirrors."""
        every = tuple(names)
        async with self.parts.database.begin() as connection:
            records = await mirrors.all_records(connection)
            bases = await kept.get_many(connection, map(_base_of, every))
        return {
            name: (records.get(name) or MirrorRecord(name=name), bases.get(_base_of(name), ""))
            for name in every
        }

    async def _refresh(self, config: MirrorConfig) -> timedelta:
        """How old a head may be that is left where it is."""
        if await self.parts.renewal.needs_heads():
            return timedelta(0)
        return self.parts.config.refresh_of(config)

    async def _carry_proofs(self, config: MirrorConfig, outcome: Outcome) -> Outcome:
        """After a push that is done: the proofs that a changed keyring asks for (format 5.6)."""
        if outcome.problem is not None:
            return outcome
        renewal, mirror = self.parts.renewal, self.parts.mirrors[config.name]
        whole = not outcome.from_size
        try:
            puts = await renewal.carry(mirror, _pace(config), size=outcome.to_size, whole=whole)
        except EndpointError as error:
            return replace(outcome, problem=str(error), trouble=Trouble.UNREACHABLE)
        return replace(outcome, puts=outcome.puts + puts) if puts else outcome

    async def _carry_proofs_first(self, config: MirrorConfig, before: MirrorRecord) -> None:
        """Before a push: see ``Renewal.comes_first``. What fails, the push tells."""
        renewal, mirror = self.parts.renewal, self.parts.mirrors[config.name]
        size = before.size or 0
        with suppress(EndpointError):
            await renewal.carry(mirror, _pace(config), size=size, whole=not size)

    def _target(
        self,
        config: MirrorConfig,
        before: MirrorRecord,
        progress: Progress | None,
        *,
        moved: bool,
    ) -> Target:
        return Target(
            mirror=self.parts.mirrors[config.name],
            base=config.url,
            moved=moved,
            pace=_pace(config),
            resume=before.resume,
            progress=progress,
        )

    async def _remember(self, outcome: Outcome, before: MirrorRecord, now: datetime) -> None:
        parts = self.parts
        if outcome.problem is None:
            self.seen[outcome.mirror] = now
        word = "failed" if outcome.problem else "done" if outcome.puts else "nothing"
        parts.metrics.pushed(parts.config.site.title, outcome.mirror, word)
        unseen = outcome.trouble in (Trouble.UNREACHABLE, Trouble.REFUSED) and not outcome.to_size
        size = before.size if unseen else outcome.to_size
        same = size == before.size and (outcome.problem or "") == before.last_error
        if same and not outcome.puts and before.resume == outcome.resume:
            return  # nothing new, nothing written
        async with parts.database.begin() as connection:
            await mirrors.put_push(
                connection,
                outcome.mirror,
                size=size,
                problem=outcome.problem or "",
                resume=outcome.resume,
                now=now,
            )


def _base_of(mirror: str) -> str:
    """Under which name it is kept for which base the files on that mirror were made."""
    return f"base/{mirror}"


def _pace(config: MirrorConfig) -> Pace:
    return Pace(concurrency=config.concurrency, timeout=config.timeout, limit=LIMIT)
