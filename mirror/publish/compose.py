"""``Composer``: from what the store has ready to the draft of the next edition.

Cost follows what is published: an article is rendered once, and with it the front page, its
section, the newest page of its lists, and the feeds that hold it.
"""

import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Earlier, article_path
from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError
from feeds.pages import Site, alias_page, reading_scripts
from mirror.config import Config
from mirror.keystore import KeyStore
from mirror.publish import marks
from mirror.publish.archive import arrivals_of, list_pages
from mirror.publish.articles import Outgoing, outgoing
from mirror.publish.contents import contents_page
from mirror.publish.draft import Draft
from mirror.publish.feed_marks import catch_up, feeds_touched
from mirror.publish.fronts import fixed_pages, front_pages
from mirror.publish.material import Material
from mirror.publish.name_lists import name_lists
from mirror.publish.name_marks import DUE, catch_up_names
from mirror.publish.subscriptions import Subscriptions, subscriptions
from mirror.store import articles, erasures, ledger, names, versions
from mirror.store.addresses import unlogged
from mirror.store.articles import ArticleBook
from mirror.store.folders import Folders
from mirror.store.names import Name
from mirror.store.versions import Ready

BATCH: Final = 200  # articles in one edition; the rest comes with the next

_log = structlog.get_logger(__name__)


class Composer:
    """Makes drafts for one newsroom.

    Attributes:
        settled: Whether the mutable pages are as this program and its settings want them; then
            there is a draft only where something waits in the store.
    """

    def __init__(self, config: Config, keys: KeyStore, folders: Folders) -> None:
        """Nothing is read yet."""
        self._config = config
        self._keys = keys
        self._folders = folders
        self._book = ArticleBook()
        self.settled = False
        self._behind = True  # more archive documents may be due than one edition closes
        self._unnamed = True  # articles may be on no list of their authors and tags
        self._held_some = False

    def use(self, keys: KeyStore) -> None:
        """Publish the keyrings of ``keys`` from now on."""
        self.settled = self.settled and keys is self._keys
        self._keys = keys

    def look_again(self) -> None:
        """What pages and feeds show besides articles may have changed in the store."""
        self.settled = False

    def held_some(self) -> bool:
        """Whether an article was held because it can't go out, since this was asked last."""
        held, self._held_some = self._held_some, False
        return held

    async def draft(self, connection: AsyncConnection, now: datetime) -> Draft | None:
        """What the next edition changes, or None where nothing is to be published.

        Raises:
            StoreError: Something that is to be published can't be read.
        """
        now = now.astimezone(UTC).replace(microsecond=0)
        ready = await versions.ready(connection, BATCH)
        aliases = await unlogged(connection, BATCH)
        erased = {one.article for one in await erasures.marked(connection)}
        newsroom, renewed = await marks.newsroom_now(
            connection, self._config, self._keys, [one.snapshot for one in ready], now
        )
        if renewed:
            await catch_up(connection, newsroom)
        behind, self._behind = self._behind, False
        due = await self._due_names(connection)
        self.settled = not (renewed or due or self._unnamed)
        site = newsroom.site
        made_of = [
            await self._outgoing(connection, one, site, now)
            for one in sorted(ready, key=_reading_order)
        ]
        outs = [out for out in made_of if out is not None]
        if not any((outs, aliases, renewed, behind, due)):
            return None
        now_in, before_in = await feeds_touched(connection, newsroom, outs)
        made = Material(
            newsroom=newsroom,
            site=site,
            outs=outs,
            erased=frozenset(erased),
            renewed=renewed,
            now=now,
            connection=connection,
            feeds_now=now_in,
            feeds_before=before_in,
            book=self._book,
        )
        feeds = await subscriptions(made, behind=behind)
        self._behind = feeds.behind
        self.settled = self.settled and not feeds.behind
        if not any((outs, aliases, renewed, due, feeds.documents)):
            return None
        return await self._of(made, aliases, feeds, due)

    async def _due_names(self, connection: AsyncConnection) -> tuple[Name, ...]:
        """Lists of authors and tags of what was published before they had lists."""
        if self._unnamed:
            self._unnamed = await catch_up_names(connection)
        return await names.due(connection, DUE)

    async def _outgoing(
        self, connection: AsyncConnection, ready: Ready, site: Site, now: datetime
    ) -> Outgoing | None:
        """``ready`` as it goes out; None where it can't: then it is held, and delays nobody."""
        earlier = await _earlier(connection, ready)
        try:
            out = outgoing(ready, earlier, site, now)
            lost = [item.path for item in out.media if not self._folders.has_file(item.path)]
            why = f"{lost[0]} is lost; `tamizdat articles refetch` brings it back" if lost else ""
        except Exception as error:
            if not ready.is_new:
                raise  # what the operator or the source withdrew must not stay as it is
            _log.critical("article.not_rendered", id=ready.article, trace=traceback.format_exc())
            why = f"its page can't be made, a mistake in this program: {error!r}; please report it"
        if not why:
            return out
        await versions.hold(connection, ready.article, ready.number, why)
        self._held_some = True
        return None

    async def _of(
        self,
        made: Material,
        aliases: Sequence[tuple[str, str]],
        feeds: Subscriptions,
        due: Sequence[Name],
    ) -> Draft:
        comes = await arrivals_of(made.connection, made.newsroom, made.outs)
        leaves = await self._leaves(made)
        leaves |= {
            article_path(alias): alias_page(article, made.site.language)
            for alias, article in aliases
        }
        leaves |= await self._erased(made, leaves)
        lists, closed = await list_pages(made, comes)
        named = await name_lists(made, due)
        fronts = await front_pages(made, comes)
        shown = fixed_pages(made, comes) | lists | fronts | feeds.files
        shown |= named.mutable
        shown |= await contents_page(made, comes, named.kinds, begins=named.begins)

        async def record(connection: AsyncConnection) -> None:
            await marks.record(connection, made.newsroom, made.outs, comes, aliases)
            if made.renewed:
                await marks.record_newsroom(connection, made.newsroom)
            await named.record(connection)
            await feeds.record(connection)
            ids = {out.article.id for out in made.outs}
            await erasures.logged(connection, ids & made.erased)
            await erasures.overtaken(connection, ids - made.erased)

        return Draft(
            leaves=leaves | closed | named.leaves | feeds.documents,
            mutable=await _dropped(made, shown) | shown,
            closed=tuple(closed),
            articles=len(made.outs),
            record=record,
        )

    async def _leaves(self, made: Material) -> dict[str, bytes]:
        """Scripts, pictures, kept pages, further pages and articles, in the order of the log."""
        media = {item.path for out in made.outs for item in out.media}
        kept = {out.keeps for out in made.outs if out.keeps}
        scripts = reading_scripts(made.site, [out.article for out in made.outs])
        wanted = media | kept | scripts.keys()
        there = await ledger.hashes(made.connection, wanted)
        missing = {path for path in wanted if there.get(path, EMPTY_SHA) == EMPTY_SHA}
        leaves = {path: data for path, data in scripts.items() if path in missing}
        for out in made.outs:
            leaves |= {
                item.path: self._media(item.path) for item in out.media if item.path in missing
            }
            leaves |= self._kept(out) if out.keeps in missing else {}
            leaves |= out.files
        return leaves

    async def _erased(self, made: Material, leaves: Mapping[str, bytes]) -> dict[str, bytes]:
        """Files that go altogether with the articles that are erased (format 1.3)."""
        again = {item.path for out in made.outs for item in out.media} | leaves.keys()
        gone: dict[str, bytes] = {}
        for out in made.erasing:
            paths = await erasures.files_to_erase(made.connection, out.article.id)
            gone |= dict.fromkeys((path for path in paths if path not in again), b"")
        return gone

    def _kept(self, out: Outgoing) -> dict[str, bytes]:
        """The page that is replaced, where it stays (format 1.3)."""
        return {out.keeps: self._folders.read(out.article.path)}

    def _media(self, path: str) -> bytes:
        try:
            return self._folders.get_incoming(path)
        except MissingFileError:
            return self._folders.read(path)


async def _dropped(made: Material, shown: Mapping[str, bytes | None]) -> dict[str, None]:
    """Feeds that are published, and that the newsroom has no more."""
    if not made.renewed:
        return {}
    listed = await ledger.listed(made.connection)
    return {path: None for path in listed if path.startswith("feeds/") and path not in shown}


async def _earlier(connection: AsyncConnection, ready: Ready) -> tuple[Earlier, ...]:
    """The versions that the article's page names already."""
    if ready.before is None:
        return ()
    number = ready.before[0]
    rows = await versions.history(connection, ready.article)
    return tuple(articles.earlier_of(row) for row in rows if row.until and row.number < number)


def _reading_order(ready: Ready) -> tuple[float, str]:
    snapshot = ready.snapshot
    return (snapshot.published_at or snapshot.fetched_at).timestamp(), ready.article
