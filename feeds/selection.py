"""Which articles a feed or a page holds, in what order; and where a list page begins.

Lists are numbered from the oldest (format 1), so that a full page never changes again. An
item's place in a list is the order in which it came to the list, not its date: an article
that is found late, with an old date, goes on the newest page.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from typing import Final, TypeVar

from feeds.article import Article

PER_PAGE: Final = 40  # items on one list page; fits in the 12,000 bytes of format 1.6

_Item = TypeVar("_Item")


def reading_order(article: Article) -> tuple[datetime, str]:
    """What articles are sorted by, newest last; the id decides between equal dates."""
    return article.published, article.id


def newest(articles: Iterable[Article], limit: int) -> tuple[Article, ...]:
    """At most ``limit`` of ``articles``, newest first; any iterable, held one at a time."""
    return tuple(nlargest(max(limit, 0), articles, key=reading_order))


def page_of(place: int, per_page: int = PER_PAGE) -> int:
    """The number, from 1, of the list page with the item that came to the list ``place``-th.

    Places count from 0, the oldest.
    """
    return place // per_page + 1


def page_count(items: int, per_page: int = PER_PAGE) -> int:
    """How many pages a list of ``items`` has; an empty list has one, empty."""
    return max(1, -(-items // per_page))


def is_closed(number: int, items: int, per_page: int = PER_PAGE) -> bool:
    """Whether page ``number`` of a list of ``items`` is full, and so never changes again."""
    return number * per_page <= items


def page_slice(items: Sequence[_Item], number: int, per_page: int = PER_PAGE) -> Sequence[_Item]:
    """The items of page ``number``, where ``items`` is a whole list, oldest first."""
    return items[(number - 1) * per_page : number * per_page]
