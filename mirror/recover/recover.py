"""``recover``: make this machine's log and database what a mirror shows (format 2.7).

Only a head by our own keys is taken over, whole, and only where our own log is the beginning
of its log. Everything is verified and staged first; then one transaction; then it is placed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from keys.errors import FormatError
from keys.note import Note
from mirror.config import Config
from mirror.errors import ConfigError, RecoverError
from mirror.keystore import KeyStore
from mirror.publish.heads import Head
from mirror.publish.log import Log
from mirror.recover.gather import Gatherer
from mirror.recover.holders import Holders
from mirror.recover.rows import Found, put_all
from mirror.recover.told import Tell, silent
from mirror.service.parts import open_ground, open_mirrors, own_head_check
from mirror.store import durable, ledger
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.ledger import Ledger

EVIDENCE: Final = "evidence"

_FORKED: Final = (
    "our log and mirror {name}'s part ways: its tree of {size} entries is not ours, though both"
    " heads are by our own key. Two machines published with it, or somebody has it. Nothing was"
    " changed; both heads are kept in {folder}: find the other machine, and if there is none of"
    " yours, revoke the log key"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was taken over.

    Attributes:
        mirror: From where.
        before: Size of our log before.
        size: Size of it now.
        editions: That were missing here.
        articles: New, or in another version than the database had.
        aliases: Other addresses of articles.
        files: That were put in place.
        fetched: Of these, from mirrors.
        problems: Pages that could not be read back into the database, with why.
    """

    mirror: str
    before: int
    size: int
    editions: int
    articles: int
    aliases: int
    files: int
    fetched: int
    problems: tuple[str, ...]


async def recover(
    config: Config, name: str, *, now: datetime | None = None, tell: Tell = silent
) -> Recovered:
    """Take over what the mirror ``name`` holds; others help out where it lacks a file.

    Raises:
        ConfigError: No such mirror, or a secret can't be read.
        EndpointError: The mirror does not answer.
        KeysError: The keys can't be opened.
        RecoverError: It is not ours, is behind us, forked, or not whole; nothing was changed.
        StoreError: The data folder or the database can't be used.
    """
    now = now or datetime.now(UTC)
    async with _opened(config, name) as (folders, keys, database, holders):
        async with database.begin() as connection:
            ours = await ledger.read(connection, config.trust.origin)
        data = await holders.head()
        head = _own_head(config, keys, name, data)
        _check_size(name, ours, head)
        gatherer = Gatherer(folders, holders, head, tell)
        history = await gatherer.history()
        if ours.size and history.editions.get(ours.size) != ours.root:
            stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            folder = folders.top / EVIDENCE / f"{stamp}-{name}"
            await asyncio.to_thread(_keep, folder, ours, data)
            raise RecoverError(_FORKED.format(name=name, size=ours.size, folder=folder))
        listed = await gatherer.files(history, keys.keyrings)
        tree = gatherer.staging
        found = Found(head=head, data=data, history=history, listed=listed, tree=tree)
        async with database.begin() as connection:
            counted = await put_all(connection, config, ours, found, tell)
        log = Log(origin=config.trust.origin, keys=keys, database=database, folders=folders)
        await log.open()
        if log.unfinished:
            await log.finish(now)
    return Recovered(
        mirror=name,
        before=ours.size,
        size=head.size,
        editions=sum(size > ours.size for size in history.editions),
        articles=counted.articles,
        aliases=counted.aliases,
        files=gatherer.staged,
        fetched=gatherer.fetched,
        problems=tuple(counted.problems),
    )


@asynccontextmanager
async def _opened(
    config: Config, name: str
) -> AsyncIterator[tuple[Folders, KeyStore, Database, Holders]]:
    names = [mirror.name for mirror in config.mirrors]
    if name not in names:
        known = ", ".join(names) or "none"
        raise ConfigError(str(config.file), (f"has no mirror {name}; it has: {known}",))
    async with AsyncExitStack() as stack:
        folders, keys, database = await open_ground(stack, config)
        ordered = sorted(config.mirrors, key=lambda one: one.name != name)
        mirrors = open_mirrors(stack, ordered, folders)
        holders = Holders([(mirror, mirrors[mirror.name]) for mirror in ordered])
        yield folders, keys, database, holders


def _own_head(config: Config, keys: KeyStore, name: str, data: bytes) -> Head:
    head = own_head_check(config, keys)(data)
    if head is None:
        raise RecoverError(
            f"the head on mirror {name} is not by our log key; nothing was changed."
            " Are these the right key files, and is this the right mirror?"
        )
    try:
        verdict = keys.newest.keyring.judge(Note.parse(data))
    except FormatError as error:
        raise RecoverError(f"the head on mirror {name}: {error}; nothing was changed") from error
    if not verdict.good:
        raise RecoverError(
            f"the head on mirror {name} is not good by keyring {keys.newest.keyring.version}:"
            f" {'; '.join(verdict.reasons)}; nothing was changed. Try another mirror with --from"
        )
    return head


def _check_size(name: str, ours: Ledger, head: Head) -> None:
    if head.size < ours.size:
        raise RecoverError(
            f"mirror {name} shows a head of size {head.size}, and ours is {ours.size}: there is"
            " nothing to take over from it; `tamizdat run --once` brings it up to date"
        )


def _keep(folder: Path, ours: Ledger, theirs: bytes) -> None:
    durable.write(folder / "theirs", theirs)
    text = ours.head or f"size {ours.size}\nroot {ours.root.hex()}\n".encode()
    durable.write(folder / "ours", text)
