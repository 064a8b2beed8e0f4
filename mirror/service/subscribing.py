"""``Subscriber``: subscribed at the hub of each source that names one, where we can be called."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Self

import structlog

from mirror.config import Config
from mirror.errors import SourceError
from mirror.source.fetch import Fetcher
from mirror.source.hub import Offer
from mirror.source.websub import Subscription
from mirror.store import kept, subscriptions
from mirror.store.database import Database
from mirror.store.sources import SourceRecord

_CALLBACK: Final = "websub.callback"  # the address that hubs were given

_log = structlog.get_logger(__name__)


class Subscriber:
    """The subscriptions of one newsroom, in memory as in the database. Calls may overlap."""

    def __init__(
        self,
        config: Config,
        fetcher: Fetcher,
        database: Database,
        known: Mapping[str, Subscription],
    ) -> None:
        """``known`` is what the database holds."""
        self._config = config
        self._fetcher = fetcher
        self._database = database
        self._known = dict(known)

    @classmethod
    async def open(cls, config: Config, fetcher: Fetcher, database: Database) -> Self:
        """With what the database holds; nothing, where hubs know us by another address.

        Raises:
            StoreError: It can't be read.
        """
        async with database.begin() as connection:
            known = await subscriptions.every(connection)
            if known and await kept.get(connection, _CALLBACK) != config.websub.callback:
                await subscriptions.drop(connection, known)
                known = {}
        return cls(config, fetcher, database, known)

    @property
    def is_on(self) -> bool:
        """Whether the operator gave an address by which hubs reach us."""
        return bool(self._config.websub.callback)

    def told_until(self, source: str, now: datetime) -> datetime | None:
        """Until when a hub tells us of that source's news; None: it does not."""
        subscription = self._known.get(source)
        return subscription.expires if subscription and subscription.is_active(now) else None

    def problem(self, source: str) -> str:
        """Why its hub does not, in words, or empty."""
        subscription = self._known.get(source)
        return subscription.problem if subscription else ""

    async def renew(self, records: Mapping[str, SourceRecord], now: datetime) -> None:
        """Ask each hub whose time has come; forget what no source names any more.

        Raises:
            StoreError: It can't be remembered; the next call asks again.
        """
        offers = _offers(self._config, records) if self.is_on else {}
        await self._forget({name for name in self._known if name not in offers})
        for name, offer in offers.items():
            known = self._known.get(name)
            if known is None or known.offer != offer:
                known = Subscription.new(name, offer)
            if known.is_due(now):
                await self._ask(known, now)

    async def _forget(self, names: set[str]) -> None:
        if not names:
            return
        async with self._database.begin() as connection:
            await subscriptions.drop(connection, names)
        for name in names:
            del self._known[name]

    async def _ask(self, subscription: Subscription, now: datetime) -> None:
        """The hub may call back before it has answered, so what is asked is known first."""
        await self._keep(subscription.was_asked(now))
        form = subscription.request(self._config.websub.callback)
        try:
            await self._fetcher.send(subscription.offer.hub, form)
        except SourceError as error:
            _log.warning("websub.not_asked", source=subscription.source, problem=str(error))
            newest = self._known[subscription.source]
            await self._keep(newest.was_asked(now, f"the hub {error}"))

    async def answer(self, path: str, query: Mapping[str, str]) -> str | None:
        """What a hub is answered that asks whether we meant it; None: we did not.

        Raises:
            StoreError: It can't be remembered; the hub asks again.
        """
        subscription, now = self._at(path), datetime.now(UTC)
        if subscription is None:
            return None
        if refused := subscription.denied(query):
            await self._keep(refused)
            _log.warning("websub.denied", source=refused.source, problem=refused.problem)
            return ""
        confirmed = subscription.confirmed(query, now)
        if confirmed is None:
            return None
        await self._keep(confirmed)
        _log.info("websub.subscribed", source=confirmed.source, until=str(confirmed.expires))
        return query["hub.challenge"]

    def knows(self, path: str) -> bool:
        """Whether a hub was given that address."""
        return self._at(path) is not None

    def source_of(self, path: str, signature: str, body: bytes) -> str | None:
        """The source that a message tells of, where it is signed by its hub."""
        subscription = self._at(path)
        if subscription is None or not subscription.is_signed(signature, body):
            _log.warning("websub.not_signed", source=subscription.source if subscription else "")
            return None
        return subscription.source

    def _at(self, path: str) -> Subscription | None:
        return next((one for one in self._known.values() if one.path == path), None)

    async def _keep(self, subscription: Subscription) -> None:
        async with self._database.begin() as connection:
            await subscriptions.put(connection, subscription)
            await kept.put(connection, _CALLBACK, self._config.websub.callback)
        self._known[subscription.source] = subscription


def _offers(config: Config, records: Mapping[str, SourceRecord]) -> dict[str, Offer]:
    """What the sources of ``config`` offer, as their last answers said."""
    found = {}
    for source in config.sources:
        record = records.get(source.name)
        if record and record.state.url == source.url and record.state.hub and not record.state.gone:
            found[source.name] = Offer(hub=record.state.hub, topic=record.state.topic)
    return found
