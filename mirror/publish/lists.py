"""Archive lists (format 1): which article comes to which list, and which pages that changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from feeds.article import Article
from feeds.pages import LIST_ARTICLES, list_path
from feeds.selection import page_of
from feeds.words import words_for
from mirror.publish.newsroom import ALL, Newsroom

_MONTH: Final = "m-"
_SECTION: Final = "s-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What comes to the lists in one edition.

    Attributes:
        lengths: How long each list was before.
        new: Ids that come to each list, in their order.
    """

    lengths: Mapping[str, int]
    new: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rows(self) -> list[dict[str, object]]:
        """The new ``listing`` rows."""
        return [
            {"list": name, "place": self.lengths[name] + place, "article": article}
            for name, ids in self.new.items()
            for place, article in enumerate(ids)
        ]

    def length(self, name: str) -> int:
        """How long a list is with them."""
        return self.lengths.get(name, 0) + len(self.new.get(name, ()))

    def newest_page(self, name: str) -> int:
        """The number of the page that is not closed."""
        return page_of(max(self.length(name) - 1, 0), LIST_ARTICLES)

    def pages(self, name: str) -> range:
        """The pages that they change: the one that was newest, and all after it."""
        before = page_of(max(self.lengths.get(name, 0) - 1, 0), LIST_ARTICLES)
        return range(before, self.newest_page(name) + 1)


def lists_for(article: Article, slug: str, zone: tzinfo) -> tuple[str, ...]:
    """The lists that ``article`` comes to: all, its month, its section if that has a page."""
    month = f"{_MONTH}{article.published.astimezone(zone):%Y-%m}"
    return (ALL, month, f"{_SECTION}{slug}") if slug else (ALL, month)


def arrivals(articles: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Ids by list, from ids with their lists, in the same order."""
    new: dict[str, tuple[str, ...]] = {}
    for article, names in articles:
        for name in names:
            new[name] = (*new.get(name, ()), article)
    return new


def list_title(name: str, newsroom: Newsroom) -> str:
    """What stands above a list."""
    w = words_for(newsroom.config.site.language)
    if name.startswith(_MONTH):
        return name.removeprefix(_MONTH)
    section = newsroom.section(name.removeprefix(_SECTION))
    return section.name if section and name != ALL else str(w("archive"))


def archive_path(name: str, page: int) -> str:
    """Path of that page of that list."""
    return list_path(name, page)
