"""Versions of articles: taken in, held, released, and marked as published."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.snapshot import Snapshot
from mirror.store.addresses import put_addresses
from mirror.store.database import insert_new
from mirror.store.tables import ARTICLES, VERSIONS
from mirror.store.times import moment, stored

_WITH_ARTICLE: Final = select(
    VERSIONS, ARTICLES.c.state, ARTICLES.c.published, ARTICLES.c.version
).join(ARTICLES, ARTICLES.c.id == VERSIONS.c.article)
_READY: Final = (
    _WITH_ARTICLE.where(VERSIONS.c.status == "ready", ARTICLES.c.state != State.WITHDRAWN.value)
    .order_by(VERSIONS.c.article)
    .limit(bindparam("limit"))
)
_PENDING: Final = _WITH_ARTICLE.where(
    ARTICLES.c.pending == 1, VERSIONS.c.number == ARTICLES.c.version
).limit(bindparam("limit"))
_NEW_VERSION: Final = VERSIONS.insert()
_STATE: Final = select(ARTICLES.c.state).where(ARTICLES.c.id == bindparam("id"))
_STATES: Final = select(ARTICLES.c.id, ARTICLES.c.state).where(
    ARTICLES.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version that was read and is not known yet.

    Attributes:
        article: Id of its article.
        addresses: Every address of the article by id, with its normal form; its own too.
        snapshot: What was read.
        reasons: Why a person must look first; empty: it may be published.
        raw: Hex SHA-256 of the page as fetched, or empty.
        raw_type: Its media type.
        headers: Of the answer.
    """

    article: str
    addresses: Mapping[str, str]
    snapshot: Snapshot
    reasons: tuple[str, ...] = ()
    raw: str = ""
    raw_type: str = ""
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A version that is to be published.

    Attributes:
        article: Id of its article.
        number: Of the version.
        snapshot: What to publish.
        state: Of the article.
        published: Unix seconds that readers see; 0 where it was never published.
        before: The published version that it replaces: number, snapshot and page hash.
    """

    article: str
    number: int
    snapshot: Snapshot
    state: State
    published: int
    before: tuple[int, Snapshot, str] | None

    @property
    def is_new(self) -> bool:
        """Whether this version was never published."""
        return self.before is None or self.before[0] != self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A version that waits for a person."""

    article: str
    number: int
    snapshot: Snapshot
    reasons: tuple[str, ...]
    since: datetime


async def state_of(connection: AsyncConnection, article: str) -> State | None:
    """How an article stands; None where there is none."""
    found = (await connection.execute(_STATE, {"id": article})).scalar()
    return None if found is None else State(found)


async def states_of(connection: AsyncConnection, articles: Sequence[str]) -> dict[str, State]:
    """How these articles stand, but for those that are not there."""
    rows = await connection.execute(_STATES, {"ids": list(articles)})
    return {row.id: State(row.state) for row in rows}


async def newest_snapshot(connection: AsyncConnection, article: str) -> Snapshot | None:
    """The newest version that was read and not dropped, published or not."""
    query = (
        select(VERSIONS.c.snapshot)
        .where(VERSIONS.c.article == article, VERSIONS.c.status.in_(("ready", "held", "published")))
        .order_by(VERSIONS.c.number.desc())
        .limit(1)
    )
    return await _snapshot(connection, query)


async def last_snapshot(connection: AsyncConnection, article: str) -> Snapshot | None:
    """The version that was read last, whatever became of it; None where it was erased."""
    query = (
        select(VERSIONS.c.snapshot)
        .where(VERSIONS.c.article == article, VERSIONS.c.status != "erased")
        .order_by(VERSIONS.c.number.desc())
        .limit(1)
    )
    return await _snapshot(connection, query)


async def published_snapshot(connection: AsyncConnection, article: str) -> Snapshot | None:
    """The version that readers have, or None."""
    query = (
        select(VERSIONS.c.snapshot)
        .join(ARTICLES, ARTICLES.c.id == VERSIONS.c.article)
        .where(ARTICLES.c.id == article, VERSIONS.c.number == ARTICLES.c.version)
        .where(VERSIONS.c.status == "published")
    )
    return await _snapshot(connection, query)


async def drop_pending(connection: AsyncConnection, article: str) -> None:
    """Drop what was read of an article and is not published."""
    await connection.execute(
        update(VERSIONS)
        .where(VERSIONS.c.article == article, VERSIONS.c.status.in_(("ready", "held")))
        .values(status="dropped")
    )


async def add(connection: AsyncConnection, new: NewVersion) -> int:
    """Take a version in; its number. What was read before it and not published is dropped."""
    number = 1
    row = {"id": new.article, "state": State.LIVE.value}
    if not await insert_new(connection, ARTICLES, [row]):
        query = select(func.max(VERSIONS.c.number)).where(VERSIONS.c.article == new.article)
        number += (await connection.execute(query)).scalar() or 0
        await drop_pending(connection, new.article)
    await put_addresses(connection, new.article, new.addresses)
    version = {
        "article": new.article,
        "number": number,
        "status": "held" if new.reasons else "ready",
        "snapshot": new.snapshot.encode(),
        "fetched": stored(new.snapshot.fetched_at),
        "reasons": json.dumps(new.reasons, ensure_ascii=False),
        "raw": new.raw,
        "raw_type": new.raw_type[:200],
        "headers": json.dumps(dict(new.headers), ensure_ascii=False),
    }
    await connection.execute(_NEW_VERSION, version)
    return number


async def ready(connection: AsyncConnection, limit: int) -> tuple[Ready, ...]:
    """Up to ``limit`` versions that may be published, and articles whose state changed."""
    new = list(await connection.execute(_READY, {"limit": limit}))
    fresh = {row.article for row in new}
    changed = await connection.execute(_PENDING, {"limit": limit})
    again = [row for row in changed if row.article not in fresh]
    before = await _published(connection, [(row.article, row.version) for row in (*new, *again)])
    return tuple(
        Ready(
            article=row.article,
            number=row.number,
            snapshot=Snapshot.decode(bytes(row.snapshot)),
            state=State(row.state),
            published=row.published,
            before=before.get(row.article),
        )
        for row in (*new, *again)
    )


async def held(connection: AsyncConnection) -> tuple[Held, ...]:
    """What waits for a person, the oldest first."""
    query = select(VERSIONS).where(VERSIONS.c.status == "held").order_by(VERSIONS.c.fetched)
    return tuple(
        Held(
            article=row.article,
            number=row.number,
            snapshot=Snapshot.decode(bytes(row.snapshot)),
            reasons=tuple(json.loads(row.reasons)),
            since=moment(row.fetched),
        )
        for row in await connection.execute(query)
    )


async def decide(connection: AsyncConnection, article: str, status: str) -> bool:
    """Release (``ready``) or drop (``dropped``) what is held of an article; False: nothing was."""
    changed = await connection.execute(
        update(VERSIONS)
        .where(VERSIONS.c.article == article, VERSIONS.c.status == "held")
        .values(status=status)
    )
    return changed.rowcount > 0


async def hold(connection: AsyncConnection, article: str, number: int, why: str) -> None:
    """Hold a version that was ready, for the operator to see why."""
    await connection.execute(
        update(VERSIONS)
        .where(VERSIONS.c.article == article, VERSIONS.c.number == number)
        .where(VERSIONS.c.status == "ready")
        .values(status="held", reasons=json.dumps([why], ensure_ascii=False))
    )


async def set_state(connection: AsyncConnection, article: str, state: State) -> bool:
    """Let an article stand otherwise, and its page be made again; False: it stood so."""
    changed = await connection.execute(
        update(ARTICLES)
        .where(ARTICLES.c.id == article, ARTICLES.c.state != state.value)
        .values(state=state.value, pending=1)
    )
    return changed.rowcount > 0


async def history(connection: AsyncConnection, article: str) -> tuple[Any, ...]:
    """Every version of an article as rows, the oldest first."""
    query = select(VERSIONS).where(VERSIONS.c.article == article).order_by(VERSIONS.c.number)
    return tuple((await connection.execute(query)).all())


async def _published(
    connection: AsyncConnection, versions: Sequence[tuple[str, int]]
) -> dict[str, tuple[int, Snapshot, str]]:
    numbers = {article: number for article, number in versions if number}
    if not numbers:
        return {}
    query = select(VERSIONS).where(
        VERSIONS.c.article.in_(list(numbers)), VERSIONS.c.status == "published"
    )
    return {
        row.article: (row.number, Snapshot.decode(bytes(row.snapshot)), row.page)
        for row in await connection.execute(query)
        if numbers[row.article] == row.number
    }


async def _snapshot(connection: AsyncConnection, query: Select[bytes]) -> Snapshot | None:
    """The snapshot that ``query`` finds, or None."""
    data = (await connection.execute(query)).scalar()
    return None if data is None else Snapshot.decode(bytes(data))
