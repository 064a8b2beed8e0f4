"""Which articles go into archive documents of a feed, and when (RFC 5005, 4). Pure.

Whoever reads a feed and its archive must get everything that was ever in it. So an article
that waits for a document is put into one as soon as the feed itself has no more room for it;
others that wait fill the document up, so that there is one for ``PER_DOCUMENT`` articles.
A correction waits again: the newer document counts.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from feeds.article import Article

PER_DOCUMENT: Final = 50
MOST_DOCUMENTS: Final = 8  # that one edition closes of one feed; the next ones go on
MOST_WAITING: Final = PER_DOCUMENT * MOST_DOCUMENTS


def due(waiting: Sequence[str], shown: Collection[str]) -> tuple[str, ...]:
    """The ids that go into documents now, in their order, at most ``MOST_WAITING``.

    Args:
        waiting: Ids of the articles that wait, oldest first.
        shown: Ids of those that the feed itself holds.
    """
    lost = [one for one in waiting if one not in shown][:MOST_WAITING]
    room = -len(lost) % PER_DOCUMENT
    chosen = {*lost, *islice((one for one in waiting if one in shown), room)}
    return tuple(one for one in waiting if one in chosen)


def bound(
    articles: Sequence[Article], weigh: Callable[[Article], int], max_bytes: int
) -> Iterator[tuple[Article, ...]]:
    """``articles`` by documents: each of ``PER_DOCUMENT`` at most, and ``max_bytes`` or one."""
    document: list[Article] = []
    room = max_bytes
    for article in articles:
        size = weigh(article)
        if document and (size > room or len(document) == PER_DOCUMENT):
            yield tuple(document)
            document, room = [], max_bytes
        document.append(article)
        room -= size
    if document:
        yield tuple(document)
