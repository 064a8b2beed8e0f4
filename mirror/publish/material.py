"""``Material``: what the parts of an edition are made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article
from feeds.pages import FRONT_ARTICLES, Site
from feeds.selection import newest
from mirror.publish.articles import Outgoing
from mirror.publish.chosen import feeds_of
from mirror.publish.newsroom import Newsroom
from mirror.store.articles import EVERYTHING, ArticleBook, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One edition, seen by those who make its pages, lists and feeds.

    Attributes:
        newsroom: As it stands with this edition.
        site: The same, as pages need it.
        outs: The articles of this edition.
        erased: Ids of articles that must go altogether, in this edition or another.
        renewed: Whether every mutable page must be made again.
        now: UTC, whole seconds.
        connection: For what was published before.
        book: Articles that were published before.
        feeds_now: By the name of a feed, the ids of this edition that it holds.
        feeds_before: The same for the versions that readers had before.
        chosen: The newest of each kind that was asked for.
    """

    newsroom: Newsroom
    site: Site
    outs: Sequence[Outgoing]
    erased: frozenset[str] = frozenset()
    renewed: bool
    now: datetime
    connection: AsyncConnection
    book: ArticleBook
    feeds_now: Mapping[str, frozenset[str]] = field(default_factory=dict)
    feeds_before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    chosen: dict[Kind, tuple[Article, ...]] = field(default_factory=dict)

    @property
    def erasing(self) -> tuple[Outgoing, ...]:
        """Those of ``outs`` of which nothing may be left."""
        return tuple(out for out in self.outs if out.article.id in self.erased)

    @property
    def sections(self) -> frozenset[str]:
        """Slugs of the sections that an article of this edition is in, or was."""
        return frozenset(slug for out in self.outs for slug in (out.section, out.was[0]))

    async def newest(self, limit: int, kind: Kind = EVERYTHING) -> tuple[Article, ...]:
        """The ``limit`` newest articles with this edition, newest first, all or of one kind."""
        if kind not in self.chosen:  # once for a front and its feed
            most = max(FRONT_ARTICLES, self.newsroom.config.feeds.entries)
            self.chosen[kind] = await self._newest(most, kind)
        return self.chosen[kind][:limit]

    async def _newest(self, limit: int, kind: Kind) -> tuple[Article, ...]:
        known = await self.book.newest(
            self.connection, limit, kind, without=[out.article.id for out in self.outs]
        )
        return newest((*self._of(kind), *known), limit)

    def _of(self, kind: Kind) -> Iterator[Article]:
        """Those of this edition that are of ``kind``."""
        for out in self.outs:
            labels = feeds_of(self.newsroom.chosen, out.article.snapshot) if kind.label else ()
            if (
                kind.section in (None, out.section)
                and kind.language in (None, out.language)
                and (kind.label is None or kind.label in labels)
            ):
                yield out.article

    async def named(self, ids: Sequence[str]) -> tuple[Article, ...]:
        """The articles with these ids, in their order, as this edition has them."""
        fresh = {out.article.id: out.article for out in self.outs}
        old = await self.book.named(self.connection, [one for one in ids if one not in fresh])
        return tuple(fresh.get(one) or old[one] for one in ids)
