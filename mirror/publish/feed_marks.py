"""What the store must remember of feeds.

Which articles those by author or tag hold, and of which feeds there are archive documents.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.config import FeedsConfig
from mirror.publish.articles import Outgoing
from mirror.publish.chosen import Chosen, chosen_feeds, feeds_of
from mirror.publish.newsroom import Newsroom, feed_name, kind_of
from mirror.store import archives, kept, labels
from mirror.store.times import stored

_LABELS: Final = "labels"
_ARCHIVES: Final = "archives"

Held = Mapping[str, frozenset[str]]
"""Ids of articles by the names of feeds that hold them."""


async def catch_up(connection: AsyncConnection, newsroom: Newsroom) -> None:
    """Let feeds that the settings name for the first time have what was published before.

    The only work here that grows with the archive: once for a change of the settings.
    """
    remembered = await kept.get_many(connection, (_LABELS, _ARCHIVES))
    wanted = [one.feed for one in newsroom.chosen]
    known = json.loads(remembered.get(_LABELS) or "[]")
    if wanted != known:
        await labels.forget(connection, set(known).difference(wanted))
        await _fill_labels(connection, newsroom.chosen, frozenset(wanted).difference(known))
        await kept.put(connection, _LABELS, json.dumps(wanted))
    archived = [feed_name(one) for one in newsroom.channels if newsroom.is_archived(one)]
    begun = json.loads(remembered.get(_ARCHIVES) or "[]")
    if archived != begun:
        for feed in set(archived).difference(begun):
            await archives.begin(connection, feed, kind_of(feed))
        await kept.put(connection, _ARCHIVES, json.dumps(archived))


async def catch_up_after(connection: AsyncConnection, config: FeedsConfig) -> None:
    """The same for articles that came into the store by another way (``recover``)."""
    remembered = await kept.get_many(connection, (_LABELS, _ARCHIVES))
    known = frozenset(json.loads(remembered.get(_LABELS) or "[]"))
    await labels.forget(connection, known)
    await _fill_labels(connection, chosen_feeds(config), known)
    for feed in json.loads(remembered.get(_ARCHIVES) or "[]"):
        await archives.begin(connection, feed, kind_of(feed))


async def feeds_touched(
    connection: AsyncConnection, newsroom: Newsroom, outs: Sequence[Outgoing]
) -> tuple[Held, Held]:
    """Which feeds hold the articles of an edition, and which held them before."""
    now: dict[str, set[str]] = defaultdict(set)
    before: dict[str, set[str]] = defaultdict(set)
    for out in outs:
        one = out.article.id
        for feed in newsroom.feeds_with(out.section, out.language, out.article.snapshot):
            now[feed].add(one)
        if not out.is_first:
            for feed in newsroom.feeds_with(*out.was, None):
                before[feed].add(one)
    if newsroom.chosen:
        for feed, one in await labels.feeds_with(connection, [out.article.id for out in outs]):
            before[feed].add(one)
    return _frozen(now), _frozen(before)


async def record_labels(
    connection: AsyncConnection, newsroom: Newsroom, outs: Iterable[Outgoing]
) -> None:
    """Remember which feeds by author or tag hold these."""
    chosen = newsroom.chosen
    for out in outs if chosen else ():
        feeds = feeds_of(chosen, out.article.snapshot)
        await labels.put(connection, out.article.id, stored(out.article.published), feeds)


async def _fill_labels(
    connection: AsyncConnection, every: Iterable[Chosen], new: frozenset[str]
) -> None:
    chosen = [one for one in every if one.feed in new]
    if not chosen:
        return
    async for article, published, snapshot in labels.published_snapshots(connection):
        if feeds := feeds_of(chosen, snapshot):
            await labels.add(connection, article, published, feeds)


def _frozen(found: Mapping[str, set[str]]) -> Held:
    return {feed: frozenset(ids) for feed, ids in found.items()}
