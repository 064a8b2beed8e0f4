"""Read the articles that wait: each becomes a version in the store, or is put off."""

import asyncio
import hashlib
import traceback
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.errors import InvalidAddressError
from feeds.ids import article_id, normal_form
from feeds.snapshot import Snapshot, words
from mirror.config import Config
from mirror.errors import SourceChangedError, SourceError
from mirror.extract.drift import PageLook
from mirror.publish.articles import changes
from mirror.source.pictures import Budget
from mirror.source.read import Extractor, ReadArticle, in_thread, read_article
from mirror.source.routes import Routes
from mirror.store import media_days, sources, versions
from mirror.store.addresses import article_at, forms, put_addresses
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.sources import Waiting
from mirror.store.versions import NewVersion

AT_ONCE: Final = 20  # articles that are read before they are stored together
FIRST_RETRY: Final = timedelta(minutes=5)
LONGEST_RETRY: Final = timedelta(days=1)
LAST_ATTEMPT: Final = 8  # then the address is given up until the source tells of it anew
LOOK_AGAIN: Final = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168))
_GONE: Final = frozenset({404, 410})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one address.

    Attributes:
        url: The address.
        outcome: ``new``, ``changed``, ``same``, ``held``, ``gone``, ``older``, ``put off``,
            ``given up``.
        why: In words, where there is something to say.
        look: What its page was like, where it is an article of its own.
    """

    url: str
    outcome: str
    why: str = ""
    look: PageLook | None = None


class Desk(Protocol):
    """What reading needs of ``Parts``."""

    @property
    def config(self) -> Config:
        """The operator's."""
        ...

    @property
    def routes(self) -> Routes:
        """Open."""
        ...

    @property
    def database(self) -> Database:
        """Open."""
        ...

    @property
    def folders(self) -> Folders:
        """Where pages and pictures are kept."""
        ...


PutOff = Callable[[AsyncConnection, Waiting], Awaitable[None]]


async def _in_found(connection: AsyncConnection, later: Waiting) -> None:
    await sources.put_waiting(connection, [later])


async def take_in(parts: Desk, now: datetime) -> tuple[Taken, ...]:
    """Read up to ``AT_ONCE`` addresses that are due, and store what was read.

    Raises:
        StoreError: It can't be stored; the addresses go on waiting.
    """
    async with parts.database.begin() as connection:
        due = await sources.due(connection, now, AT_ONCE)
    return await take_in_these(parts, due, now)


async def take_in_these(
    parts: Desk,
    due: Sequence[Waiting],
    now: datetime,
    *,
    extractor: Extractor = in_thread,
    since: datetime | None = None,
    put_off: PutOff = _in_found,
) -> tuple[Taken, ...]:
    """Read these addresses, at once, and store what was read.

    Args:
        parts: What is read with, and kept in.
        due: The addresses.
        now: UTC.
        extractor: What finds the article on a page.
        since: An article that its page says is older is left out.
        put_off: Lets an address wait that could not be read now.

    Raises:
        StoreError: It can't be stored; the addresses go on waiting.
    """
    if not due:
        return ()
    async with parts.database.begin() as connection:
        waiting = [one for one in due if not await _is_withdrawn(connection, one)]
        before = [await _known(connection, one) for one in waiting]
        budget = await _budget(connection, parts.config, now)
        unwanted = [one for one in due if one not in waiting]
        if unwanted:
            await sources.drop_waiting(connection, [one.id for one in unwanted])
    jobs = (
        _read(parts, one, earlier, now, extractor=extractor, budget=budget)
        for one, (_, earlier) in zip(waiting, before, strict=True)
    )
    results = [_too_old(result, since) for result in await asyncio.gather(*jobs)]
    async with parts.database.begin() as connection:
        news = [
            result
            for one, (article, _), result in zip(waiting, before, results, strict=True)
            if isinstance(result, ReadArticle) and await _is_news(connection, one, article, result)
        ]
    await asyncio.to_thread(_keep_files, parts, news)
    taken = [_withdrawn(one) for one in unwanted]
    async with parts.database.begin() as connection:
        if budget.used:
            await media_days.use(connection, now, budget.used)
        for one, (article, _), result in zip(waiting, before, results, strict=True):
            if isinstance(result, SourceError):
                taken.append(
                    await _put_off(connection, one, article, result, now=now, put_off=put_off)
                )
            elif result is None:
                taken.append(Taken(url=one.item.url, outcome="older"))
            else:
                became = await _store(connection, one, article, result, now)
                taken.append(replace(became, look=result.look))
    for became in taken:
        _log.info("article.read", url=became.url, outcome=became.outcome, why=became.why)
    return tuple(taken)


async def _budget(connection: AsyncConnection, config: Config, now: datetime) -> Budget:
    used = await media_days.used(connection, now)
    return Budget(config.fetch.max_article_media, config.fetch.max_day_media - used)


def _too_old(
    result: ReadArticle | SourceError, since: datetime | None
) -> ReadArticle | SourceError | None:
    if since is None or isinstance(result, SourceError):
        return result
    published = result.snapshot.published_at
    return None if published is not None and published < since else result


async def _is_withdrawn(connection: AsyncConnection, one: Waiting) -> bool:
    article = await article_at(connection, one.id) or ""
    return await versions.state_of(connection, article) is State.WITHDRAWN


def _withdrawn(one: Waiting) -> Taken:
    return Taken(url=one.item.url, outcome="same", why="withdrawn by the operator")


async def _known(connection: AsyncConnection, one: Waiting) -> tuple[str, Snapshot | None]:
    """Id of the article at that address, if there is one, and its newest version."""
    article = await article_at(connection, one.id) or ""
    return article, await versions.newest_snapshot(connection, article) if article else None


async def _read(
    parts: Desk,
    one: Waiting,
    earlier: Snapshot | None,
    now: datetime,
    *,
    extractor: Extractor,
    budget: Budget,
) -> ReadArticle | SourceError:
    try:
        return await read_article(
            parts.routes.of(one.source, one.item.url),
            one.item,
            parts.config,
            now,
            earlier=earlier,
            second=parts.routes.second_of(one.source, one.item.url),
            extractor=extractor,
            budget=budget if earlier is None else None,  # a known one must not lose its pictures
        )
    except SourceError as error:
        return error
    except Exception as error:  # noqa: BLE001  # one page never keeps the others
        _log.critical("article.broke", url=one.item.url, trace=traceback.format_exc())
        problem = f"a mistake in this program: {error!r}; please report it"
        return SourceChangedError(one.item.url, problem)


async def _is_news(
    connection: AsyncConnection, one: Waiting, article: str, read: ReadArticle
) -> bool:
    """Whether ``_store`` will take it in: nothing else is kept, least of all what was erased."""
    owners = await forms(connection, _addresses(one, read))
    owner, is_twin = await _owner(connection, one, article, read, owners)
    if is_twin or await versions.state_of(connection, owner) is State.WITHDRAWN:
        return False
    return not await _is_known(connection, owner, read.snapshot)


def _addresses(one: Waiting, read: ReadArticle) -> dict[str, str]:
    """Every address that the page has or claims: id and normal form."""
    urls = (one.item.url, read.snapshot.source_url, *read.addresses)
    return {article_id(url): normal_form(url) for url in urls}


async def _owner(
    connection: AsyncConnection,
    one: Waiting,
    article: str,
    read: ReadArticle,
    owners: dict[str, tuple[str, str]],
) -> tuple[str, bool]:
    """Whose page it is, and whether it is a twin: that article, read at another address.

    Twins are a site's pages for telephones (AMP) and for print. An unknown page is the twin of
    the one article whose address it claims and whose words it has; one of a withdrawn and erased
    article, whose words nobody has any more, is taken at its word. A known one stays a twin
    though its words differ: only the page that was published brings corrections.
    """
    here = article_id(read.snapshot.source_url)
    mine = article or owners.get(here, ("", ""))[0]
    if mine:
        published = await versions.published_snapshot(connection, mine)
        source = article_id(published.source_url) if published is not None else here
        return mine, source not in {here, one.id} and source in _addresses(one, read)
    claimed = {owner for owner, _ in owners.values()}
    if len(claimed) != 1:
        return one.id, False
    owner = claimed.pop()
    known = await versions.newest_snapshot(connection, owner)
    if known is None:
        erased = await versions.state_of(connection, owner) is State.WITHDRAWN
        return (owner, True) if erased else (one.id, False)
    return (owner, True) if _has_words_of(known, read.snapshot) else (one.id, False)


def _has_words_of(known: Snapshot, snapshot: Snapshot) -> bool:
    """Whether the bodies say the same; titles may differ, pictures too."""
    found = words(snapshot.body_html)
    return bool(found) and found == words(known.body_html)


async def _is_known(connection: AsyncConnection, article: str, snapshot: Snapshot) -> bool:
    """Whether readers have this version already, or it is the one that was read last.

    That one may be held, or dropped by the operator: it is not held again.
    """
    known = (
        await versions.published_snapshot(connection, article),
        await versions.last_snapshot(connection, article),
    )
    return any(one is not None and not changes(one, snapshot) for one in known)


def _keep_files(parts: Desk, results: Iterable[ReadArticle]) -> None:
    """Make durable what the database is about to name."""
    for result in results:
        parts.folders.put_raw(result.raw)
        for path, data in result.media.items():
            parts.folders.put_incoming(path, data)


async def _store(
    connection: AsyncConnection, one: Waiting, article: str, read: ReadArticle, now: datetime
) -> Taken:
    snapshot = read.snapshot
    addresses = _addresses(one, read)
    owners = await forms(connection, addresses)
    article, is_twin = await _owner(connection, one, article, read, owners)
    if await versions.state_of(connection, article) is State.WITHDRAWN:
        await sources.drop_waiting(connection, [one.id])
        await put_addresses(connection, article, dict.fromkeys(addresses, ""))
        return _withdrawn(one)
    if is_twin:
        await sources.drop_waiting(connection, [one.id])
        await put_addresses(connection, article, addresses)
        return Taken(url=one.item.url, outcome="same", why="another address of a known article")
    await _look_again(connection, one, now)
    back = await versions.state_of(connection, article) is State.GONE
    if back:
        await versions.set_state(connection, article, State.LIVE)
    published = await versions.published_snapshot(connection, article)
    if await _is_known(connection, article, snapshot):
        await put_addresses(connection, article, addresses)
        if published is not None and not changes(published, snapshot):
            await versions.drop_pending(connection, article)  # the source took it back
        return Taken(url=one.item.url, outcome="changed" if back else "same")
    earlier = await versions.newest_snapshot(connection, article)
    doubts = (
        *(read.verdict.reasons if read.verdict.held else ()),
        *_conflicts(article, addresses, owners),
    )
    await versions.add(
        connection,
        NewVersion(
            article=article,
            addresses=addresses,
            snapshot=snapshot,
            reasons=doubts,
            raw=hashlib.sha256(read.raw).hexdigest(),
            raw_type=read.raw_type,
            headers=read.response_headers,
        ),
    )
    outcome = "held" if doubts else "changed" if earlier else "new"
    return Taken(url=one.item.url, outcome=outcome, why="; ".join((*doubts, *read.problems)))


def _conflicts(
    article: str, addresses: dict[str, str], owners: dict[str, tuple[str, str]]
) -> tuple[str, ...]:
    """Why these can't all be addresses of that article (format 1.1)."""
    doubts = []
    for address, (owner, form) in owners.items():
        if form and form != addresses[address]:
            doubts.append(f"{addresses[address]} and {form} have the same id {address}")
        elif owner != article:
            doubts.append(
                f"it claims {addresses[address]}, which is the address of another article"
            )
    return tuple(doubts)


async def _look_again(connection: AsyncConnection, one: Waiting, now: datetime) -> None:
    """Let the address wait for the next look at corrections, if there is one."""
    for wait in LOOK_AGAIN:
        due = one.found + wait
        if due > now:
            await sources.put_waiting(connection, [replace(one, due=due, attempts=0, problem="")])
            return
    await sources.drop_waiting(connection, [one.id])


def _address_of(error: SourceError) -> str:
    """Id of the address that was asked last: behind redirects, where there were any."""
    try:
        return article_id(error.url)
    except InvalidAddressError:
        return ""


async def _put_off(
    connection: AsyncConnection,
    one: Waiting,
    article: str,
    error: SourceError,
    *,
    now: datetime,
    put_off: PutOff,
) -> Taken:
    if article and await versions.state_of(connection, article) is State.WITHDRAWN:
        await sources.drop_waiting(connection, [one.id])
        return _withdrawn(one)
    attempts = one.attempts + 1
    if error.status in _GONE:
        published = await versions.published_snapshot(connection, article)
        if published and article_id(published.source_url) in {one.id, _address_of(error)}:
            await _look_again(connection, one, now)  # it may come back
            marked = await versions.set_state(connection, article, State.GONE)
            outcome = "gone" if marked else "same"
            return Taken(url=one.item.url, outcome=outcome, why=error.problem)
        await sources.drop_waiting(connection, [one.id])
        if published:
            return Taken(url=one.item.url, outcome="same", why="it has another address now")
        return Taken(url=one.item.url, outcome="given up", why=error.problem)
    if attempts >= LAST_ATTEMPT:
        await sources.drop_waiting(connection, [one.id])
        return Taken(url=one.item.url, outcome="given up", why=error.problem)
    asked = timedelta(seconds=error.retry_after_s or 0)
    wait = max(min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY), asked)
    later = replace(one, due=now + wait, attempts=attempts, problem=error.problem)
    await put_off(connection, later)
    return Taken(url=one.item.url, outcome="put off", why=error.problem)
