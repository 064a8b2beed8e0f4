"""``Service``: one newsroom, from its site to its mirrors. The steps of a round, and a round."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import structlog

from mirror.config import Config, SourceConfig
from mirror.errors import (
    ClockError,
    LogBehindError,
    MirrorError,
    PublishError,
    QuorumError,
    StoreError,
)
from mirror.metrics import Metrics
from mirror.publish.outcome import Outcome, Trouble
from mirror.service.parts import Parts, open_parts
from mirror.service.polling import poll_sources
from mirror.service.publishing import Publication, Publisher, check_clock
from mirror.service.pushing import Pusher
from mirror.service.reading import Taken, take_in
from mirror.service.report import Report
from mirror.service.status import status_of
from mirror.service.witnessing import QUORUM, failing_keys, problem_of, witness_key
from mirror.source.poll import Polled
from mirror.status import Problem, Status
from mirror.store import kept, sources, versions
from mirror.store.mirrors import MirrorRecord
from mirror.store.sources import SourceRecord

FAILURES: Final = 3  # polls in a row that fail before somebody is told
_BEHIND: Final = "behind/"  # how the keys of alerts about larger heads begin

_log = structlog.get_logger(__name__)


class Service:
    """The service of one newsroom. ``now`` is UTC everywhere."""

    def __init__(self, parts: Parts, known: dict[str, SourceRecord]) -> None:
        """Use ``open``."""
        self.parts = parts
        self.next_polls: dict[str, datetime] = {}
        self.pusher = Pusher(parts)
        self._known = known
        self._publisher = Publisher(parts)

    @classmethod
    @asynccontextmanager
    async def open(cls, config: Config, metrics: Metrics | None = None) -> AsyncIterator["Service"]:
        """Open the newsroom of ``config``.

        Raises:
            MirrorError: It can't be opened; says why, and what to do.
        """
        async with open_parts(config, metrics or Metrics()) as parts:
            async with parts.database.begin() as connection:
                known = await sources.all_records(connection)
            yield cls(parts, known)

    @property
    def config(self) -> Config:
        """The operator's."""
        return self.parts.config

    async def poll(self, chosen: Iterable[SourceConfig], now: datetime) -> dict[str, Polled]:
        """Ask sources what is new. Their faults are told, not raised.

        Raises:
            ClockError: This machine's clock is wrong; an alert is on.
            StoreError: The answer can't be written; the next poll brings it again.
        """
        try:
            polled = await poll_sources(self.parts, tuple(chosen), self._known, now)
        except ClockError as error:
            await self._tell("clock", "This machine's clock is wrong", str(error), now)
            raise
        await self.parts.alerts.clear("clock")
        for name, answer in polled.items():
            word = "failed" if answer.problem else "changed" if answer.changed else "unchanged"
            self.parts.metrics.polled(self.config.site.title, name, word)
            await self._tell_of_source(name, answer, now)
        return polled

    async def read(self, now: datetime) -> tuple[Taken, ...]:
        """Read every article whose time has come.

        Raises:
            StoreError: It can't be written; the addresses go on waiting.
        """
        every: list[Taken] = []
        while taken := await self.read_some(now):
            every += taken
        return tuple(every)

    async def read_some(self, now: datetime) -> tuple[Taken, ...]:
        """Read some of the articles whose time has come; none: no more are due.

        Raises:
            ClockError: This machine's clock is wrong: nothing is judged by it.
            StoreError: It can't be written; the addresses go on waiting.
        """
        check_clock(now, self.parts.fetcher.clock_gaps)
        taken = await take_in(self.parts, now)
        for one in taken:
            if one.outcome == "held":
                self.parts.metrics.held(self.config.site.title)
        await self.tell_of_held()
        return taken

    async def asked(self) -> str:
        """Changes when the operator asked for something by another process."""
        async with self.parts.database.begin() as connection:
            return await kept.get(connection, kept.ASKED)

    async def publish(self, now: datetime) -> tuple[Publication, ...]:
        """Publish what is ready, and cosign the head anew where its time has come.

        Raises:
            PublishError: Nothing was signed, and why; an alert is on.
            StoreError: It can't be written; nothing is lost; an alert is on.
        """
        try:
            made = await self._publisher.publish(now)
            await self._publisher.refresh(now)
        except QuorumError as error:
            await self._tell_of_witnesses(error, now)
            self.parts.metrics.failed(self.config.site.title, "publish")
            raise
        except LogBehindError as error:
            await self._tell_of_larger_head(error, now)
            self.parts.metrics.failed(self.config.site.title, "publish")
            raise
        except (PublishError, StoreError) as error:
            await self._tell("publish", "Nothing can be published", str(error), now)
            self.parts.metrics.failed(self.config.site.title, "publish")
            raise
        await self.parts.alerts.clear("publish")
        if self._publisher.is_newest:
            await self._clear_all(_BEHIND)
        await self._tell_of_witnesses(None, now)
        return made

    async def renew(self) -> bool:
        """Make a part of the offline proofs anew, where the keyring asks for it; more are left.

        Raises:
            StoreError: They can't be written; the next call goes on.
        """
        return await self.parts.renewal.step()

    async def push(self, names: Iterable[str], now: datetime) -> dict[str, Outcome]:
        """Bring these mirrors up to date, each alone. Their faults are told, not raised.

        Raises:
            LogBehindError: One shows a larger head by our own key; an alert is on.
            StoreError: What came of it can't be remembered.
        """
        try:
            results = await self.pusher.push_all(names, now)
        except LogBehindError as error:
            self._publisher.ask_again()
            await self._tell_of_larger_head(error, now)
            raise
        for outcome, before in results.values():
            await self._tell_of_mirror(outcome, before, now)
        return {name: outcome for name, (outcome, _) in results.items()}

    async def round(self, now: datetime | None = None) -> Report:
        """Poll, read, publish, push, once; what was done, and what fell short."""
        now = now or datetime.now(UTC)
        report = Report()
        try:
            for name, answer in (await self.poll(self.config.sources, now)).items():
                tell = report.short if answer.problem else report.done
                tell(f"source {name}: {answer.note}")
            _tell_of_reading(report, await self.read(now))
        except ClockError as error:
            report.short(f"clock: {error}")
        except StoreError as error:
            report.short(f"store: {error}")
        try:
            for made in (*await self._prepare_keyring(now), *await self.publish(now)):
                report.done(f"edition {made.edition.size}: {_counted(made.articles, 'article')}")
        except (PublishError, StoreError) as error:
            report.short(f"publish: {error}")
        try:
            while await self.renew():
                pass
            await self._push_all(report, now)
        except MirrorError as error:
            report.short(f"push: {error}")
        await self.parts.alerts.deliver()
        return report

    async def status(self, now: datetime | None = None) -> Status:
        """What the operator is shown."""
        return await status_of(
            self.parts,
            self._known,
            self.pusher.seen,
            self.next_polls,
            now or datetime.now(UTC),
        )

    async def tell_of_held(self) -> None:
        """One alert while anything is held, however much."""
        async with self.parts.database.begin() as connection:
            held = await versions.held(connection)
        if not held:
            await self.parts.alerts.clear("held")
            return
        first = held[0]
        await self.parts.alerts.raise_(
            Problem(
                key="held",
                what=f"{_counted(len(held), 'article')} held for you to look at",
                since=first.since,
                why=f"{first.snapshot.title}: {'; '.join(first.reasons)}",
                remedy="tamizdat articles --held, then release or drop each",
            )
        )

    async def _prepare_keyring(self, now: datetime) -> tuple[Publication, ...]:
        """Bring to the mirrors what they must have before the newest keyring."""
        if await self.parts.renewal.keys_to_show() is self.parts.keys:
            return ()
        made = await self.publish(now)
        while await self.renew():
            pass
        await self._push_all(Report(), now)
        return made

    async def _push_all(self, report: Report, now: datetime) -> None:
        outcomes = await self.push(self.parts.mirrors, now)
        for name in self.parts.mirrors:
            outcome = outcomes.get(name)
            if outcome is None:
                why = "paused" if self.parts.tree.size else "nothing to push yet"
                why = "waits for the held head" if self.parts.log.unfinished else why
                report.done(f"mirror {name}: {why}")
            elif outcome.problem:
                report.short(outcome.problem)
            else:
                report.done(f"mirror {name}: {_carried(outcome)}")

    async def _tell_of_source(self, name: str, answer: Polled, now: datetime) -> None:
        key = f"source/{name}"
        if answer.problem is None:
            await self.parts.alerts.clear(key)
        elif answer.state.failures >= FAILURES:
            what = f"Source {name} can't be read"
            await self._tell(key, what, str(answer.problem), now, "see whether the site moved")

    async def _tell_of_mirror(self, outcome: Outcome, before: MirrorRecord, now: datetime) -> None:
        key = f"mirror/{outcome.mirror}"
        if outcome.problem is None:
            await self.parts.alerts.clear(key)
        elif outcome.trouble is not Trouble.UNREACHABLE or before.last_error:
            what = f"Mirror {outcome.mirror} is not kept current"
            await self._tell(key, what, outcome.problem, now, "tamizdat mirrors shows all of them")

    async def _tell_of_witnesses(self, error: QuorumError | None, now: datetime) -> None:
        alerts = self.parts.alerts
        problem = problem_of(error, now) if error else None
        if problem:
            await alerts.raise_(problem)
        elif error is None:
            await alerts.clear(QUORUM)
        told = dict(failing_keys(self.parts.quorum.failing, now))
        for key in map(witness_key, self.parts.quorum.names):
            await (alerts.raise_(told[key]) if key in told else alerts.clear(key))

    async def _tell_of_larger_head(self, error: LogBehindError, now: datetime) -> None:
        """One alert, whoever met that head first: this machine, publishing or pushing."""
        what = "This machine's log is not the newest; nothing is published"
        remedy = f"tamizdat recover --from {error.mirror}"
        await self._tell(f"{_BEHIND}{error.mirror}", what, str(error), now, remedy)

    async def _clear_all(self, begin: str) -> None:
        for problem in await self.parts.alerts.problems():
            if problem.key.startswith(begin):
                await self.parts.alerts.clear(problem.key)

    async def _tell(self, key: str, what: str, why: str, now: datetime, remedy: str = "") -> None:
        _log.error("service.problem", key=key, what=what, why=why)
        problem = Problem(key=key, what=what, since=now, why=why, remedy=remedy)
        await self.parts.alerts.raise_(problem)


def _tell_of_reading(report: Report, taken: Iterable[Taken]) -> None:
    counts: dict[str, int] = {}
    for one in taken:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
        if one.outcome in ("held", "gone", "put off", "given up"):
            tell = report.done if one.outcome == "gone" else report.short
            tell(f"article {one.url}: {one.outcome}: {one.why}")
    if counts:
        parts = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
        report.done(f"articles: {parts}")


def _carried(outcome: Outcome) -> str:
    if not outcome.puts and not outcome.deletes:
        return f"current at {outcome.to_size}, nothing to do"
    gone = f", {outcome.deletes} deleted" if outcome.deletes else ""
    return (
        f"current at {outcome.to_size}, {_counted(outcome.puts, 'file')} put{gone}"
        f" in {outcome.seconds:.1f} s"
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
