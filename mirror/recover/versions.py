"""An article's rows from what its page says, beside the rows that are there already."""

from collections.abc import Iterable, Mapping, Sequence
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
from mirror.store.addresses import forms
from mirror.store.database import upsert
from mirror.store.tables import ADDRESSES, ARTICLES, FILES, VERSIONS
from mirror.store.times import stored

_TAKEN: Final = ("ready", "held", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A published version, as the pages tell of it."""

    page: str  # hex SHA-256 of its page, or empty where that was erased
    snapshot: Snapshot | None
    until: datetime | None = None
    change: str = ""


async def put_articles(
    connection: AsyncConnection, found: Sequence[tuple[Recalled, str]], *, home: str
) -> None:
    """Let the database say of these what their pages say; each comes with its page's hash.

    Versions that wait there go on waiting, but for those that readers have got since, and
    for older ones than these. ``home`` stands for the address of what was erased.
    """
    ids = [one.id for one, _ in found]
    query = select(ARTICLES.c.id).where(ARTICLES.c.id.in_(ids))
    known = frozenset((await connection.execute(query)).scalars())
    new = [(one, page) for one, page in found if one.id not in known]
    await _put_new(connection, [(one.article, one.texts, page) for one, page in new], home)
    for one, page in found:
        if one.article is not None and one.id in known:
            await _put_known(connection, one.article, _wanted(one.article, one.texts, page), home)
    files = ({"path": path, "article": one.id} for one, _ in found for path in sorted(one.files))
    await upsert(connection, FILES, files)
    own = ((one.id, one.article) for one, _ in found)
    await put_addresses(
        connection,
        {name: (name, article.snapshot.source_url) for name, article in own if article},
    )
    for one, _ in found:
        article = one.article
        if article and article.state is State.WITHDRAWN and article.snapshot.source_url == home:
            await _erase(connection, one.id, home)


async def put_addresses(
    connection: AsyncConnection, addresses: Mapping[str, tuple[str, str]]
) -> None:
    """Remember addresses that have a page, by id: the article, and the address if it is known."""
    known = await forms(connection, addresses)
    rows = (
        {
            "id": address,
            "form": known[address][1] if address in known else _form(url, address),
            "article": article,
            "logged": 1,
        }
        for address, (article, url) in addresses.items()
    )
    await upsert(connection, ADDRESSES, rows)


def _form(url: str, address: str) -> str:
    """The normal form of ``url``, if that is the address with this id."""
    try:
        return normal_form(url) if url and article_id(url) == address else ""
    except InvalidAddressError:
        return ""


async def _put_new(
    connection: AsyncConnection,
    found: Iterable[tuple[Article | None, Sequence[Snapshot | None], str]],
    home: str,
) -> None:
    """Articles that the database knows nothing of, many at once."""
    articles: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for article, texts, page in found:
        if article is not None:
            every = _wanted(article, texts, page)
            rows += (_version_row(article, n, one, home) for n, one in enumerate(every, 1))
            articles.append(_article_row(article, len(every), slug_of(article.snapshot)))
    await upsert(connection, ARTICLES, articles)
    await upsert(connection, VERSIONS, rows)


async def _put_known(
    connection: AsyncConnection, article: Article, every: Sequence[_Wanted], home: str
) -> None:
    """An article of which versions are there, published or waiting."""
    rows = list(await versions.history(connection, article.id))
    number = 0
    for wanted in every:
        row = _same(rows, number, wanted, withdrawn=article.state is State.WITHDRAWN)
        if row is None:
            number = max((row.number for row in rows), default=0) + 1
            new = _version_row(article, number, wanted, home)
            await connection.execute(VERSIONS.insert().values(new))
            rows = list(await versions.history(connection, article.id))
        else:
            number = row.number
            await _mark(connection, article.id, number, wanted)
    query = select(ARTICLES.c.section).where(ARTICLES.c.id == article.id)
    before = str((await connection.execute(query)).scalar() or "")
    withdrawn = article.state is State.WITHDRAWN  # its page names no section
    section = before if withdrawn else slug_of(article.snapshot)
    await upsert(connection, ARTICLES, [_article_row(article, number, section)])
    await _drop_older(connection, article)


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


def _version_row(article: Article, number: int, wanted: _Wanted, home: str) -> dict[str, object]:
    snapshot = wanted.snapshot or erasures.stub(article.snapshot, home)
    return {
        "article": article.id,
        "number": number,
        "snapshot": snapshot.encode(),
        "fetched": stored(snapshot.fetched_at),
        "reasons": "[]",
        "headers": "{}",
        **_told(wanted),
    }


def _article_row(article: Article, number: int, section: str) -> dict[str, object]:
    return {
        "id": article.id,
        "state": article.state.value,
        "pending": 0,
        "version": number,
        "published": stored(article.published),
        "updated": stored(article.updated),
        "section": section,
        "language": primary(article.snapshot.language),
    }


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
