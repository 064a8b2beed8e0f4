"""``Composer``: from what the store has ready to the draft of the next edition.

Cost follows what is published: an article is rendered once, and with it the front page, its
section, the newest page of its lists, and the feeds that hold it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.addresses import MIRRORS_PATH, mirrors_json
from feeds.article import Article, Earlier, State
from feeds.documents import documents
from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError
from feeds.opml import OPML_PATH, feeds_opml, mirrors_opml
from feeds.pages import (
    FRONT_ARTICLES,
    LIST_ARTICLES,
    Site,
    alias_page,
    find_page,
    front_page,
    list_page,
    list_path,
    mirrors_page,
    not_found_page,
    section_page,
)
from feeds.paths import keyring_path
from feeds.selection import newest
from mirror.config import Config
from mirror.keystore import KeyStore
from mirror.publish import marks
from mirror.publish.articles import Outgoing, outgoing
from mirror.publish.draft import Draft
from mirror.publish.lists import Arrivals, arrivals, list_title, lists_for
from mirror.publish.newsroom import ALL, Newsroom
from mirror.store import articles, ledger, versions
from mirror.store.articles import ArticleBook
from mirror.store.folders import Folders

BATCH: Final = 200  # articles in one edition; the rest comes with the next


class Composer:
    """Makes drafts for one newsroom."""

    def __init__(self, config: Config, keys: KeyStore, folders: Folders) -> None:
        """Nothing is read yet."""
        self._config = config
        self._keys = keys
        self._folders = folders
        self._book = ArticleBook()

    async def draft(self, connection: AsyncConnection, now: datetime) -> Draft | None:
        """What the next edition changes, or None where nothing is to be published.

        Raises:
            StoreError: Something that is to be published can't be read.
        """
        ready = await versions.ready(connection, BATCH)
        aliases = await versions.aliases(connection, BATCH)
        newsroom, renewed = await marks.newsroom_now(
            connection, self._config, self._keys, [one.snapshot for one in ready], now
        )
        if not ready and not aliases and not renewed:
            return None
        made = _Making(
            newsroom=newsroom,
            site=newsroom.site,
            connection=connection,
            book=self._book,
            folders=self._folders,
            now=now.astimezone(UTC).replace(microsecond=0),
        )
        return await made.draft(ready, aliases, renewed=renewed)


@dataclass
class _Making:
    """One draft, while it is made."""

    newsroom: Newsroom
    site: Site
    connection: AsyncConnection
    book: ArticleBook
    folders: Folders
    now: datetime

    async def draft(
        self,
        ready: Sequence[versions.Ready],
        aliases: Sequence[tuple[str, str]],
        *,
        renewed: bool,
    ) -> Draft:
        outs = [
            outgoing(one, await self._earlier(one), self.site, self.now)
            for one in sorted(ready, key=_reading_order)
        ]
        comes = await self._arrivals(outs)
        leaves = await self._leaves(outs)
        leaves |= {
            f"a/{alias[:2]}/{alias}.html": alias_page(article, self.site.language)
            for alias, article in aliases
        }
        mutable: dict[str, bytes | None] = {}
        closed: dict[str, bytes] = {}
        await self._lists(outs, comes, mutable, closed, renewed=renewed)
        await self._fronts(outs, comes, mutable, renewed=renewed)
        await self._feeds(outs, mutable, renewed=renewed)
        self._fixed(comes, mutable, renewed=renewed)

        async def record(connection: AsyncConnection) -> None:
            await marks.record(connection, self.newsroom, outs, comes, aliases)

        return Draft(
            leaves=leaves | closed,
            mutable=mutable,
            closed=tuple(closed),
            articles=len(outs),
            record=record,
        )

    async def _earlier(self, ready: versions.Ready) -> tuple[Earlier, ...]:
        if ready.before is None:
            return ()
        rows = await versions.history(self.connection, ready.article)
        return tuple(
            articles.earlier_of(row) for row in rows if row.until and row.number < ready.before[0]
        )

    async def _arrivals(self, outs: Iterable[Outgoing]) -> Arrivals:
        zone = self.newsroom.config.site.zone
        new = arrivals(
            (
                out.article.id,
                lists_for(out.article, self._slug(out.section), zone),
            )
            for out in outs
            if out.is_first
        )
        names = {ALL, *new, *(f"s-{section.slug}" for section in self.newsroom.sections)}
        lengths = await articles.list_lengths(self.connection, sorted(names))
        return Arrivals(lengths=lengths, new=new)

    def _slug(self, slug: str) -> str:
        return slug if self.newsroom.section(slug) else ""

    async def _leaves(self, outs: Sequence[Outgoing]) -> dict[str, bytes]:
        """Pictures, kept pages, continuation pages and articles, in the order of the log."""
        media = {item.path for out in outs for item in out.media}
        kept = {out.keeps for out in outs if out.keeps}
        there = await ledger.hashes(self.connection, media | kept)
        leaves: dict[str, bytes] = {}
        for out in outs:
            for item in out.media:
                if there.get(item.path, EMPTY_SHA) == EMPTY_SHA and item.path not in leaves:
                    leaves[item.path] = self._media(item.path)
            if out.keeps and there.get(out.keeps, EMPTY_SHA) == EMPTY_SHA:
                leaves[out.keeps] = self.folders.read(out.article.path)
            leaves |= out.files
        return leaves

    def _media(self, path: str) -> bytes:
        try:
            return self.folders.get_incoming(path)
        except MissingFileError:
            return self.folders.read(path)

    async def _lists(
        self,
        outs: Sequence[Outgoing],
        comes: Arrivals,
        mutable: dict[str, bytes | None],
        closed: dict[str, bytes],
        *,
        renewed: bool,
    ) -> None:
        touched = {name: set(comes.pages(name)) for name in comes.new}
        if renewed:
            for name in comes.lengths:
                touched.setdefault(name, {comes.newest_page(name)})
        for out in outs:
            if not out.is_first:
                for name, place in await articles.places_of(self.connection, out.article.id):
                    length = await articles.list_lengths(self.connection, [name])
                    every = comes if name in comes.lengths else Arrivals(lengths=length)
                    page = articles_page(place)
                    if page == every.newest_page(name):
                        touched.setdefault(name, set()).add(page)
        for name, pages in touched.items():
            length = await articles.list_lengths(self.connection, [name])
            every = comes if name in comes.lengths else Arrivals(lengths=length)
            for page in sorted(pages):
                data = await self._list(name, page, every, outs)
                if page < every.newest_page(name):
                    closed[list_path(name, page)] = data
                else:
                    mutable[list_path(name, page)] = data

    async def _list(self, name: str, page: int, comes: Arrivals, outs: Sequence[Outgoing]) -> bytes:
        first = (page - 1) * LIST_ARTICLES
        there = await articles.list_part(self.connection, name, first, LIST_ARTICLES)
        start = max(first - comes.lengths.get(name, 0), 0)
        new = comes.new.get(name, ())[start : start + LIST_ARTICLES - len(there)]
        ids = (*there, *new)
        fresh = {out.article.id: out.article for out in outs}
        old = await self.book.named(self.connection, [one for one in ids if one not in fresh])
        items = [fresh.get(one) or old[one] for one in reversed(ids)]
        closed = page < comes.newest_page(name)
        title = list_title(name, self.newsroom)
        return list_page(self.site, title, name, page, items, closed=closed)

    async def _fronts(
        self,
        outs: Sequence[Outgoing],
        comes: Arrivals,
        mutable: dict[str, bytes | None],
        *,
        renewed: bool,
    ) -> None:
        archive = list_path(ALL, comes.newest_page(ALL))
        chosen = await self._newest(outs, FRONT_ARTICLES)
        mutable["index.html"] = front_page(self.site, chosen, self.now, archive=archive)
        touched = {slug for out in outs for slug in (out.section, out.was[0])}
        for section in self.newsroom.sections:
            if renewed or section.slug in touched:
                chosen = await self._newest(outs, FRONT_ARTICLES, section=section.slug)
                name = f"s-{section.slug}"
                archive = list_path(name, comes.newest_page(name))
                page = section_page(self.site, section, chosen, archive=archive)
                mutable[section.path] = page

    async def _feeds(
        self, outs: Sequence[Outgoing], mutable: dict[str, bytes | None], *, renewed: bool
    ) -> None:
        sections = {slug for out in outs for slug in (out.section, out.was[0])}
        languages = {language for out in outs for language in (out.language, out.was[1])}
        for channel in self.newsroom.channels:
            name = channel.stem.removeprefix("feeds/")
            section = name.removeprefix("s-") if name.startswith("s-") else None
            language = name.removeprefix("lang-") if name.startswith("lang-") else None
            if renewed or (
                bool(outs) and section in {*sections, None} and language in {*languages, None}
            ):
                chosen = await self._newest(
                    outs,
                    channel.max_entries,
                    section=section,
                    language=language,
                    withdrawn=True,
                )
                mutable |= documents(channel, chosen)

    async def _newest(
        self,
        outs: Sequence[Outgoing],
        limit: int,
        *,
        section: str | None = None,
        language: str | None = None,
        withdrawn: bool = False,
    ) -> tuple[Article, ...]:
        mine = [
            out.article
            for out in outs
            if section in (None, out.section) and language in (None, out.language)
        ]
        known = await self.book.newest(
            self.connection,
            limit,
            section=section,
            language=language,
            without=[out.article.id for out in outs],
        )
        every = (*mine, *known)
        shown = every if withdrawn else [one for one in every if one.state is not State.WITHDRAWN]
        return newest(shown, limit)

    def _fixed(self, comes: Arrivals, mutable: dict[str, bytes | None], *, renewed: bool) -> None:
        archive = list_path(ALL, comes.newest_page(ALL))
        mutable["find.html"] = find_page(self.site, archive=archive)
        mutable["404.html"] = not_found_page(self.site, archive=archive)
        if not renewed:
            return
        room = self.newsroom
        mutable["mirrors.html"] = mirrors_page(self.site, room.addresses)
        mutable[MIRRORS_PATH] = mirrors_json(
            room.config.trust.origin, room.addresses_updated, room.addresses
        )
        mutable[OPML_PATH] = feeds_opml(self.site.title, room.channels)
        for channel in room.channels:
            mutable |= mirrors_opml(channel)
        newest_keyring = room.keys.newest
        for signed in room.keys.keyrings:
            path = keyring_path(signed.keyring.version)
            mutable[path] = signed.encode() if signed is newest_keyring else None


def articles_page(place: int) -> int:
    """The list page with the article that came to the list at ``place``."""
    return place // LIST_ARTICLES + 1


def _reading_order(ready: versions.Ready) -> tuple[float, str]:
    snapshot = ready.snapshot
    return (snapshot.published_at or snapshot.fetched_at).timestamp(), ready.article
