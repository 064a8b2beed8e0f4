"""``Service``: one newsroom, from its site to its mirrors. The steps of a round, and a round."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

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
from mirror.publish.outcome import Outcome
from mirror.service.auditing import Auditor
from mirror.service.drifting import note_drift
from mirror.service.hub import HubTeller
from mirror.service.parts import Parts, open_parts
from mirror.service.polling import poll_sources
from mirror.service.publishing import Publication, Publisher, check_clock
from mirror.service.pushing import Pusher
from mirror.service.report import Report, carried, counted, tell_of_reading
from mirror.service.status import status_of
from mirror.service.storing import take_in
from mirror.service.subscribing import Subscriber
from mirror.service.taken import Taken
from mirror.service.telling import Teller
from mirror.source.poll import Polled
from mirror.status import Status
from mirror.store import kept, sources
from mirror.store.sources import SourceRecord


class Service:
    """The service of one newsroom. ``now`` is UTC everywhere."""

    def __init__(
        self, parts: Parts, known: dict[str, SourceRecord], subscriber: Subscriber
    ) -> None:
        """Use ``open``."""
        self.parts = parts
        self.subscriber = subscriber
        self.next_polls: dict[str, datetime] = {}
        self.pusher = Pusher(parts)
        self.auditor = Auditor(parts, self.pusher.turns)
        self._known = known
        self._asked = ""
        self._publisher = Publisher(parts)
        self._teller = Teller(parts)
        self.hub = HubTeller(parts, self._teller)

    @classmethod
    @asynccontextmanager
    async def open(cls, config: Config, metrics: Metrics | None = None) -> AsyncIterator["Service"]:
        """Open the newsroom of ``config``.

        Raises:
            MirrorError: It can't be opened; says why, and what to do.
        """
        async with AsyncExitStack() as stack:
            parts = await stack.enter_async_context(open_parts(config, metrics or Metrics()))
            async with parts.database.begin() as connection:
                known = await sources.all_records(connection)
            subscriber = await Subscriber.open(config, parts.routes.main, parts.database)
            service = cls(parts, known, subscriber)
            stack.push_async_callback(service.hub.close)
            yield service

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
            await self._teller.of_clock(str(error), now)
            raise
        await self._teller.of_clock("", now)
        for name, answer in polled.items():
            word = "failed" if answer.problem else "changed" if answer.changed else "unchanged"
            self.parts.metrics.polled(self.config.site.title, name, word)
            await self._teller.of_source(name, answer, now)
        return polled

    async def subscribe(self, now: datetime) -> None:
        """Have the hubs of sources tell us of news, where the operator gave an address for it.

        Raises:
            StoreError: It can't be remembered; the next call asks again.
        """
        await self.subscriber.renew(self._known, now)

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
        check_clock(now, self.parts.routes.clock_gaps)
        taken = await take_in(self.parts, now)
        for one in taken:
            if one.outcome == "held":
                self.parts.metrics.held(self.config.site.title)
        for host, drift in (await note_drift(self.parts, taken)).items():
            await self._teller.of_drift(host, drift, now)
        await self._teller.of_held(more=bool(taken))
        return taken

    async def asked(self) -> str:
        """Changes when the operator asked for something by another process."""
        async with self.parts.database.begin() as connection:
            asked = await kept.get(connection, kept.ASKED)
        if asked != self._asked:
            self._asked = asked
            self.parts.composer.look_again()  # that a mirror retires shows on pages and feeds
            self._teller.look_again()
        return asked

    async def publish(self, now: datetime) -> tuple[Publication, ...]:
        """Publish what is ready, and cosign the head anew where its time has come.

        Raises:
            PublishError: Nothing was signed, and why; an alert is on.
            StoreError: It can't be written; nothing is lost; an alert is on.
        """
        try:
            made = await self._publisher.publish(now)
            await self._publisher.refresh(now)
        except (PublishError, StoreError) as error:
            self.parts.metrics.failed(self.config.site.title, "publish")
            await self._tell_of_failed(error, now)
            raise
        await self._teller.of_publishing("", now)
        if self.parts.composer.held_some():
            await self._teller.of_held(more=True)
        if self._publisher.is_newest:
            await self._teller.of_newest()
        await self._teller.of_witnesses(None, now)
        return made

    async def renew(self) -> bool:
        """Make a part of the offline proofs anew, where the keyring asks for it; more are left.

        Raises:
            StoreError: They can't be written; the next call goes on.
        """
        return await self.parts.renewal.step()

    async def push(
        self, names: Iterable[str], now: datetime, *, forced: bool = False
    ) -> dict[str, Outcome]:
        """Bring these mirrors up to date, each alone. Their faults are told, not raised.

        ``forced``: outside of their windows too.

        Raises:
            LogBehindError: One shows a larger head by our own key; an alert is on.
            StoreError: What came of it can't be remembered.
        """
        try:
            results = await self.pusher.push_all(names, now, forced=forced)
        except LogBehindError as error:
            self._publisher.ask_again()
            await self._teller.of_larger_head(error, now)
            raise
        for outcome, before in results.values():
            await self._teller.of_mirror(outcome, before, now)
            await self.hub.of_push(outcome)
            if (room := await self.pusher.room(outcome.mirror)) is not None:
                await self._teller.of_room(outcome.mirror, *room, now)
        return {name: outcome for name, (outcome, _) in results.items()}

    async def round(self, now: datetime | None = None) -> Report:
        """Poll, read, publish, push, once; what was done, and what fell short."""
        now = now or datetime.now(UTC)
        report = Report()
        try:
            for name, answer in (await self.poll(self.config.sources, now)).items():
                tell = report.short if answer.problem else report.done
                tell(f"source {name}: {answer.note}")
            tell_of_reading(report, await self.read(now))
        except ClockError as error:
            report.short(f"clock: {error}")
        except StoreError as error:
            report.short(f"store: {error}")
        try:
            for made in (*await self._prepare_keyring(now), *await self.publish(now)):
                report.done(f"edition {made.edition.size}: {counted(made.articles, 'article')}")
        except (PublishError, StoreError) as error:
            report.short(f"publish: {error}")
        try:
            while await self.renew():
                pass
            await self._push_all(report, now)
        except MirrorError as error:
            report.short(f"push: {error}")
        if problem := await self.hub.settled():
            report.short(problem)
        await self.parts.alerts.deliver()
        return report

    async def status(self, now: datetime | None = None) -> Status:
        """What the operator is shown."""
        return await status_of(
            self.parts,
            self._known,
            seen=self.pusher.seen,
            next_polls=self.next_polls,
            subscriber=self.subscriber,
            now=now or datetime.now(UTC),
        )

    async def _tell_of_failed(self, error: PublishError | StoreError, now: datetime) -> None:
        match error:
            case QuorumError():
                await self._teller.of_witnesses(error, now)
            case LogBehindError():
                await self._teller.of_larger_head(error, now)
            case _:
                await self._teller.of_publishing(str(error), now)

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
                report.done(f"mirror {name}: {self.pusher.idle[name]}")
            elif outcome.problem:
                report.short(outcome.problem)
            else:
                report.done(f"mirror {name}: {carried(outcome)}")
