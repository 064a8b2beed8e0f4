"""``walk``: every file of a sitemap, lazily, the newest first; for what must see all of an archive.

A source is polled by ``sitemap``, which reads only what changed.
"""

from collections.abc import AsyncIterator, Callable, Container, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mirror.errors import SourceError, SourceRefusedError
from mirror.source.kind import Get
from mirror.source.response import Limits
from mirror.source.sitemap import read_file
from mirror.source.sitemap_file import Entry, SitemapFile, is_coarse, newest
from mirror.source.sitemap_memory import newest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a sitemap is read: files in all, and indexes within indexes."""

    files: int = 5_000
    depth: int = 3


@dataclass(frozen=True, slots=True)
class _Step:
    entry: Entry
    depth: int


async def walk(
    url: str,
    get: Get,
    *,
    since: datetime | None = None,
    skip: Container[str] = frozenset(),
    failed: Callable[[SourceError], None] | None = None,
    bounds: Bounds = Bounds(),
) -> AsyncIterator[SitemapFile]:
    """The files of pages of the sitemap at ``url``, each with its entries, the newest first.

    Lazy: a file is asked for when the one before was taken, one request at a time. An index's
    files come by their ``lastmod``, then by the numbers in their names, the highest first; the
    entries of one file likewise by date (``Entry.dated``), undated ones after, in its order.

    Args:
        url: A sitemap, or an index of sitemaps, which may lie in each other.
        get: ``Fetcher.get``; slow it down to be as polite as you like.
        since: Files that their index says are older are not asked for, and entries that are
            older left out; what has no date stays.
        skip: Addresses of files that need not be read, for going on after an interruption.
        failed: Told of each file that can't be read; the rest comes all the same. Without it
            the error is raised.
        bounds: How much is read at most.

    Raises:
        SourceError: The first file can't be read, or any where ``failed`` is not given.
        SourceRefusedError: There is more than ``bounds`` allow; all within them was given.
    """
    asked: set[str] = set()
    waiting = [_Step(Entry(url=url), 0)]
    while waiting:
        step = waiting.pop()
        if step.entry.url in asked or step.entry.url in skip:
            continue
        if len(asked) >= bounds.files or step.depth > bounds.depth:
            problem = f"holds more than {bounds.files} files, or lies more than {bounds.depth} deep"
            raise SourceRefusedError(url, problem)
        asked.add(step.entry.url)
        try:
            file = await read_file(await get(step.entry.url, kind=Limits.FEED))
        except SourceError as error:
            if failed is None or step.depth == 0:
                raise
            failed(error)
            continue
        if file.is_index:
            waiting += _steps(file, step.depth + 1, since)
        else:
            yield _of_interest(replace(file, url=step.entry.url), since)


def _steps(index: SitemapFile, depth: int, since: datetime | None) -> Iterator[_Step]:
    """The files that an index names, the newest last, as the stack wants them."""
    for entry in reversed(newest_first(index.entries)):
        if not _is_older(entry, since):
            yield _Step(entry, depth)


def _of_interest(file: SitemapFile, since: datetime | None) -> SitemapFile:
    entries = newest(file.entries, len(file.entries))
    return replace(file, entries=tuple(one for one in entries if not _is_older(one, since)))


def _is_older(entry: Entry, since: datetime | None) -> bool:
    if since is None or entry.dated is None:
        return False
    day = timedelta(days=1) if is_coarse(entry.lastmod) else timedelta(0)  # the day's last moment
    return entry.dated + day < since
