"""The kind ``sitemap``: a sitemap or news sitemap, or an index of them.

At each poll the file at the source's address is asked for, conditionally. Of an index only
those files are read that changed since, at most ``pages`` at a poll; what is left comes with the
next one. On the first poll these are the newest files; what the others hold is archive, and is
left to ``tamizdat backfill``.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from mirror.config import SourceConfig
from mirror.errors import SourceError, SourceUnreachableError
from mirror.extract.links import is_article_address
from mirror.source.kind import Look, Told
from mirror.source.response import Limits, Response
from mirror.source.sitemap_file import Entry, SitemapFile, newest, read_sitemap
from mirror.source.sitemap_memory import FileMemory, Memory, due, is_due_from, newest_first
from mirror.source.texts import MAX_ITEMS

MAX_DEPTH: Final = 3  # an index in an index in an index
_BEFORE: Final = timedelta(days=30)  # how long an entry may have been on its way into its file
_SHORTLY: Final = timedelta(days=2)  # the same, for one in a file that is all archive but for it
_THREAD_FROM: Final = 100_000  # bytes; less is read at once
_IS_DOWN: Final = 2  # files in one poll that do not answer: the site does not
_MAX_VALIDATOR_CHARS: Final = 1_000


class SitemapKind:
    """See the module."""

    limits: Limits = Limits.FEED

    def address(self, source: SourceConfig) -> str:
        """The sitemap."""
        return source.url

    async def read(self, look: Look, response: Response) -> Told:
        """The newest entries of the file, or of an index's files that changed."""
        file = await read_file(response)
        memory = Memory.decode(look.state.memory)
        is_first = not memory.began
        memory = replace(memory, began=memory.began or int(look.now.timestamp()))
        walk = _Walk(look, memory, is_first=is_first)
        if file.is_index:
            await walk.ask_for(walk.named_by(file, are_old=is_first))
        else:
            walk.memory = replace(memory, files={})
            walk.take_in(file, None)
        return walk.told()

    async def unchanged(self, look: Look) -> Told | None:
        """What is left from the last poll, and what changes without the index saying so."""
        interval = look.source.interval
        if look.now < is_due_from(look.state.memory, interval):
            return None
        memory = Memory.decode(look.state.memory)
        walk = _Walk(look, memory, is_first=False)
        wanted = due(memory, look.now, interval)
        await walk.ask_for(wanted)
        return walk.told() if wanted else None


async def read_file(response: Response) -> SitemapFile:
    """The sitemap file that came; a large one is read beside the loop.

    Raises:
        SourceError: As ``read_sitemap``.
    """
    if len(response.body) < _THREAD_FROM and not response.body.startswith(b"\x1f\x8b"):
        return read_sitemap(response.body, response.url)
    return await asyncio.to_thread(read_sitemap, response.body, response.url)


@dataclass
class _Walk:
    """One poll of an index: the files that it asks for, and what they bring."""

    look: Look
    memory: Memory
    is_first: bool = field(kw_only=True)
    fresh: list[Entry] = field(default_factory=list)
    known: list[Entry] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    left_out: int = 0
    problem: SourceError | None = None

    def named_by(self, file: SitemapFile, *, are_old: bool) -> list[str]:
        """Take in what an index names; which of it is to be asked for, the most urgent first."""
        entries = [entry for entry in file.entries if entry.url != self.look.source.url]
        self.memory = self.memory.named_by(file.url, entries, are_old=are_old)
        if not are_old:
            return due(self.memory, self.look.now, self.look.source.interval)
        known = [entry.url for entry in newest_first(entries) if entry.url in self.memory.files]
        chosen = known[: self.look.source.pages]
        if self.is_first:
            for url in chosen:
                one = replace(self.memory.files[url], taken="", is_old=False)
                self.memory = self.memory.with_file(url, one)
        return chosen

    async def ask_for(self, wanted: list[str]) -> None:
        """Ask for these files, as far as ``pages`` allows, and for those that they name."""
        wanted, unreachable = list(wanted), 0
        while wanted and len(self.asked) < self.look.source.pages and unreachable < _IS_DOWN:
            url = wanted.pop(0)
            if url in self.asked or url not in self.memory.files:
                continue
            self.asked.add(url)
            try:
                wanted[:0] = await self._ask_for(url)
            except SourceUnreachableError as error:
                self.problem = error  # and the next poll tries again
                unreachable += 1
            except SourceError as error:
                self.problem = error
                self._remember(url, brought=False)  # not again until its index dates it anew

    async def _ask_for(self, url: str) -> list[str]:
        known = self.memory.files[url]
        response = await self.look.get(
            url, kind=Limits.FEED, etag=known.etag, last_modified=known.last_modified
        )
        if response.status == 304:  # noqa: PLR2004 - Not Modified
            self._remember(url, brought=False)
            return []
        file = await read_file(response)
        if file.is_index:
            self._remember(url, brought=True, response=response)
            if _depth(self.memory, url) >= MAX_DEPTH:
                return []
            file = replace(file, url=url)
            return self.named_by(file, are_old=self.is_first or known.is_old)
        brought = self.take_in(file, known)
        self._remember(url, brought=brought, response=response)
        return []

    def take_in(self, file: SitemapFile, known: FileMemory | None) -> bool:
        """What a file of pages holds; whether anything of it is new."""
        match = self.look.source.match
        articles = [
            one for one in file.entries if match or one.is_news or is_article_address(one.url)
        ]
        self.left_out += len(file.entries) - len(articles)
        entries = newest(articles, MAX_ITEMS)
        told = [one for one in entries if self._counts(one, known)]
        self.fresh += told
        self.known += set(entries).difference(told)
        return bool(self.look.fresh(one.item() for one in told))

    def _counts(self, entry: Entry, known: FileMemory | None) -> bool:
        """Whether an entry is told of; else it is only remembered, as one of the archive."""
        if known is None or not (known.read or known.is_old):
            return True
        began = datetime.fromtimestamp(self.memory.began, UTC)
        read = datetime.fromtimestamp(known.read, UTC)
        since = read - _BEFORE if known.read else began - _SHORTLY
        return entry.dated >= since if entry.dated else bool(known.read)

    def _remember(self, url: str, *, brought: bool, response: Response | None = None) -> None:
        known = self.memory.files[url]
        headers = response.headers if response else {}
        etag, last_modified = known.etag, known.last_modified
        if response is not None:
            etag = headers.get("ETag", "")[:_MAX_VALIDATOR_CHARS]
            last_modified = headers.get("Last-Modified", "")[:_MAX_VALIDATOR_CHARS]
        file = replace(
            known,
            taken=known.told,
            etag=etag,
            last_modified=last_modified,
            read=int(self.look.now.timestamp()),
            quiet=0 if brought else known.quiet + 1,
        )
        self.memory = self.memory.with_file(url, file)

    def told(self) -> Told:
        """What came of it."""
        fresh = newest(self.fresh, MAX_ITEMS) if self.is_first else tuple(self.fresh)
        chosen = set(fresh)
        known = [one for one in (*self.fresh, *self.known) if one not in chosen]
        return Told(
            items=tuple(one.item() for one in fresh),
            known=tuple(one.item() for one in known),
            is_all=False,
            memory=self.memory.encode(),
            note=self._note(),
            problem=self.problem,
        )

    def _note(self) -> str:
        notes = []
        if self.memory.files:
            notes.append(f"{len(self.asked)} of {len(self.memory.files)} files asked for")
        if self.left_out:
            notes.append(f"{self.left_out} left out that look like no article; `match` says which")
        return ", ".join(notes)


def _depth(memory: Memory, url: str) -> int:
    """How many indexes stand above a file, itself included where it is one."""
    depth, at = 1, memory.files.get(url)
    while at is not None and depth <= MAX_DEPTH:
        depth, at = depth + 1, memory.files.get(at.index)
    return depth
