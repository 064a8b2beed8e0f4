"""Articles as the operator looks at them: a list, one by its address, its whole history."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State, article_path
from feeds.snapshot import Snapshot
from mirror.store import erasures, mirrors, versions
from mirror.store.addresses import article_at
from mirror.store.tables import ARTICLES, FOUND, LEAVES, VERSIONS
from mirror.store.times import moment, moment_or_none, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article in a list.

    Attributes:
        id: Of the article.
        title, url: Of its newest version that was read.
        state: How it stands.
        published: The date that readers see; None before it is published.
        held: Why its newest version waits for a person; empty where it does not.
        waits: Whether something of it is to be published.
        erasing: Whether it is being erased, and that is not over.
    """

    id: str
    title: str
    url: str
    state: State
    published: datetime | None
    held: tuple[str, ...]
    waits: bool
    erasing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """A page as it was fetched: its address, its hash under ``data/raw``, its Content-Type."""

    url: str
    raw: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article.

    Attributes:
        number: From 1, in the order in which they were read.
        status: ``ready``, ``held``, ``published``, ``dropped`` or ``erased``.
        snapshot: What was read; a stub once erased.
        reasons: Why it was held.
        until: When the next one replaced it, or None.
        change: What the next one changed.
    """

    number: int
    status: str
    snapshot: Snapshot
    reasons: tuple[str, ...]
    until: datetime | None
    change: tuple[str, ...]


async def newest(connection: AsyncConnection, limit: int) -> tuple[Row, ...]:
    """Up to ``limit`` articles: those that were never published, then the newest first."""
    query = select(ARTICLES).order_by(
        (ARTICLES.c.published == 0).desc(), ARTICLES.c.published.desc(), ARTICLES.c.id.desc()
    )
    return await _rows(connection, (await connection.execute(query.limit(limit))).all())


async def pages(connection: AsyncConnection, limit: int) -> tuple[KeptPage, ...]:
    """The pages of up to ``limit`` articles that ``newest`` names, in that order."""
    rows = await newest(connection, limit)
    found = await _newest_versions(connection, [row.id for row in rows])
    return tuple(
        KeptPage(url=row.url, raw=found[row.id].raw, type=found[row.id].raw_type)
        for row in rows
        if found[row.id].raw
    )


async def held(connection: AsyncConnection) -> tuple[Row, ...]:
    """Every article of which a version waits for a person."""
    waiting = select(VERSIONS.c.article).where(VERSIONS.c.status == "held")
    query = select(ARTICLES).where(ARTICLES.c.id.in_(waiting)).order_by(ARTICLES.c.id)
    return await _rows(connection, (await connection.execute(query)).all())


async def find(connection: AsyncConnection, address: str) -> Row | None:
    """The article that has this id, or is known by an address with it."""
    article = await article_at(connection, address) or address
    rows = (await connection.execute(select(ARTICLES).where(ARTICLES.c.id == article))).all()
    return next(iter(await _rows(connection, rows)), None)


async def history(connection: AsyncConnection, article: str) -> tuple[Version, ...]:
    """Every version, the oldest first."""
    return tuple(
        Version(
            number=row.number,
            status=row.status,
            snapshot=Snapshot.decode(bytes(row.snapshot)),
            reasons=tuple(json.loads(row.reasons)),
            until=moment_or_none(row.until),
            change=tuple(row.change.split()),
        )
        for row in await versions.history(connection, article)
    )


async def not_told(
    connection: AsyncConnection, article: str, names: Iterable[str]
) -> tuple[str, ...]:
    """Those mirrors of ``names`` that may still show what the article's newest page replaced.

    Their head is older than that page, or they owe deletions.
    """
    query = select(LEAVES.c.index).where(LEAVES.c.path == article_path(article))
    index = (await connection.execute(query)).scalar()
    if index is None:
        return ()
    late = []
    known = await mirrors.all_records(connection)
    for name in names:
        size = known[name].size if name in known else None
        if size is None or size <= index or await mirrors.owed(connection, name):
            late.append(name)
    return tuple(late)


async def hasten(connection: AsyncConnection, address: str, now: datetime) -> bool:
    """Let an address that waits be read at once; False: it does not wait."""
    changed = await connection.execute(
        update(FOUND).where(FOUND.c.id == address).values(due=stored(now), attempts=0)
    )
    return changed.rowcount > 0


async def _rows(connection: AsyncConnection, rows: Sequence[Any]) -> tuple[Row, ...]:
    newest_versions = await _newest_versions(connection, [row.id for row in rows])
    erasing = {one.article for one in await erasures.marked(connection)}
    return tuple(_row(row, newest_versions[row.id], erasing) for row in rows)


async def _newest_versions(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Any]:
    last = (
        select(VERSIONS.c.article, func.max(VERSIONS.c.number).label("number"))
        .where(VERSIONS.c.article.in_(ids))
        .group_by(VERSIONS.c.article)
        .subquery()
    )
    query = select(VERSIONS).join(
        last, (last.c.article == VERSIONS.c.article) & (last.c.number == VERSIONS.c.number)
    )
    return {row.article: row for row in await connection.execute(query)}


def _row(row: Any, version: Any, erasing: set[str]) -> Row:  # noqa: ANN401  # rows
    snapshot = Snapshot.decode(bytes(version.snapshot))
    is_held = version.status == "held"
    return Row(
        id=row.id,
        title=snapshot.title,
        url=snapshot.source_url,
        state=State(row.state),
        published=moment(row.published) if row.published else None,
        held=tuple(json.loads(version.reasons)) or ("held",) if is_held else (),
        waits=bool(row.pending) or version.status == "ready",
        erasing=row.id in erasing,
    )
