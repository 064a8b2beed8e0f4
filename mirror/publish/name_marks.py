"""Let authors and tags of articles that were published before have their lists, bit by bit.

First the store learns which article comes to which list, some thousand articles at a time;
then each edition makes the pages of some lists. That is the way after an upgrade, and after
``recover`` for tags that are too rare for a page.
"""

import json
from collections import defaultdict
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.publish.lists import Arrivals
from mirror.publish.names import floor_of, names_of
from mirror.store import articles, kept, names
from mirror.store.database import upsert
from mirror.store.names import Name
from mirror.store.tables import LISTINGS

AT_ONCE: Final = 2_000  # articles
DUE: Final = 100  # lists that an edition takes on

_KEPT: Final = "named"  # the last article that was looked at, or ``_DONE``
_DONE: Final = "done"
_FIRST: Final = (-(2**62), "")


async def catch_up_names(connection: AsyncConnection, limit: int = AT_ONCE) -> bool:
    """Look at the next ``limit`` articles; whether there are more."""
    state = await kept.get(connection, _KEPT)
    if state == _DONE:
        return False
    published, article = json.loads(state) if state else _FIRST
    some = await names.labelled_after(connection, published, article, limit)
    placed = await names.places(connection, [one.id for one in some])
    called: dict[str, str] = {}
    new: dict[str, list[str]] = defaultdict(list)
    for one in some:
        for name, title in names_of(one.authors, one.tags).items():
            called.setdefault(name, title)
            if (name, one.id) not in placed:
                new[name].append(one.id)
    await _come(connection, called, new)
    more = len(some) == limit
    last = json.dumps([some[-1].published, some[-1].id]) if more else _DONE
    await kept.put(connection, _KEPT, last)
    return more


async def look_again(connection: AsyncConnection) -> None:
    """Articles came into the store by another way (``recover``)."""
    await kept.put(connection, _KEPT, "")


async def none_left(connection: AsyncConnection) -> None:
    """Whoever filled the store saw to the lists of every article."""
    await kept.put(connection, _KEPT, _DONE)


async def _come(
    connection: AsyncConnection, called: dict[str, str], new: dict[str, list[str]]
) -> None:
    known = await names.named(connection, called)
    lengths = await articles.list_lengths(connection, sorted(called))
    await upsert(connection, LISTINGS, Arrivals(lengths=lengths, new=new).rows())
    comes = [known.get(name, Name(list=name, name=called[name])) for name in sorted(called)]
    await names.put(
        connection,
        (
            replace(one, due=lengths[one.list] + len(new.get(one.list, ())) >= floor_of(one.list))
            for one in comes
            if one.list in new or one.list not in known
        ),
    )
