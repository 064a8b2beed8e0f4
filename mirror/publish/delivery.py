"""``Delivery``: one push to one mirror, while it runs."""

import asyncio
import time
from contextlib import aclosing
from datetime import datetime
from typing import Final

from feeds.paths import CHECKPOINT, SUMS
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError
from mirror.publish.budget import Budget
from mirror.publish.carrier import Carrier
from mirror.publish.debts import Debts
from mirror.publish.heads import MAX_HEAD_BYTES, Head, VerifyHead
from mirror.publish.lanes import Lanes
from mirror.publish.mark import Mark
from mirror.publish.outcome import Outcome, Target, Trouble
from mirror.publish.plan import Gap, Phase, Step, steps
from mirror.publish.published import Published
from mirror.publish.share import Share
from mirror.publish.standing import standing

MAX_FILE_BYTES: Final = 100_000_000  # of a file that is only looked for
_WAITS: Final = 100  # for an edition that is being signed and placed
_WAIT_S: Final = 0.05
SMALL: Final = 16_384  # bytes; larger files wait for room, so that a push stays small in memory
BUDGET: Final = 4_000_000  # bytes that they have together, and a larger one alone
PASSES: Final = 8  # times that a push follows a tree that moves on; then its head goes out
SAVE_EVERY_S: Final = 5.0  # between two marks of how far a push has come
MOST_WAITING: Final = 50_000_000  # bytes; a batch of more new files is shown before the rest


class Delivery:
    """What is known of one push so far."""

    def __init__(self, target: Target, ours: Published) -> None:
        """Nothing is asked of the mirror yet."""
        self.name = target.mirror.name
        self._target = target
        self._ours = ours
        self._share = Share(ours, target.base, moved=target.moved)
        self._carrier = Carrier(target.mirror, target.pace)
        self._mark = Mark(0, given=0)
        self._from_size = 0
        self._to_size = 0
        self._size = 0  # of the edition that is being put
        self._total = 0
        self._debts = Debts(self.name, ours)
        self._waiting: list[Step] = []  # on a mirror that takes batches: done with the next flush
        self._budget = Budget(BUDGET)
        self._saved = time.monotonic()
        self._proven = False  # what was put is really there; see ``_prove``

    async def run(self, verify_head: VerifyHead, *, due: datetime) -> None:
        """Look at the mirror's head, and do what follows; a head from before ``due`` is old.

        Raises:
            EndpointError: The mirror's old head stays.
            LogBehindError: See ``standing``.
        """
        theirs = await self._carrier.get(CHECKPOINT, max_bytes=MAX_HEAD_BYTES)
        head = await standing(self.name, theirs, self._ours, verify_head)
        self._from_size = self._to_size = head.size if head else 0
        current = head is not None and head.size == self._ours.size and not self._target.moved
        if self._target.owes or not current:
            await self._debts.read()
        if head and current:
            await self._delete_owed()
            await self._refresh(theirs, head, verify_head, due)
            await self._flush()
            return
        self._mark = await self._find_mark()
        self._proven = bool(self._from_size or self._mark.given or self._carrier.batches)
        for left in reversed(range(PASSES)):
            if await self._pass(last=left == 0):
                return

    @property
    def advanced(self) -> bool:
        """Whether the next push has less to do than this one had."""
        begun = self._target.resume.given if self._target.resume else 0
        return self._to_size > self._from_size or self._mark.given > max(begun, self._from_size)

    async def close(self) -> None:
        """Forget what a batch still holds."""
        await self._carrier.close()

    def outcome(self, trouble: Trouble | None, problem: str | None, seconds: float) -> Outcome:
        """What came of it."""
        stuck = self._debts.stuck
        if problem is None and stuck:
            path, why = next(iter(stuck.items()))
            trouble = Trouble.OWED
            problem = (
                f"mirror {self.name}: {len(stuck)} files that must go could not be deleted"
                f" there, {path} first ({why}); each push tries again"
            )
        return Outcome(
            mirror=self.name,
            requests=self._carrier.requests,
            puts=self._carrier.puts,
            deletes=self._carrier.deletes,
            bytes=self._carrier.bytes,
            from_size=self._from_size,
            to_size=self._to_size,
            problem=problem,
            trouble=trouble,
            owed=len(stuck),
            resume=None if self._to_size > self._from_size else self._mark.resume,
            seconds=seconds,
        )

    async def _refresh(
        self, theirs: bytes | None, head: Head, verify_head: VerifyHead, due: datetime
    ) -> None:
        data = self._ours.head
        mine = verify_head(data)
        newer = mine is not None and mine.size == head.size and mine.time > head.time
        if newer and theirs != data and head.time <= due.timestamp():
            await self._carrier.put(CHECKPOINT, data)

    async def _find_mark(self) -> Mark:
        """Go on where the last push ended, if what it put last is still there."""
        at = self._target.resume
        begin = Mark(self._from_size, given=self._from_size)
        if at is None or at.since != self._from_size or at.given > self._ours.size:
            return begin
        try:
            there = await self._carrier.get(at.path, max_bytes=MAX_FILE_BYTES)
        except EndpointUnreachableError:
            return begin
        return begin if there is None else Mark(at.since, given=at.given, path=at.path)

    async def _pass(self, *, last: bool) -> bool:
        """Carry out one plan; False where our tree moved on before its head could go out."""
        if not await self._rests():
            return True  # the publisher pushes again when it has placed the edition
        head, self._size = self._ours.head, self._ours.size
        gap = Gap(since=self._from_size, given=self._mark.given, size=self._size)
        mutable = await self._share.mutable(gap.since)
        self._total = self._carrier.requests + 2 * (gap.size - gap.given) + len(mutable)
        phase = Phase.AHEAD
        leaves = self._share.leaves(gap.since)
        plan = steps(gap, leaves, mutable, self._debts.left)
        async with aclosing(plan), Lanes(self._carrier.width) as lanes:
            async for step in plan:
                if step.phase is not phase:
                    before, phase = phase, step.phase
                    if before is Phase.AHEAD or phase is Phase.GONE:
                        await lanes.rest()  # who sees a new file, or misses one, must know why
                    if phase >= Phase.SHOWN:  # nothing is shown, and no head, before all is there
                        await self._wait_for(lanes)
                        if self._ours.moving or (self._ours.size != self._size and not last):
                            return False
                if step.path == SUMS:
                    await lanes.rest()  # it lists what is there by then
                if step.phase is Phase.HEAD:
                    await self._carrier.put(CHECKPOINT, head)
                    await self._flush()
                    self._to_size = self._size
                else:
                    await self._start(step, lanes)
        return True

    async def _rests(self) -> bool:
        """Whether our tree is one that may be pushed; waits a little where it is not."""
        for _ in range(_WAITS):
            if not self._ours.moving:
                return True
            await asyncio.sleep(_WAIT_S)
        return False

    async def _wait_for(self, lanes: Lanes) -> None:
        await lanes.rest()
        if not self._carrier.batches:
            self._mark.reached(self._size)
        await self._debts.settle()
        if self._debts.late is not None:
            raise self._debts.late

    async def _start(self, step: Step, lanes: Lanes) -> None:
        if step.phase is Phase.NEW:
            if self._carrier.waiting > MOST_WAITING:
                await lanes.rest()
                await self._flush()
            self._mark.begin(step.index, step.path)
            if not self._proven:
                await self._prove(step)
                return
        await lanes.start(self._do(step))

    async def _do(self, step: Step) -> None:
        hidden = not self._from_size and step.phase < Phase.SHOWN
        for path in step.files:
            await (self._delete(path) if step.deletes else self._put(path, hidden=hidden))
        if self._carrier.batches:
            self._waiting.append(step)
        else:
            self._done(step)
            await self._save()
        if self._target.progress:
            done = self._carrier.requests + len(self._waiting)
            self._target.progress(done, max(done, self._total), self._carrier.bytes)

    async def _prove(self, step: Step) -> None:
        """Put the first new file alone, and see that it is there: some hosts say so of all files.

        Raises:
            EndpointRefusedError: It is not; nothing else was put.
        """
        puts = self._carrier.puts
        await self._do(step)
        if self._carrier.puts == puts:
            return  # erased since the plan was made
        self._proven = True
        there = await self._carrier.get(step.path, max_bytes=MAX_FILE_BYTES)
        if there is None:
            what = (
                f"it says that it took {step.path}, and shows nothing of it, so nothing more was"
                " put; see that this user may read there too, and that the host keeps what it is"
                " given"
            )
            raise EndpointRefusedError(self.name, what)

    async def _save(self) -> None:
        """Remember how far it came, if that is some time ago: a push that is killed goes on."""
        now = time.monotonic()
        if self._target.save is None or now - self._saved < SAVE_EVERY_S:
            return
        if (resume := self._mark.resume) is not None:
            self._saved = now
            await self._target.save(resume)

    def _done(self, step: Step) -> None:
        """The mirror has it."""
        if step.phase is Phase.NEW:
            self._mark.end(step.index)
        if step.deletes:
            self._debts.gone(step.path)

    async def _flush(self) -> None:
        """Let a batch be shown; on other mirrors nothing waits."""
        await self._carrier.flush()
        waiting, self._waiting = self._waiting, []
        for step in waiting:
            self._done(step)
        if waiting:
            await self._save()
            await self._debts.settle()

    async def _put(self, path: str, *, hidden: bool) -> None:
        data = await self._share.read(path, self._size)
        if data is None:
            return  # erased since the plan was made: the next pass deletes it
        if (size := len(data)) > SMALL:
            held = data if self._budget.has(size) else None  # who waits holds nothing
            del data
            async with self._budget.of(size):
                data = held or await self._share.read(path, self._size)
                if data is None:
                    return
                await self._carrier.put(path, data, hidden=hidden)
        else:
            await self._carrier.put(path, data, hidden=hidden)
        self._debts.put(path)

    async def _delete(self, path: str) -> None:
        try:
            await self._carrier.delete(path)
        except EndpointError as error:
            self._debts.failed(path, error)
        else:
            self._debts.deleted(path)

    async def _delete_owed(self) -> None:
        async with Lanes(self._carrier.width) as lanes:
            for path in self._debts.left:
                await lanes.start(self._do(Step(Phase.GONE, path, deletes=True)))
            await lanes.rest()
        await self._debts.settle()
