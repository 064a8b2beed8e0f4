"""The one transaction of a recovery: every row from the tree that was gathered."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.addresses import MIRRORS_PATH, parse_mirrors_json
from feeds.edition import EMPTY_SHA
from mirror.config import Config
from mirror.publish import held, name_marks
from mirror.publish.feed_marks import catch_up_after
from mirror.publish.heads import Head
from mirror.publish.lists import list_at
from mirror.publish.names import is_named
from mirror.publish.newsroom import encode_addresses
from mirror.publish.staging import Staging
from mirror.recover.history import History
from mirror.recover.pages import (
    Recalled,
    begun_of,
    document_articles,
    document_at,
    is_article_page,
    list_places,
    menu_of,
    recalled,
    shelf_names,
)
from mirror.recover.told import Tell
from mirror.recover.versions import put_addresses, put_articles
from mirror.store import archives, kept, ledger, mirrors, names
from mirror.store.database import upsert
from mirror.store.ledger import Edition, Ledger
from mirror.store.tables import ARTICLES, LEAVES, LISTINGS, MUTABLES, SECTIONS
from mirror.store.times import moment, stored
from mirror.tree import Leaf

BATCH: Final = 500
FEED: Final = "feeds/all.json"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the mirror's tree is, verified and gathered.

    Attributes:
        head: The mirror's.
        data: Its bytes.
        history: The log up to it.
        listed: What its ``SHA256SUMS`` lists.
        tree: Reads files that are here or staged.
    """

    head: Head
    data: bytes
    history: History
    listed: Mapping[str, str]
    tree: Staging


@dataclass(slots=True)
class Counted:
    """What was taken over.

    Attributes:
        articles: New, or with another version than the database had.
        aliases: Other addresses of articles.
        problems: Pages that could not be read back, with why.
    """

    articles: int = 0
    aliases: int = 0
    problems: list[str] = field(default_factory=list)


async def put_all(
    connection: AsyncConnection, config: Config, ours: Ledger, found: Found, tell: Tell
) -> Counted:
    """Write what was found; nothing is kept where it fails."""
    await _put_log(connection, config, ours, found)
    new = [leaf for leaf in found.history.leaves.values() if leaf.index >= ours.size]
    new.sort(key=lambda leaf: leaf.index)
    await _put_leaves(connection, new)
    await _put_mutable(connection, found)
    counted = await _put_articles(connection, config, new, found, tell)
    await _put_lists(connection, new, found)
    await _put_newsroom(connection, config, found)
    await _put_archives(connection, config, new, found)
    return counted


async def _put_log(connection: AsyncConnection, config: Config, ours: Ledger, found: Found) -> None:
    origin, head = config.trust.origin, found.head
    time = head.time
    sizes = sorted(size for size in found.history.editions if ours.size < size)
    before = dict(zip(sizes, (ours.size, *sizes), strict=False))
    if sizes:
        last = Edition(size=head.size, before=ours.size, root=head.root, time=time)
        await ledger.advance(connection, origin, ours, last)  # all since ours are placed with it
    await ledger.put_editions(
        connection,
        (
            Edition(size=size, before=before[size], root=found.history.editions[size], time=time)
            for size in sizes[:-1]
        ),
    )
    await ledger.put_head(connection, origin, size=head.size, time=time, head=found.data)
    if await held.read(connection) is not None:
        await held.clear(connection)  # of a smaller tree; this one has its quorum


async def _put_leaves(connection: AsyncConnection, new: Sequence[Leaf]) -> None:
    rows = (
        {"path": leaf.path, "sha": leaf.sha, "index": leaf.index, "first": leaf.first_index}
        for leaf in new
    )
    while batch := list(islice(rows, BATCH)):
        await upsert(connection, LEAVES, batch)


async def _put_mutable(connection: AsyncConnection, found: Found) -> None:
    known = {row.path: row.sha for row in await connection.execute(select(MUTABLES))}
    closed = [
        path
        for path in known
        if found.history.leaves.get(path, Leaf(path, EMPTY_SHA, 0, 0)).sha != EMPTY_SHA
    ]
    changed = {path: sha for path, sha in found.listed.items() if known.get(path) != sha}
    gone = (path for path, sha in known.items() if sha != EMPTY_SHA)
    changed |= {path: EMPTY_SHA for path in gone if path not in found.listed}
    await ledger.put_mutable(connection, changed, found.head.size, closed)


async def _put_articles(
    connection: AsyncConnection, config: Config, new: Iterable[Leaf], found: Found, tell: Tell
) -> Counted:
    counted = Counted()
    pages = [leaf for leaf in new if is_article_page(leaf.path) and leaf.sha != EMPTY_SHA]
    home = config.site.url.partition("#")[0]
    for start in range(0, len(pages), BATCH):
        batch = pages[start : start + BATCH]
        read = await asyncio.to_thread(_recall_all, batch, found.tree)
        pairs = [(one, leaf.sha) for one, leaf in zip(read, batch, strict=True)]
        await _put_batch(connection, pairs, home, counted)
        tell("articles", start + len(batch), len(pages))
    return counted


def _recall_all(leaves: Iterable[Leaf], tree: Staging) -> list[Recalled]:
    return [recalled(leaf.path, tree.read) for leaf in leaves]


async def _put_batch(
    connection: AsyncConnection, found: Iterable[tuple[Recalled, str]], home: str, counted: Counted
) -> None:
    aliases: dict[str, tuple[str, str]] = {}
    articles: list[tuple[Recalled, str]] = []
    for one, page in found:
        if one.target:
            aliases[one.id] = (one.target, "")
        elif one.article is not None:
            articles.append((one, page))
        else:
            counted.problems.append(f"{one.id}: {one.problem}")
            _log.warning("recover.unreadable", article=one.id, problem=one.problem)
    await put_articles(connection, articles, home=home)
    await put_addresses(connection, aliases)
    counted.articles += len(articles)
    counted.aliases += len(aliases)


async def _put_lists(connection: AsyncConnection, new: Sequence[Leaf], found: Found) -> None:
    paths = dict.fromkeys((*(leaf.path for leaf in new if leaf.sha != EMPTY_SHA), *found.listed))
    gone = {list_at(leaf.path)[0] for leaf in new if leaf.sha == EMPTY_SHA}
    await names.drop(connection, filter(is_named, gone))
    shelves = await names.shelves(connection)
    for path in paths:
        if path.startswith("l/"):
            page = await asyncio.to_thread(found.tree.read, path)
            on_shelf = shelf_names(path, page)
            await names.put(connection, on_shelf)
            for one in on_shelf:
                shelves[one.shelf] = max(shelves.get(one.shelf, 0), one.place + 1)
            places = list_places(path, page)
            rows = [
                {"list": name, "place": place, "article": article}
                for name, place, article in places
            ]
            await upsert(connection, LISTINGS, rows)
    await names.put_shelves(connection, shelves)
    await name_marks.look_again(connection)  # tags that are too rare for a page have lists, too


async def _put_archives(
    connection: AsyncConnection, config: Config, new: Iterable[Leaf], found: Found
) -> None:
    for leaf in new:
        feed, number = document_at(leaf.path)
        if feed and leaf.sha != EMPTY_SHA:
            document = await asyncio.to_thread(found.tree.read, leaf.path)
            await archives.put(connection, feed, number, document_articles(document))
    await catch_up_after(connection, config.feeds)


async def _put_newsroom(connection: AsyncConnection, config: Config, found: Found) -> None:
    listed = found.listed
    if "index.html" in listed:
        menu = menu_of(found.tree.read("index.html"))
        rows = [
            {"slug": one.slug, "name": one.name, "place": place} for place, one in enumerate(menu)
        ]
        await upsert(connection, SECTIONS, rows)
    languages = await connection.execute(select(ARTICLES.c.language).distinct())
    every = sorted(one for one in languages.scalars() if one)
    await kept.put(connection, "languages", json.dumps(every))
    if not await kept.get(connection, "begun"):
        begun = begun_of(found.tree.read(FEED)) if FEED in listed else None
        await kept.put(connection, "begun", str(stored(begun or moment(found.head.time))))
    if MIRRORS_PATH in listed:
        await _put_addresses(connection, config, found)


async def _put_addresses(connection: AsyncConnection, config: Config, found: Found) -> None:
    told = parse_mirrors_json(found.tree.read(MIRRORS_PATH))
    await kept.put(connection, "addresses", encode_addresses(told.mirrors, told.updated))
    since = {one.url: one.since for one in told.mirrors}
    for mirror in config.mirrors:
        if mirror.url in since:
            day = datetime.combine(since[mirror.url], datetime.min.time(), told.updated.tzinfo)
            await mirrors.list_since(connection, [mirror.name], day)
