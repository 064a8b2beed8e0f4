"""``Material``: what the parts of an edition are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article
from feeds.pages import FRONT_ARTICLES, Site
from feeds.selection import newest
from mirror.publish.articles import Outgoing
from mirror.publish.newsroom import Newsroom
from mirror.store.articles import ArticleBook


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
    chosen: dict[tuple[str | None, str | None], tuple[Article, ...]] = field(default_factory=dict)

    @property
    def erasing(self) -> tuple[Outgoing, ...]:
        """Those of ``outs`` of which nothing may be left."""
        return tuple(out for out in self.outs if out.article.id in self.erased)

    @property
    def sections(self) -> frozenset[str]:
        """Slugs of the sections that an article of this edition is in, or was."""
        return frozenset(slug for out in self.outs for slug in (out.section, out.was[0]))

    @property
    def languages(self) -> frozenset[str]:
        """Primary languages that an article of this edition is in, or was."""
        return frozenset(one for out in self.outs for one in (out.language, out.was[1]))

    async def newest(
        self, limit: int, *, section: str | None = None, language: str | None = None
    ) -> tuple[Article, ...]:
        """The ``limit`` newest articles with this edition, newest first, all or of one kind."""
        kind = section, language
        if kind not in self.chosen:  # once for a front and its feed
            most = max(FRONT_ARTICLES, self.newsroom.config.feeds.entries)
            self.chosen[kind] = await self._newest(most, section, language)
        return self.chosen[kind][:limit]

    async def _newest(
        self, limit: int, section: str | None, language: str | None
    ) -> tuple[Article, ...]:
        mine = [
            out.article
            for out in self.outs
            if section in (None, out.section) and language in (None, out.language)
        ]
        known = await self.book.newest(
            self.connection,
            limit,
            section=section,
            language=language,
            without=[out.article.id for out in self.outs],
        )
        return newest((*mine, *known), limit)

    async def named(self, ids: Sequence[str]) -> tuple[Article, ...]:
        """The articles with these ids, in their order, as this edition has them."""
        fresh = {out.article.id: out.article for out in self.outs}
        old = await self.book.named(self.connection, [one for one in ids if one not in fresh])
        return tuple(fresh.get(one) or old[one] for one in ids)
