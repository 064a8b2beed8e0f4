"""Articles as readers get them: chosen and put together from their rows."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article, Earlier, State
from feeds.snapshot import Snapshot
from mirror.store.tables import ARTICLES, LABELS, LISTINGS, VERSIONS
from mirror.store.times import moment

_AT_ONCE: Final = 50  # lists that are asked for in one query
_REMEMBERED: Final = 400  # articles in memory: those of the feeds and the front pages

_PUBLISHED: Final = select(
    ARTICLES.c.id, ARTICLES.c.version, ARTICLES.c.state, ARTICLES.c.published, ARTICLES.c.updated
).where(ARTICLES.c.version > 0)
_NAMED: Final = _PUBLISHED.where(ARTICLES.c.id.in_(bindparam("ids", expanding=True)))
_VERSIONS: Final = (
    select(
        VERSIONS.c.article,
        VERSIONS.c.number,
        VERSIONS.c.status,
        VERSIONS.c.snapshot,
        VERSIONS.c.page,
        VERSIONS.c.until,
        VERSIONS.c.change,
    )
    .where(VERSIONS.c.article.in_(bindparam("ids", expanding=True)))
    .where(VERSIONS.c.status.in_(("published", "erased")))
    .order_by(VERSIONS.c.article, VERSIONS.c.number)
)
_PART: Final = (
    select(LISTINGS.c.article)
    .where(LISTINGS.c.list == bindparam("list"))
    .where(LISTINGS.c.place >= bindparam("first"), LISTINGS.c.place < bindparam("end"))
    .order_by(LISTINGS.c.place)
)
_PLACES: Final = select(LISTINGS.c.list, LISTINGS.c.place).where(
    LISTINGS.c.article == bindparam("article")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Which articles a front page or a feed is of; all, where nothing is said.

    Attributes:
        section: Slug.
        language: Primary subtag.
        label: Name of a feed that is chosen by author or tag.
    """

    section: str | None = None
    language: str | None = None
    label: str | None = None


EVERYTHING: Final = Kind()


def of_kind(kind: Kind) -> ColumnElement[bool]:
    """Which ``article`` rows are published, and of that kind."""
    table = ARTICLES.c
    wanted: ColumnElement[bool] = table.version > 0
    if kind.section is not None:
        wanted &= table.section == kind.section
    if kind.language is not None:
        wanted &= table.language == kind.language
    if kind.label is not None:
        wanted &= table.id.in_(select(LABELS.c.article).where(LABELS.c.feed == kind.label))
    return wanted


class ArticleBook:
    """Published articles, read from the database; the last few hundred stay in memory.

    What is in memory is only used while the row says the same version, state and times.
    """

    def __init__(self) -> None:
        """Nothing is in memory yet."""
        self._known: OrderedDict[tuple[Any, ...], Article] = OrderedDict()  # by the row

    async def newest(
        self,
        connection: AsyncConnection,
        limit: int,
        kind: Kind = EVERYTHING,
        *,
        without: Iterable[str] = (),
    ) -> tuple[Article, ...]:
        """The ``limit`` newest published articles of ``kind``, newest first."""
        wanted = {name: value for name, value in asdict(kind).items() if value is not None}
        given = {**wanted, "without": list(without), "limit": limit}
        rows = (await connection.execute(_newest(frozenset(wanted)), given)).all()
        return await self._of(connection, rows)

    async def named(self, connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Article]:
        """The published articles with these ids, by id."""
        rows = (await connection.execute(_NAMED, {"ids": list(ids)})).all()
        found = await self._of(connection, rows)
        return {article.id: article for article in found}

    async def _of(self, connection: AsyncConnection, rows: Sequence[Any]) -> tuple[Article, ...]:
        keys = [tuple(row) for row in rows]
        missing = [row for row, key in zip(rows, keys, strict=True) if key not in self._known]
        versions = await _versions(connection, [row.id for row in missing]) if missing else {}
        for row in missing:
            self._known[tuple(row)] = article_of(row, versions[row.id])
        chosen = tuple(self._known[key] for key in keys)
        for key in keys:
            self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return chosen


def article_of(row: Any, versions: Sequence[Any]) -> Article:  # noqa: ANN401  # rows
    """The article of an ``article`` row and its ``version`` rows, in order of their numbers."""
    current = next(version for version in versions if version.number == row.version)
    return Article(
        id=row.id,
        snapshot=Snapshot.decode(bytes(current.snapshot)),
        published=moment(row.published),
        updated=moment(row.updated),
        earlier=tuple(
            earlier_of(one) for one in versions if one.until and one.number < row.version
        ),
        state=State(row.state),
    )


def earlier_of(version: Any) -> Earlier:  # noqa: ANN401  # a row
    """A replaced version, as pages name it."""
    path = page_path(version.page) if version.page and version.status != "erased" else ""
    change = tuple(version.change.split()) if version.change else ()
    return Earlier(path=path, until=moment(version.until), change=change)


def page_path(sha: str) -> str:
    """``p/hh/<sha256>.html``: where the page with that hash stays."""
    return f"p/{sha[:2]}/{sha}.html"


async def list_lengths(connection: AsyncConnection, names: Iterable[str]) -> dict[str, int]:
    """How many articles came to each of these lists so far."""
    wanted = tuple(names)
    lengths: dict[str, int] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        some = wanted[at : at + _AT_ONCE]
        given = {f"list_{n}": name for n, name in enumerate(some)}
        row = (await connection.execute(_lengths(len(some)), given)).one()
        lengths |= {
            name: 0 if place is None else place + 1 for name, place in zip(some, row, strict=True)
        }
    return lengths


async def list_part(
    connection: AsyncConnection, name: str, first: int, count: int
) -> tuple[str, ...]:
    """The ids at ``count`` places of a list from ``first`` on, oldest first."""
    given = {"list": name, "first": first, "end": first + count}
    return tuple((await connection.execute(_PART, given)).scalars())


async def places_of(connection: AsyncConnection, article: str) -> tuple[tuple[str, int], ...]:
    """Every list that the article is on, with its place there."""
    rows = await connection.execute(_PLACES, {"article": article})
    return tuple((row.list, row.place) for row in rows)


async def _versions(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Any]]:
    """The current version of each article whole, and of earlier ones what pages say of them."""
    found: dict[str, list[Any]] = {article: [] for article in ids}
    for row in await connection.execute(_VERSIONS, {"ids": list(ids)}):
        found[row.article].append(row)
    return found


@cache
def _newest(told: frozenset[str]) -> Select[Any]:
    """The newest of a kind of which these fields are given."""
    by, ids = ARTICLES.c.published, ARTICLES.c.id
    query = _PUBLISHED
    for name in told - {"label"}:
        query = query.where(ARTICLES.c[name] == bindparam(name))
    if "label" in told:
        by, ids = LABELS.c.published, LABELS.c.article  # as its index has them
        query = query.join(LABELS, ids == ARTICLES.c.id).where(LABELS.c.feed == bindparam("label"))
    query = query.where(ids.not_in(bindparam("without", expanding=True)))
    return query.order_by(by.desc(), ids.desc()).limit(bindparam("limit"))


@cache
def _lengths(count: int) -> Select[Any]:
    """The last place of each of so many lists.

    Each looks at one end of an index; to group by list would read all of it.
    """
    lists = (LISTINGS.c.list == bindparam(f"list_{n}") for n in range(count))
    last = select(func.max(LISTINGS.c.place))
    return select(*(last.where(one).scalar_subquery() for one in lists))
