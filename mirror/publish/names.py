"""Which authors and tags an article comes to the lists of, and what these lists are called. Pure.

Paths stay in the log for ever, so a list is called by a hash: what is erased names nobody. As
under ``a/``, its first digits make folders that a FAT file system can hold.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from feeds.pages import AUTHORS, TOPICS, shelf_of
from feeds.snapshot import one_line
from mirror.store.names import Name

MOST: Final = 10  # authors of one article, and tags, that get a list
LONGEST: Final = 100  # characters of a name; what is longer is none
TAG_FLOOR: Final = 3  # articles with a tag before it gets a list

_AUTHOR: Final = "by"
_TAG: Final = "tag"
_NAMED: Final = re.compile(r"(?:by|tag)/([0-9a-f]{2})/\1[0-9a-f]{10}")


def is_named(name: str) -> bool:
    """Whether the list of that name is an author's or a tag's."""
    return _NAMED.fullmatch(name) is not None


def names_of(authors: tuple[str, ...], tags: tuple[str, ...]) -> dict[str, str]:
    """The lists of an article with these, and the names above them."""
    found: dict[str, str] = {}
    for prefix, names in ((_AUTHOR, authors), (_TAG, tags)):
        mine = dict(_lists(prefix, names))
        found |= dict(list(mine.items())[:MOST])
    return found


def floor_of(name: str) -> int:
    """How many articles a list must have before readers see it."""
    return TAG_FLOOR if name.startswith(f"{_TAG}/") else 1


def shelved(name: Name) -> str:
    """The shelf on which a list stands in the contents."""
    return shelf_of(AUTHORS if name.list.startswith(f"{_AUTHOR}/") else TOPICS, name.name)


def kind_of_shelf(shelf: str) -> str:
    """``authors`` or ``topics``."""
    return shelf.partition("-")[0]


def _lists(prefix: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Letters great and small, and white space, count as the same."""
    for one in names:
        name = one_line(one)
        if name and len(name) <= LONGEST:
            named = sha256(name.casefold().encode()).hexdigest()[:12]
            yield f"{prefix}/{named[:2]}/{named}", name
