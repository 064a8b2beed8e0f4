"""An article's rows from what its page says, beside the rows that are there already."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article, State
from feeds.errors import InvalidAddressError
from feeds.ids import article_id, normal_form
from feeds.snapshot import Snapshot
from mirror.publish.articles import changes, primary, slug_of
from mirror.recover.pages import Recalled
from mirror.store import erasures, versions
from mirror.store.database import upsert
from mirror.store.tables import ADDRESSES, ARTICLES, VERSIONS
from mirror.store.times import stored

_TAKEN: Final = ("ready", "held", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A published version, as the pages tell of it."""

    page: str  # hex SHA-256 of its page, or empty where that was erased
    snapshot: Snapshot | None
    until: datetime | None = None
    change: str = ""


async def put_article(
    connection: AsyncConnection, found: Recalled, page: str, *, home: str
) -> None:
    """Let the database say of an article what its page with the hash ``page`` says.

    Versions that wait there go on waiting, but for those that readers have got since, and
    for older ones than these. ``home`` stands for the address of what was erased.
    """
    article = found.article
    assert article is not None  # noqa: S101  # the caller's promise
    rows = list(await versions.history(connection, article.id))
    number = 0
    for wanted in _wanted(article, found.texts, page):
        row = _same(rows, number, wanted, withdrawn=article.state is State.WITHDRAWN)
        if row is None:
            number = max((row.number for row in rows), default=0) + 1
            await _insert(connection, article, number, wanted, home)
            rows = list(await versions.history(connection, article.id))
        else:
            number = row.number
            await _mark(connection, article.id, number, wanted)
    await _put_row(connection, article, number)
    await _drop_older(connection, article)
    await put_address(connection, article.id, article.snapshot.source_url, article.id)
    await versions.put_files(connection, article.id, sorted(found.files))
    if article.state is State.WITHDRAWN and article.snapshot.source_url == home:
        await _erase(connection, article.id, home)


async def put_address(
    connection: AsyncConnection, address: str, url: str, article: str, *, logged: bool = True
) -> None:
    """Remember an address by its id; its normal form where ``url`` is that address."""
    known = await versions.forms(connection, [address])
    form = known[address][1] if address in known else ""
    try:
        if not form and url and article_id(url) == address:
            form = normal_form(url)
    except InvalidAddressError:
        form = ""
    row = {"id": address, "form": form, "article": article, "logged": int(logged)}
    await upsert(connection, ADDRESSES, [row])


def _wanted(article: Article, texts: Sequence[Snapshot | None], page: str) -> tuple[_Wanted, ...]:
    earlier = (
        _Wanted(
            page=one.path[5:-5] if one.path else "",
            snapshot=text,
            until=one.until,
            change=" ".join(one.change),
        )
        for one, text in zip(article.earlier, texts, strict=True)
    )
    return (*earlier, _Wanted(page=page, snapshot=article.snapshot))


def _same(rows: Sequence[Any], after: int, wanted: _Wanted, *, withdrawn: bool) -> Any | None:  # noqa: ANN401  # rows
    """The row of that version, if it is there, and comes after the number ``after``."""
    later = [row for row in rows if row.number > after]
    for row in later:
        if wanted.page and row.page == wanted.page:
            return row
    no_text = wanted.snapshot is None or (withdrawn and wanted.until is None)
    for row in later:
        if no_text:
            if row.status in ("published", "erased"):
                return row
        elif row.status in _TAKEN and _reads_alike(row, wanted.snapshot):
            return row
    return None


def _reads_alike(row: Any, wanted: Snapshot | None) -> bool:  # noqa: ANN401  # a row
    return wanted is not None and not changes(Snapshot.decode(bytes(row.snapshot)), wanted)


async def _insert(
    connection: AsyncConnection, article: Article, number: int, wanted: _Wanted, home: str
) -> None:
    snapshot = wanted.snapshot or erasures.stub(article.snapshot, home)
    values = {
        "article": article.id,
        "number": number,
        "snapshot": snapshot.encode(),
        "fetched": stored(snapshot.fetched_at),
        "reasons": "[]",
        "headers": json.dumps({}),
        **_told(wanted),
    }
    await connection.execute(VERSIONS.insert().values(values))


async def _mark(connection: AsyncConnection, article: str, number: int, wanted: _Wanted) -> None:
    await connection.execute(
        update(VERSIONS)
        .where(VERSIONS.c.article == article, VERSIONS.c.number == number)
        .values(_told(wanted))
    )


def _told(wanted: _Wanted) -> dict[str, object]:
    erased = wanted.snapshot is None and not wanted.page
    return {
        "status": "erased" if erased else "published",
        "page": wanted.page,
        "until": stored(wanted.until),
        "change": wanted.change,
    }


async def _put_row(connection: AsyncConnection, article: Article, number: int) -> None:
    query = select(ARTICLES.c.section).where(ARTICLES.c.id == article.id)
    before = (await connection.execute(query)).scalar() or ""
    withdrawn = article.state is State.WITHDRAWN  # its page names no section
    row = {
        "id": article.id,
        "state": article.state.value,
        "pending": 0,
        "version": number,
        "published": stored(article.published),
        "updated": stored(article.updated),
        "section": str(before) if withdrawn else slug_of(article.snapshot),
        "language": primary(article.snapshot.language),
    }
    await upsert(connection, ARTICLES, [row])


async def _drop_older(connection: AsyncConnection, article: Article) -> None:
    """What was read before the published text is not published after it."""
    await connection.execute(
        update(VERSIONS)
        .where(
            VERSIONS.c.article == article.id,
            VERSIONS.c.status == "ready",
            VERSIONS.c.fetched <= stored(article.snapshot.fetched_at),
        )
        .values(status="dropped")
    )


async def _erase(connection: AsyncConnection, article: str, home: str) -> None:
    """It was erased since the backup: what the backup brought back goes again."""
    await erasures.mark(connection, article, home)
    await erasures.logged(connection, [article])
    await connection.execute(update(ARTICLES).where(ARTICLES.c.id == article).values(pending=0))
