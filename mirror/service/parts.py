"""``Parts``: what one newsroom's service is made of, opened in order and closed in reverse."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from mirror.alerts import Alerts
from mirror.config import Config, MirrorConfig
from mirror.endpoints.build import build
from mirror.endpoints.protocol import Mirror
from mirror.keystore import KeyStore, open_keys
from mirror.metrics import Metrics
from mirror.publish.compose import Composer
from mirror.publish.current import CurrentTree
from mirror.publish.heads import VerifyHead, own_heads
from mirror.publish.log import Log
from mirror.publish.quorum import Quorum
from mirror.publish.renewal import Renewal
from mirror.source.routes import Routes
from mirror.store import erasures
from mirror.store.alerts import DatabaseAlertStore
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.robots import DatabaseRobotsStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All of it, open."""

    config: Config
    keys: KeyStore
    folders: Folders
    database: Database
    log: Log
    quorum: Quorum
    renewal: Renewal
    composer: Composer
    tree: CurrentTree
    routes: Routes
    mirrors: dict[str, Mirror]
    verify_head: VerifyHead
    alerts: Alerts
    metrics: Metrics = field(default_factory=Metrics)


@asynccontextmanager
async def open_parts(config: Config, metrics: Metrics) -> AsyncIterator[Parts]:
    """Open everything that ``config`` names.

    Raises:
        ConfigError: A secret can't be read.
        KeysError: The keys can't be opened.
        StoreError: The data folder or the database can't be; another process has it.
    """
    async with AsyncExitStack() as stack:
        folders, keys, database = await open_ground(stack, config)
        quorum = Quorum(config.witnesses, keys, database)
        log = Log(
            origin=config.trust.origin,
            keys=keys,
            database=database,
            folders=folders,
            quorum=quorum,
        )
        await log.open()
        async with database.begin() as connection:
            waiting = await erasures.media_waiting(connection)
        await asyncio.to_thread(folders.sweep_incoming, waiting)
        mirrors = open_mirrors(stack, config.mirrors, folders)
        routes = await stack.enter_async_context(Routes(config, DatabaseRobotsStore(database)))
        alerts = Alerts(
            config.site.title,
            [url.read() for url in config.alerts.urls],
            DatabaseAlertStore(database),
            failed=lambda: metrics.failed(config.site.title, "alert"),
        )
        stack.push_async_callback(alerts.close)
        yield Parts(
            config=config,
            keys=keys,
            folders=folders,
            database=database,
            log=log,
            quorum=quorum,
            renewal=Renewal(log, keys, database, folders),
            composer=Composer(config, keys, folders),
            tree=CurrentTree(log, database, folders),
            routes=routes,
            mirrors=mirrors,
            verify_head=own_head_check(config, keys),
            alerts=alerts,
            metrics=metrics,
        )


async def open_ground(stack: AsyncExitStack, config: Config) -> tuple[Folders, KeyStore, Database]:
    """The data folder, locked; the keys; the database. ``stack`` closes them.

    Raises:
        ConfigError: A secret can't be read.
        KeysError: The keys can't be opened.
        StoreError: The data folder or the database can't be; another process has it.
    """
    folders = Folders(config.store.data)
    folders.open()
    stack.callback(folders.close)
    keys = await asyncio.to_thread(open_keys, config.trust)
    database = await Database.open(config.store.database, config.store.data)
    stack.push_async_callback(database.close)
    return folders, keys, database


def open_mirrors(
    stack: AsyncExitStack, configs: Iterable[MirrorConfig], folders: Folders
) -> dict[str, Mirror]:
    """The endpoints by name, in the order of ``configs``. ``stack`` closes them.

    What they keep at hand is in ``folders.mirrors``.

    Raises:
        ConfigError: A password can't be read.
    """
    mirrors: dict[str, Mirror] = {}
    for config in configs:
        mirrors[config.name] = build(config, folders.mirrors)
        stack.push_async_callback(mirrors[config.name].close)
    return mirrors


def own_head_check(config: Config, keys: KeyStore) -> VerifyHead:
    """Knows every head that this log ever signed, by any key of any of its keyrings."""
    logs = {
        key
        for signed in keys.keyrings
        for key in (
            *signed.keyring.policy.logs,
            *(former.key for former in signed.keyring.former),
        )
    }
    witnesses = {
        witness.key for signed in keys.keyrings for witness in signed.keyring.policy.witnesses
    }
    return own_heads(config.trust.origin, tuple(logs), tuple(witnesses))
