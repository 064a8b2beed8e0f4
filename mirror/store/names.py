"""Authors and tags that have lists: what they are called, and where the contents name them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article, Earlier, State
from feeds.snapshot import Snapshot, one_line
from mirror.store import kept
from mirror.store.database import upsert
from mirror.store.tables import ARTICLES, LISTINGS, NAMES, VERSIONS
from mirror.store.times import moment

_AT_ONCE: Final = 500  # values in one query
_TEXTS: Final = 100  # articles that are in memory whole at once
_SHELVES: Final = "shelves"
_GONE: Final = ""  # stands in place of an erased article's id, so that others keep their places


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """An author or a tag.

    Attributes:
        list: Name of the list.
        name: As readers see it.
        shelf: Of the contents; empty as long as the list has no page.
        place: There, from 0, the oldest.
        pages: Of the list, that are published.
        due: Whether pages of it are to be made though nothing new came to it.
    """

    list: str
    name: str
    shelf: str = ""
    place: int = 0
    pages: int = 0
    due: bool = False

    def row(self) -> dict[str, object]:
        """The ``name`` row."""
        return {
            "list": self.list,
            "name": self.name,
            "shelf": self.shelf,
            "place": self.place,
            "pages": self.pages,
            "due": int(self.due),
        }


@dataclass(frozen=True, slots=True)
class Labelled:
    """A published article, as far as lists of names go."""

    id: str
    published: int
    authors: tuple[str, ...]
    tags: tuple[str, ...]


async def named(connection: AsyncConnection, lists: Iterable[str]) -> dict[str, Name]:
    """Those of ``lists`` that are known, by list."""
    wanted = sorted(lists)
    found: dict[str, Name] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        query = select(NAMES).where(NAMES.c.list.in_(wanted[at : at + _AT_ONCE]))
        found |= {row.list: _name(row) for row in await connection.execute(query)}
    return found


async def due(connection: AsyncConnection, limit: int) -> tuple[Name, ...]:
    """Up to ``limit`` of those that are due."""
    query = select(NAMES).where(NAMES.c.due == 1).limit(limit)
    return tuple(_name(row) for row in await connection.execute(query))


async def on_shelf(
    connection: AsyncConnection, shelf: str, first: int, count: int
) -> tuple[Name, ...]:
    """Those at ``count`` places of a shelf from ``first`` on."""
    places = (NAMES.c.place >= first, NAMES.c.place < first + count)
    query = select(NAMES).where(NAMES.c.shelf == shelf, *places)
    return tuple(_name(row) for row in await connection.execute(query))


async def put(connection: AsyncConnection, names: Iterable[Name]) -> None:
    """Remember ``names``."""
    await upsert(connection, NAMES, (one.row() for one in names))


async def drop(connection: AsyncConnection, lists: Iterable[str]) -> None:
    """Forget these lists."""
    gone = list(lists)
    if gone:
        await connection.execute(delete(NAMES).where(NAMES.c.list.in_(gone)))
        await connection.execute(delete(LISTINGS).where(LISTINGS.c.list.in_(gone)))


async def shelves(connection: AsyncConnection) -> dict[str, int]:
    """How many places each shelf has given away."""
    found: dict[str, int] = json.loads(await kept.get(connection, _SHELVES) or "{}")
    return found


async def put_shelves(connection: AsyncConnection, lengths: Mapping[str, int]) -> None:
    """Remember how many places each shelf has given away."""
    await kept.put(connection, _SHELVES, json.dumps(dict(lengths), sort_keys=True))


async def places(
    connection: AsyncConnection, articles: Iterable[str]
) -> dict[tuple[str, str], int]:
    """The place of each of ``articles`` on each list that it is on, by list and article."""
    wanted = list(articles)
    found: dict[tuple[str, str], int] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        query = select(LISTINGS).where(LISTINGS.c.article.in_(wanted[at : at + _AT_ONCE]))
        rows = await connection.execute(query)
        found |= {(row.list, row.article): row.place for row in rows}
    return found


async def has_others(connection: AsyncConnection, name: str, without: Iterable[str]) -> bool:
    """Whether a list has an article that is none of ``without``."""
    gone = [*without, _GONE]
    query = select(LISTINGS.c.article).where(LISTINGS.c.list == name)
    query = query.where(LISTINGS.c.article.not_in(gone)).limit(1)
    return (await connection.execute(query)).first() is not None


async def take_off(connection: AsyncConnection, article: str, lists: Sequence[str]) -> None:
    """Let an article stand on none of ``lists``; the others there keep their places."""
    mine = (LISTINGS.c.article == article, LISTINGS.c.list.in_(list(lists)))
    await connection.execute(update(LISTINGS).where(*mine).values(article=_GONE))


async def labelled_after(
    connection: AsyncConnection, published: int, article: str, limit: int
) -> tuple[Labelled, ...]:
    """The next ``limit`` published articles after that one, by date; withdrawn ones too."""
    found: list[Labelled] = []
    while len(found) < limit:
        count = min(_TEXTS, limit - len(found))
        after = tuple_(ARTICLES.c.published, ARTICLES.c.id) > (published, article)
        query = (
            select(ARTICLES.c.id, ARTICLES.c.published, ARTICLES.c.state, VERSIONS.c.snapshot)
            .join(VERSIONS, VERSIONS.c.article == ARTICLES.c.id)
            .where(VERSIONS.c.number == ARTICLES.c.version, after)
            .order_by(ARTICLES.c.published, ARTICLES.c.id)
            .limit(count)
        )
        some = [_labelled(row) for row in await connection.execute(query)]
        found += some
        if len(some) < count:
            break
        published, article = some[-1].published, some[-1].id
    return tuple(found)


async def headings(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Article]:
    """Published articles without their text: what a list says of them, and no more."""
    query = (
        select(ARTICLES, VERSIONS.c.number, VERSIONS.c.snapshot)
        .join(VERSIONS, VERSIONS.c.article == ARTICLES.c.id)
        .where(ARTICLES.c.id.in_(list(ids)), VERSIONS.c.number == ARTICLES.c.version)
    )
    rows = (await connection.execute(query)).all()
    replaced = select(VERSIONS.c.article, VERSIONS.c.number).where(
        VERSIONS.c.article.in_([row.id for row in rows if row.number > 1]), VERSIONS.c.until > 0
    )
    earlier = {(row.article, row.number) for row in await connection.execute(replaced)}
    return {
        row.id: _heading(row, corrected=any((row.id, n) in earlier for n in range(row.number)))
        for row in rows
    }


def _heading(row: Any, *, corrected: bool) -> Article:  # noqa: ANN401  # a row
    told = json.loads(row.snapshot)
    updated = moment(row.updated)
    snapshot = Snapshot(
        source_url=told["source_url"],
        fetched_at=updated,
        title=told["title"],
        body_html="",
        lead=told["lead"],
        section=told["section"],
        language=told["language"],
    )
    return Article(
        id=row.id,
        snapshot=snapshot,
        published=moment(row.published),
        updated=updated,
        earlier=(Earlier(path="", until=updated),) if corrected else (),
        state=State(row.state),
    )


def _labelled(row: Any) -> Labelled:  # noqa: ANN401  # a row
    told = json.loads(row.snapshot) if row.state != State.WITHDRAWN.value else {}
    authors, tags = (tuple(map(one_line, told.get(key, ()))) for key in ("authors", "tags"))
    return Labelled(row.id, row.published, authors, tags)


def _name(row: Any) -> Name:  # noqa: ANN401  # a row
    return Name(
        list=row.list,
        name=row.name,
        shelf=row.shelf,
        place=row.place,
        pages=row.pages,
        due=bool(row.due),
    )
