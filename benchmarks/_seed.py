"""Archives to measure with: database, log and tree, written in bulk; genuine to `verify`.

``python -m benchmarks._seed FOLDER [ARTICLES]`` leaves one behind to look at.
"""

import asyncio
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from benchmarks._signing import WORKERS, sign_all, write_file
from benchmarks._stories import EVERY, SITE, form_of, id_of, ready, story
from feeds.article import Article
from feeds.channel import Channel
from feeds.documents import archive_document
from feeds.pages import LIST_ARTICLES, Site, list_page, list_path
from mirror.begin import Wishes, begin
from mirror.config import Config
from mirror.config.load import load_file
from mirror.errors import MirrorError
from mirror.keystore import KeyStore, open_keys
from mirror.publish import name_marks
from mirror.publish.articles import Outgoing, outgoing, row_of
from mirror.publish.history import PER_DOCUMENT
from mirror.publish.lists import list_title, lists_for
from mirror.publish.names import names_of
from mirror.publish.newsroom import ALL, Newsroom, sections_of
from mirror.service import Service
from mirror.store import names, versions
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.names import Name
from mirror.store.tables import (
    ADDRESSES,
    ARCHIVED,
    ARTICLES,
    LISTINGS,
    VERSIONS,
)
from mirror.store.times import stored
from mirror.store.versions import NewVersion

TAIL: Final = 60  # articles that are published the ordinary way, after those in bulk


_CHUNK: Final = 10 * PER_DOCUMENT  # articles that a worker makes at once
_ORIGIN: Final = "news.example/mirror"


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What a worker made: articles, their log entries and rows."""

    articles: list[tuple[Article, str]]  # with the slug of the section
    leaves: list[tuple[str, str]]  # path and hash
    rows: dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class _Lists:
    """The archive lists while they grow: what stands on each page that is not full yet."""

    newsroom: Newsroom
    site: Path
    open: dict[str, list[Article]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    titles: dict[str, str] = field(default_factory=dict)  # of authors and tags

    def add(self, article: Article, slug: str) -> Iterator[tuple[str, str]]:
        """Path and hash of each page that the article fills."""
        for name in self.of(article, slug):
            if len(self.open[name]) == LIST_ARTICLES:
                yield self.write_file(name, closed=True)
                self.open[name].clear()
            self.open[name].append(article)
            self.lengths[name] += 1

    def of(self, article: Article, slug: str) -> tuple[str, ...]:
        """The lists that the article comes to."""
        named = names_of(article.snapshot.authors, article.snapshot.tags)
        self.titles |= named
        return (*lists_for(article, slug, self.newsroom.config.site.zone), *named)

    def rest(self, *, named: bool) -> dict[str, str]:
        """Path and hash of the newest page of each list, of names or of others."""
        every = (name for name in sorted(self.open) if (name in self.titles) == named)
        return dict(self.write_file(name, closed=False) for name in every)

    def names(self) -> list[Name]:
        """The rows of authors and tags; the first edition gives them their contents."""
        return [
            Name(list=name, name=title, pages=self.newest(name), due=True)
            for name, title in self.titles.items()
        ]

    def newest(self, name: str) -> int:
        """The number of the page that is not full."""
        return (self.lengths[name] - 1) // LIST_ARTICLES + 1

    def write_file(self, name: str, *, closed: bool) -> tuple[str, str]:
        number = self.newest(name)
        title = self.titles.get(name) or list_title(name, self.newsroom)
        items = self.open[name][::-1]
        data = list_page(self.newsroom.site, title, name, number, items, closed=closed)
        path = list_path(name, number)
        return path, write_file(self.site, path, data)


def empty_newsroom(folder: Path, now: datetime) -> Config:
    """A newsroom in ``folder``, which is made, without an article."""
    wishes = Wishes(title="The News", url=SITE, feed=f"{SITE}rss", origin=_ORIGIN, tag_year=2026)
    return begin(folder, wishes, now).config


def seed(folder: Path, count: int) -> Config:
    """A newsroom in ``folder``, which is made, with ``count`` articles; over ``TAIL``."""
    now = datetime.now(UTC).replace(microsecond=0)
    config = empty_newsroom(folder, now)
    asyncio.run(_fill(config, count, now))
    return config


def configured(
    config: Config, sources: Sequence[str], mirrors: Sequence[str], *, listen: str = ""
) -> Config:
    """The same newsroom with these feeds, and unlisted mirrors with these values of ``push``.

    Its file is beside that of ``config``; ``listen`` is where its status page is.
    """
    text = config.file.read_text(encoding="utf-8")
    start, end = text.index("[[source]]"), text.index("[extract]")
    blocks = (
        f'[[source]]\nname = "s{number}"\nurl = "{url}"\n' for number, url in enumerate(sources)
    )
    text = f"{text[:start]}{''.join(blocks)}\n[fetch]\nprivate_addresses = true\n{text[end:]}"
    for number, push in enumerate(mirrors):
        text += f'\n[[mirror]]\nname = "m{number}"\npush = "{push}"\nlisted = false\n'
        text += f'url = "https://m{number}.example/x7k2/"\n'
    if listen:
        text += f'\n[web]\nlisten = "{listen}"\n'
    file = config.file.with_name("bench.toml")
    file.write_text(text, encoding="utf-8")
    return load_file(file)


async def add(service: Service, numbers: Iterable[int], now: datetime) -> None:
    """Let articles wait to be published, as if they had just been read."""
    async with service.parts.database.begin() as connection:
        for number in numbers:
            new = NewVersion(
                article=id_of(number),
                addresses={id_of(number): form_of(number)},
                snapshot=story(number, now),
                headers={},
            )
            await versions.add(connection, new)


async def _fill(config: Config, count: int, now: datetime) -> None:
    bulk = count - TAIL
    database = await Database.open(config.store.database, config.store.data)
    folders = Folders(config.store.data)
    folders.open()
    keys = open_keys(config.trust)
    begun = now - EVERY * count
    newsroom = _newsroom(config, keys, begun)
    channel = newsroom.channel(ALL)
    lists = _Lists(newsroom, folders.site)
    leaves: list[tuple[str, str]] = []
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        waiting = deque(range(at, min(at + _CHUNK, bulk)) for at in range(0, bulk, _CHUNK))
        jobs: deque[Future[_Chunk]] = deque()
        while waiting or jobs:
            while waiting and len(jobs) < 2 * WORKERS:
                numbers = waiting.popleft()
                jobs.append(
                    pool.submit(_make, newsroom.site, channel, folders.site, numbers, begun)
                )
            chunk = await asyncio.wrap_future(jobs.popleft())
            leaves += chunk.leaves
            for article, slug in chunk.articles:
                _listing(chunk.rows, lists, article, slug)
                leaves += lists.add(article, slug)
            await _insert(database, chunk.rows)
    leaves += lists.rest(named=True).items()
    await sign_all(database, newsroom, folders.site, leaves, lists.rest(named=False))
    async with database.begin() as connection:
        await names.put(connection, lists.names())
        await name_marks.none_left(connection)
    await database.close()
    folders.close()
    async with Service.open(config) as service:
        await add(service, range(bulk, count), now)
        await service.publish(now)


def _newsroom(config: Config, keys: KeyStore, begun: datetime) -> Newsroom:
    names = [story(number, begun).section for number in range(6)]
    return Newsroom(
        config=config,
        keys=keys,
        sections=sections_of(config, (), names),
        languages=("en", "ru"),
        addresses=(),
        addresses_updated=begun,
        begun=begun,
    )


def _make(shown: Site, channel: Channel, site: Path, numbers: range, begun: datetime) -> _Chunk:
    """Runs in a worker."""
    chunk = _Chunk([], [], defaultdict(list))
    for number in numbers:
        moment = begun + EVERY * number
        out = outgoing(ready(number, moment), (), shown, moment)
        for path, data in out.files.items():
            chunk.leaves.append((path, write_file(site, path, data)))
        chunk.articles.append((out.article, out.section))
        _rows(chunk.rows, out, number)
    _archive(chunk, channel, site, numbers.start // PER_DOCUMENT)
    return chunk


def _archive(chunk: _Chunk, channel: Channel, site: Path, last: int) -> None:
    """The archive documents of the feed of all articles; a chunk is a whole number of them."""
    articles = [article for article, _ in chunk.articles]
    full = len(articles) // PER_DOCUMENT
    for number in range(full):
        document = articles[number * PER_DOCUMENT : (number + 1) * PER_DOCUMENT]
        path, data = archive_document(channel, last + number + 1, document)
        chunk.leaves.append((path, write_file(site, path, data)))
        chunk.rows["archived"] += (
            {"feed": ALL, "number": last + number + 1, "article": one.id} for one in document
        )


def _rows(rows: dict[str, list[dict[str, Any]]], out: Outgoing, number: int) -> None:
    article = out.article
    rows["article"].append(row_of(out))
    form = {"id": article.id, "form": form_of(number), "article": article.id, "logged": 1}
    rows["address"].append(form)
    version = {
        "article": article.id,
        "number": out.number,
        "status": "published",
        "snapshot": article.snapshot.encode(),
        "fetched": stored(article.snapshot.fetched_at),
        "page": out.page,
    }
    rows["version"].append(version)


def _listing(
    rows: dict[str, list[dict[str, Any]]], lists: _Lists, article: Article, slug: str
) -> None:
    for name in lists.of(article, slug):
        row = {"list": name, "place": lists.lengths[name], "article": article.id}
        rows["listing"].append(row)


async def _insert(database: Database, rows: dict[str, list[dict[str, Any]]]) -> None:
    tables = (ARTICLES, ADDRESSES, VERSIONS, LISTINGS, ARCHIVED)
    async with database.begin() as connection:
        for table in tables:
            if not rows[table.name]:
                continue
            await connection.execute(insert(table), rows[table.name])


def main() -> int:
    """Seed one, and say how long it took."""
    folder = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    begun = time.perf_counter()
    try:
        config = seed(folder, count)
    except MirrorError as error:
        print(error, file=sys.stderr)
        return 2
    took = timedelta(seconds=round(time.perf_counter() - begun))
    print(f"{count} articles in {took}; tamizdat run --config {config.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
