"""Articles that must go altogether (format 1.3): which ones, and how far that has come.

``mark`` comes first and takes the text out of the database in the same transaction. What is
left, files in the tree, on mirrors and beside, is then found again after any crash.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.edition import EMPTY_SHA
from feeds.snapshot import Snapshot
from feeds.words import words_for
from mirror.store import kept, ledger, versions
from mirror.store.files import files_of, forget_files
from mirror.store.tables import ADDRESSES, ALERTS, ARTICLES, FILES, FOUND, KEPT, VERSIONS

_MARK: Final = "erase/"
MARKS: Final = select(KEPT).where(KEPT.c.name.like(f"{_MARK}%")).order_by(KEPT.c.name)
_WAITING: Final = ("ready", "held")
_STEP: Final = 500  # names in one query


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An article that is being erased.

    Attributes:
        article: Its id.
        media: Files under ``m/`` that any of its versions named, published or not.
        logged: Whether an edition says so already; files beside the tree are what is left.
    """

    article: str
    media: tuple[str, ...]
    logged: bool


async def mark(connection: AsyncConnection, article: str, home: str) -> None:
    """Begin to erase: the database forgets what the article said, the tree follows.

    Its addresses lose their text and keep their ids, so that it is never read again.
    ``home`` is the address that stands in place of the article's own.
    """
    rows = await versions.history(connection, article)
    snapshots = [Snapshot.decode(bytes(row.snapshot)) for row in rows]
    media = {item.path for snapshot in snapshots for item in snapshot.all_media}
    known = (await connection.execute(select(ARTICLES).where(ARTICLES.c.id == article))).one()
    for row, snapshot in zip(rows, snapshots, strict=True):
        await connection.execute(
            update(VERSIONS)
            .where(VERSIONS.c.article == article, VERSIONS.c.number == row.number)
            .values(
                status=_status_once_erased(row.status, is_current=row.number == known.version),
                snapshot=stub(snapshot, home).encode(),
                reasons="[]",
                raw="",
                raw_type="",
                headers="{}",
            )
        )
    await _forget_addresses(connection, article, snapshots)
    await connection.execute(
        update(ARTICLES)
        .where(ARTICLES.c.id == article)
        .values(state=State.WITHDRAWN.value, pending=int(known.version > 0))
    )
    earlier = next((one for one in await marked(connection) if one.article == article), None)
    media |= set(earlier.media if earlier else ())
    await _put(connection, Erasure(article=article, media=tuple(sorted(media)), logged=False))
    if not known.version:
        await logged(connection, [article])


def stub(snapshot: Snapshot, home: str) -> Snapshot:
    """What stands in place of an erased version: language, section and dates stay."""
    title = str(words_for(snapshot.language)("was withdrawn"))
    return Snapshot(
        source_url=home.partition("#")[0],
        fetched_at=snapshot.fetched_at,
        title=title[:1].upper() + title[1:],
        body_html="",
        section=snapshot.section,
        language=snapshot.language,
        published_at=snapshot.published_at,
    )


async def marked(connection: AsyncConnection) -> tuple[Erasure, ...]:
    """Everything that is being erased."""
    return tuple(
        Erasure(
            article=row.name.removeprefix(_MARK),
            media=tuple((told := json.loads(row.value))["media"]),
            logged=told["logged"],
        )
        for row in await connection.execute(MARKS)
    )


async def files_to_erase(connection: AsyncConnection, article: str) -> tuple[str, ...]:
    """The files under ``p/`` and ``m/`` that go with an article: no other one needs them."""
    erasure = next((one for one in await marked(connection) if one.article == article), None)
    if erasure is None:
        return ()
    mine = {*await files_of(connection, article), *erasure.media}
    mine -= await _needed_by_others(connection, article, erasure.media)
    there: dict[str, str] = {}
    every = sorted(mine)
    for start in range(0, len(every), _STEP):
        there |= await ledger.hashes(connection, every[start : start + _STEP])
    return tuple(path for path in every if there.get(path, EMPTY_SHA) != EMPTY_SHA)


async def logged(connection: AsyncConnection, articles: Iterable[str]) -> None:
    """The edition that erases these is committed."""
    wanted = set(articles)
    for one in await marked(connection) if wanted else ():
        if one.article in wanted:
            await forget_files(connection, one.article)
            await _put(connection, Erasure(article=one.article, media=one.media, logged=True))


async def overtaken(connection: AsyncConnection, articles: Iterable[str]) -> None:
    """The operator's word came while an edition with these was made: they go in the next one."""
    wanted = set(articles)
    for one in await marked(connection):
        if one.article in wanted:
            await _put(connection, Erasure(article=one.article, media=one.media, logged=False))
            await connection.execute(
                update(ARTICLES)
                .where(ARTICLES.c.id == one.article)
                .values(state=State.WITHDRAWN.value, pending=1)
            )


async def done(connection: AsyncConnection, articles: Iterable[str]) -> None:
    """Nothing of these is left."""
    names = [_MARK + article for article in articles]
    await connection.execute(delete(KEPT).where(KEPT.c.name.in_(names)))


async def raw_in_use(connection: AsyncConnection) -> frozenset[str]:
    """Hex SHA-256 of every fetched page that a version names."""
    rows = await connection.execute(select(VERSIONS.c.raw).where(VERSIONS.c.raw != ""))
    return frozenset(rows.scalars())


async def media_waiting(connection: AsyncConnection, without: str = "") -> frozenset[str]:
    """Files under ``m/`` that versions which are not published yet need."""
    query = select(VERSIONS.c.snapshot).where(
        VERSIONS.c.status.in_(_WAITING), VERSIONS.c.article != without
    )
    snapshots = (await connection.execute(query)).scalars()
    return frozenset(
        item.path for data in snapshots for item in Snapshot.decode(bytes(data)).all_media
    )


def _status_once_erased(status: str, *, is_current: bool) -> str:
    if status in _WAITING:
        return "dropped"
    return status if is_current or status == "dropped" else "erased"


async def _forget_addresses(
    connection: AsyncConnection, article: str, snapshots: Iterable[Snapshot]
) -> None:
    mine = select(ADDRESSES.c.id).where(ADDRESSES.c.article == article)
    await connection.execute(delete(FOUND).where(FOUND.c.id.in_(mine)))
    await connection.execute(delete(FOUND).where(FOUND.c.id == article))
    known = select(ADDRESSES.c.form).where(ADDRESSES.c.article == article, ADDRESSES.c.form != "")
    await _redact_reasons(connection, (await connection.execute(known)).scalars().all())
    await connection.execute(
        update(ADDRESSES).where(ADDRESSES.c.article == article).values(form="")
    )
    said = {
        text for one in snapshots for text in (json.dumps(one.title, ensure_ascii=False)[1:-1],)
    }
    rows = (await connection.execute(select(ALERTS))).all()
    telling = [row.key for row in rows if any(text in row.alert for text in said)]
    await connection.execute(delete(ALERTS).where(ALERTS.c.key.in_(telling)))


async def _redact_reasons(connection: AsyncConnection, forms: Iterable[str]) -> None:
    """Other articles may be held because they claim one of these addresses."""
    every = tuple(forms)
    columns = (VERSIONS.c.article, VERSIONS.c.number, VERSIONS.c.reasons)
    rows = (await connection.execute(select(*columns).where(VERSIONS.c.reasons != "[]"))).all()
    for row in rows:
        reasons = row.reasons
        for form in every:
            reasons = reasons.replace(
                json.dumps(form, ensure_ascii=False)[1:-1], "an erased address"
            )
        if reasons != row.reasons:
            await connection.execute(
                update(VERSIONS)
                .where(VERSIONS.c.article == row.article, VERSIONS.c.number == row.number)
                .values(reasons=reasons)
            )


async def _needed_by_others(
    connection: AsyncConnection, article: str, media: Iterable[str]
) -> set[str]:
    needed = set(await media_waiting(connection, without=article))
    every = sorted(media)
    for start in range(0, len(every), _STEP):
        query = select(FILES.c.path).where(
            FILES.c.path.in_(every[start : start + _STEP]), FILES.c.article != article
        )
        needed |= set((await connection.execute(query)).scalars())
    return needed


async def _put(connection: AsyncConnection, erasure: Erasure) -> None:
    value = json.dumps({"logged": erasure.logged, "media": erasure.media})
    await kept.put(connection, _MARK + erasure.article, value)
