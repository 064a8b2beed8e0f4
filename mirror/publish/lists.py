"""Archive lists (format 1): which article comes to which list, and which pages that changes.

An article keeps its place in a list for ever. The newest page of a list is mutable; when the
next one is begun it is closed and becomes a leaf.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Final

from feeds.article import Article
from feeds.pages import LIST_ARTICLES
from feeds.selection import page_count
from feeds.words import words_for
from mirror.publish.newsroom import ALL, Newsroom

MONTH: Final = "m-"
LABELLED: Final = ("by-", "tag-")  # of an author or a tag; not made here: see ``name_lists``
_SECTION: Final = "s-"
_LIST_PAGE: Final = re.compile(r"l/([a-z0-9-]+(?:/[a-z0-9-]+)*)/([1-9][0-9]{0,8})\.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What comes to the lists in one edition.

    Attributes:
        lengths: How long each list was before; of a list that is not named, 0.
        new: Ids that come to each list, in their order.
    """

    lengths: Mapping[str, int]
    new: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def rows(self) -> list[dict[str, object]]:
        """The new ``listing`` rows."""
        return [
            {"list": name, "place": self.lengths.get(name, 0) + place, "article": article}
            for name, ids in self.new.items()
            for place, article in enumerate(ids)
        ]

    def newest_page(self, name: str) -> int:
        """The number of the page that is not closed."""
        length = self.lengths.get(name, 0) + len(self.new.get(name, ()))
        return page_count(length, LIST_ARTICLES)

    def goes_on(self, name: str) -> bool:
        """Whether a list begins, or goes on to another page."""
        return not self.lengths.get(name) or len(self.changed(name)) > 1

    def changed(self, name: str) -> frozenset[int]:
        """The pages that they change: the one that was newest, and all after it."""
        if name not in self.new:
            return frozenset()
        before = page_count(self.lengths.get(name, 0), LIST_ARTICLES)
        return frozenset(range(before, self.newest_page(name) + 1))

    def ids_on(self, name: str, page: int, there: tuple[str, ...]) -> tuple[str, ...]:
        """The ids on a page, oldest first; ``there`` are those that were on it before."""
        first = (page - 1) * LIST_ARTICLES
        start = max(first - self.lengths.get(name, 0), 0)
        return (*there, *self.new.get(name, ())[start : start + LIST_ARTICLES - len(there)])


def list_at(path: str) -> tuple[str, int]:
    """The list with a page at ``path``, and that page's number; no name where there is none."""
    match = _LIST_PAGE.fullmatch(path)
    return (match[1], int(match[2])) if match else ("", 0)


def section_list(slug: str) -> str:
    """The name of a section's list."""
    return f"{_SECTION}{slug}"


def lists_for(article: Article, slug: str, zone: tzinfo) -> tuple[str, ...]:
    """The lists that ``article`` comes to: all, its month, its section if that has a page."""
    month = f"{MONTH}{article.published.astimezone(zone):%Y-%m}"
    return (ALL, month, section_list(slug)) if slug else (ALL, month)


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
    if name.startswith(MONTH):
        year, _, month = name.removeprefix(MONTH).partition("-")
        return w.month(date(int(year), int(month), 1))
    if name.startswith(LABELLED):
        return name.partition("-")[2]  # of an earlier version of this program
    section = newsroom.section(name.removeprefix(_SECTION)) if name != ALL else None
    return section.name if section else str(w("archive"))
