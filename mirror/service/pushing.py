"""Bring mirrors up to date, and remember what came of it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from mirror.config import MirrorConfig
from mirror.errors import EndpointError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target, Trouble
from mirror.publish.push import bring_up_to_date
from mirror.service.parts import Parts
from mirror.service.room import Room
from mirror.service.turns import Turns
from mirror.store import kept, mirrors
from mirror.store.mirrors import MirrorRecord
from mirror.tree import Resume

Known = tuple[MirrorRecord, str]
"""A mirror as the last push left it, and the address that its files were made for."""

Watch = Callable[[str, int, int, int], None]
"""Is told a mirror, requests done, requests in all (estimated), and bytes put."""


@dataclass(slots=True)
class Pusher:
    """Pushes for one newsroom; pushes to different mirrors may overlap.

    Attributes:
        seen: When each mirror was last brought up to date, or found to be.
        idle: Why nothing was pushed to a mirror, where nothing was.
        watch: Is told how far each push has come, with the mirror's name; or None.
        turns: When each is asked, and how.
    """

    parts: Parts
    seen: dict[str, datetime] = field(default_factory=dict)
    idle: dict[str, str] = field(default_factory=dict)
    watch: Watch | None = None
    turns: Turns = field(init=False)
    _room: Room = field(init=False)
    _busy: dict[str, asyncio.Lock] = field(default_factory=dict)
    _bases: dict[str, str] = field(default_factory=dict)  # as they are kept

    def __post_init__(self) -> None:
        self.turns = Turns(self.parts.config.mirrors)
        self._room = Room(self.parts.folders.site)

    async def push(
        self,
        name: str,
        now: datetime,
        *,
        known: Mapping[str, Known] | None = None,
        forced: bool = False,
    ) -> tuple[Outcome, MirrorRecord] | None:
        """Bring one mirror up to date; with what was known of it before.

        None: nothing was done, and ``idle`` says why. ``forced``: outside of its windows too.
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
            self.idle[name] = self._why_not(before, now, forced=forced)
            if self.idle[name]:
                return None
            moved = bool(base) and base != config.url
            outcome = await self._no_room(config, before) or await self._push(
                config, before, now, moved=moved
            )
            outcome = self.turns.ended(outcome, before, now)
            await self._remember(outcome, before, now)
            if outcome.problem is None and base != config.url:
                async with self.parts.database.begin() as connection:
                    await kept.put(connection, _base_of(name), config.url)
                self._bases[name] = config.url
        return outcome, before

    async def push_all(
        self, names: Iterable[str], now: datetime, *, forced: bool = False
    ) -> dict[str, tuple[Outcome, MirrorRecord]]:
        """``push`` for each at once, the highest priority begun first; idle ones are left out.

        Raises:
            LogBehindError: One shows a larger head by our own key; the others were pushed.
            StoreError: What came of it can't be remembered.
        """
        wanted = frozenset(names)
        by_priority = sorted(self.parts.config.mirrors, key=lambda one: -one.priority)
        every = tuple(one.name for one in by_priority if one.name in wanted)
        known = await self.known(every)
        results = await asyncio.gather(
            *(self.push(name, now, known=known, forced=forced) for name in every),
            return_exceptions=True,
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
            unread = [name for name in every if name not in self._bases]
            if unread:
                told = await kept.get_many(connection, map(_base_of, unread))
                self._bases |= {name: told.get(_base_of(name), "") for name in unread}
        return {
            name: (records.get(name) or MirrorRecord(name=name), self._bases[name])
            for name in every
        }

    def _why_not(self, before: MirrorRecord, now: datetime, *, forced: bool) -> str:
        if before.paused:
            return "paused"
        if not self.parts.tree.size:
            return "nothing to push yet"
        if self.parts.log.unfinished:
            return "waits for the held head"
        if not forced and self.turns.is_closed(before.name, now):
            return "waits for the time of day at which it may be written to"
        return ""

    async def _push(
        self, config: MirrorConfig, before: MirrorRecord, now: datetime, *, moved: bool
    ) -> Outcome:
        pace = self.turns.pace(config.name, now)
        if self.parts.renewal.comes_first:
            await self._carry_proofs_first(config, pace, before)
        outcome = await bring_up_to_date(
            self._target(config, pace, before, moved=moved),
            self.parts.tree,
            verify_head=self.parts.verify_head,
            now=now,
            refresh=await self._refresh(config),
        )
        if self.parts.renewal.comes_first:
            return outcome
        return await self._carry_proofs(config, pace, outcome)

    async def room(self, name: str) -> tuple[int, int] | None:
        """What our tree needs and what that mirror may hold, in bytes; None: it has no quota."""
        quota = next(one.quota for one in self.parts.config.mirrors if one.name == name)
        if quota is None:
            return None
        return await self._room.needed(self.parts.tree.size), quota

    async def _no_room(self, config: MirrorConfig, before: MirrorRecord) -> Outcome | None:
        """What comes of a push that would need more than the mirror's quota."""
        if before.size == self.parts.tree.size:
            return None
        needed, quota = await self.room(config.name) or (0, 0)
        if needed <= quota:
            return None
        return Outcome(
            mirror=config.name,
            requests=0,
            puts=0,
            deletes=0,
            bytes=0,
            from_size=0,
            to_size=0,
            problem=(
                f"mirror {config.name}: all files need {needed:,} bytes, and its quota is"
                f" {quota:,}, so nothing was put; get more room and raise `quota`, or retire it"
            ),
            trouble=Trouble.REFUSED,
        )

    async def _refresh(self, config: MirrorConfig) -> timedelta:
        """How old a head may be that is left where it is."""
        if await self.parts.renewal.needs_heads():
            return timedelta(0)
        return self.parts.config.refresh_of(config)

    async def _carry_proofs(self, config: MirrorConfig, pace: Pace, outcome: Outcome) -> Outcome:
        """After a push that is done: the proofs that a changed keyring asks for (format 5.6)."""
        if outcome.problem is not None:
            return outcome
        renewal, mirror = self.parts.renewal, self.parts.mirrors[config.name]
        whole = not outcome.from_size
        try:
            puts = await renewal.carry(mirror, pace, size=outcome.to_size, whole=whole)
        except EndpointError as error:
            return replace(outcome, problem=str(error), trouble=Trouble.UNREACHABLE)
        return replace(outcome, puts=outcome.puts + puts) if puts else outcome

    async def _carry_proofs_first(
        self, config: MirrorConfig, pace: Pace, before: MirrorRecord
    ) -> None:
        """Before a push: see ``Renewal.comes_first``. What fails, the push tells."""
        renewal, mirror = self.parts.renewal, self.parts.mirrors[config.name]
        size = before.size or 0
        with suppress(EndpointError):
            await renewal.carry(mirror, pace, size=size, whole=not size)

    def _target(
        self,
        config: MirrorConfig,
        pace: Pace,
        before: MirrorRecord,
        *,
        moved: bool,
    ) -> Target:
        async def save(resume: Resume) -> None:
            async with self.parts.database.begin() as connection:
                await mirrors.put_resume(connection, config.name, resume)

        return Target(
            mirror=self.parts.mirrors[config.name],
            base=config.url,
            moved=moved,
            owes=before.owes,
            pace=pace,
            resume=before.resume,
            progress=partial(self.watch, config.name) if self.watch else None,
            save=save,
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
