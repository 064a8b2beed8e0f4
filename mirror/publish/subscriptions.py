"""The feeds that an edition changes, and the archive documents that it closes (RFC 5005).

A feed that shows nothing new is not rendered. Which articles wait for a document of which
feed is remembered in the store; what is decided here is written down with the edition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article
from feeds.channel import Channel
from feeds.documents import archive_document, full_feed, lite_documents, weight
from feeds.lite import MAX_ENTRIES as LITE_ENTRIES
from mirror.publish.history import MOST_WAITING, bound, due
from mirror.publish.material import Material
from mirror.publish.newsroom import feed_name, kind_of
from mirror.store import archives
from mirror.store.times import stored


@dataclass(slots=True)
class Subscriptions:
    """What comes of one edition.

    Attributes:
        files: Of feeds, by path.
        documents: Archive documents, by path: new ones, and those that lost an erased article.
        waiting: By feed, the ids that wait for a document from now on.
        closed: By feed and number, the ids in each new document.
        behind: Whether more documents are due than one edition may close.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    closed: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    behind: bool = False

    async def record(self, connection: AsyncConnection) -> None:
        """Remember it; part of the transaction that moves the log on."""
        for feed, ids in self.waiting.items():
            await archives.put(connection, feed, archives.OPEN, ids)
        for (feed, number), ids in self.closed.items():
            await archives.put(connection, feed, number, ids)


async def subscriptions(made: Material, *, behind: bool = False) -> Subscriptions:
    """Every feed that this edition touches; ``behind``: and every one that is archived."""
    found = Subscriptions()
    for channel in made.newsroom.channels:
        name = feed_name(channel)
        comes = made.renewed or name in made.feeds_now or name in made.feeds_before
        if comes or (behind and made.newsroom.is_archived(channel)):
            await _feed(made, channel, found)
    found.documents |= await _without_erased(made)
    return found


async def _feed(made: Material, channel: Channel, found: Subscriptions) -> None:
    name = feed_name(channel)
    chosen = await made.newest(channel.max_entries, kind_of(name))
    fresh = made.feeds_now.get(name, frozenset())
    anew = made.renewed or bool(made.feeds_before.get(name, frozenset()) - fresh)  # one left it
    shows = anew or not fresh.isdisjoint(one.id for one in chosen)
    if made.newsroom.is_archived(channel):
        await _archived_feed(made, channel, chosen, found, shows=shows)
    elif shows:
        found.files |= full_feed(channel, chosen).files
    if anew or not fresh.isdisjoint(one.id for one in chosen[:LITE_ENTRIES]):
        found.files |= lite_documents(channel, chosen)


async def _archived_feed(
    made: Material,
    channel: Channel,
    chosen: Sequence[Article],
    found: Subscriptions,
    *,
    shows: bool,
) -> None:
    name = feed_name(channel)
    last = await archives.last_number(made.connection, name)
    fresh = made.feeds_now.get(name, frozenset())
    waiting = await _waiting(made, name, fresh)
    ids = {one.id for one in chosen}
    whole = not last and ids.issuperset(waiting)
    channel = replace(channel, closed=last, complete=whole)
    full = full_feed(channel, chosen) if shows else None
    if full:
        ids = {one.id for one in full.articles}
    put = due(waiting, ids)
    if put:
        closed = _close(channel, await made.named(put), found)
        channel = replace(channel, closed=closed, complete=False)
        full = full_feed(channel, chosen)
        found.behind |= not ids.issuperset(set(waiting).difference(put))
    if full:
        found.files |= full.files
    found.waiting[name] = tuple(sorted(fresh))


def _close(channel: Channel, articles: Sequence[Article], found: Subscriptions) -> int:
    """Make documents of ``articles`` after those that there are; the number of the last."""
    number = channel.closed
    for document in bound(articles, partial(weight, channel), channel.max_bytes):
        number += 1
        path, data = archive_document(channel, number, document)
        found.documents[path] = data
        found.closed[feed_name(channel), number] = tuple(one.id for one in document)
    return number


async def _waiting(made: Material, name: str, fresh: frozenset[str]) -> tuple[str, ...]:
    """Ids of the articles that wait for a document, oldest first, with those of this edition."""
    limit = made.newsroom.config.feeds.entries + MOST_WAITING + 1
    known = await archives.waiting(made.connection, name, limit, without=fresh)
    new = (
        (stored(out.article.published), out.article.id)
        for out in made.outs
        if out.article.id in fresh
    )
    return tuple(one for _, one in sorted(chain(known, new)))


async def _without_erased(made: Material) -> dict[str, bytes]:
    """Documents that held what is erased now, made anew without it (format 1.3)."""
    gone = [out.article.id for out in made.erasing]
    documents: dict[str, bytes] = {}
    for name, number in await archives.holding(made.connection, gone) if gone else ():
        ids = await archives.held_by(made.connection, name, number)
        channel = made.newsroom.channel(name)
        path, data = archive_document(channel, number, await made.named(ids))
        documents[path] = data
    return documents
