"""A newsroom's site that changes at a word, and a service that reads it for real."""

import asyncio
import atexit
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from feeds.folder import FolderReader
from feeds.ids import article_id
from feeds.verify import Options, Pin, Report, Verdict, verify_tree
from mirror.begin import Wishes, begin
from mirror.config import Config, load_file, load_text
from mirror.service import Service
from mirror.store.database import Database

NOW = datetime.now(UTC).replace(microsecond=0)  # pages carry the real time of their fetch
_SITE = "https://news.example"
HOUR = timedelta(hours=1)
_WORDS = [
    "harbour",
    "council",
    "bridge",
    "winter",
    "library",
    "minister",
    "evening",
    "school",
    "railway",
    "garden",
    "letter",
    "market",
    "doctor",
    "window",
    "journey",
    "teacher",
    "signal",
    "island",
    "captain",
    "morning",
    "village",
    "engine",
]


def prose(number: int, paragraphs: int = 3) -> str:
    """Paragraphs that no other number has."""
    lines = []
    for part in range(paragraphs):
        seed = hashlib.sha256(f"{number}/{part}".encode()).digest()
        words = [_WORDS[byte % len(_WORDS)] for byte in seed]
        lines.append(
            f"<p>In story {number} the {' '.join(words[:16])}. {' '.join(words[16:])}.</p>"
        )
    return "".join(lines)


@dataclass
class Story:
    """One article as the site shows it."""

    number: int
    title: str = ""
    text: str = ""
    section: str = ""
    language: str = "en"
    canonical: str = ""
    status: int = 200
    moved_to: str = ""
    box: str = "text"  # class of what holds the text
    instead: str = ""  # another page in its place
    date: datetime | None = None

    def __post_init__(self) -> None:
        self.title = self.title or f"The harbour council opens bridge number {self.number}"
        self.text = self.text or prose(self.number)
        self.date = self.date or NOW - HOUR + timedelta(seconds=self.number)

    @property
    def path(self) -> str:
        return f"/2026/11/24/story-{self.number}"

    def page(self, base: str) -> str:
        when = self.date.isoformat() if self.date else ""
        canonical = (
            f'<link rel="canonical" href="{base}{self.canonical}">' if self.canonical else ""
        )
        return (
            f'<!DOCTYPE html><html lang="{self.language}"><head><title>{escape(self.title)}</title>'
            f'{canonical}<meta property="article:published_time" content="{when}"></head><body>'
            f"<main><article><header><h1>{escape(self.title)}</h1></header>"
            f'<div class="{self.box}">{self.text}</div></article></main></body></html>'
        )


@dataclass
class Site:
    """The newsroom's site; ``asked`` is every request: path, and whether it was conditional."""

    feeds: dict[str, list[Story]] = field(default_factory=lambda: {"/rss": []})
    stories: dict[str, Story] = field(default_factory=dict)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    instead: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)  # status, headers
    adding: dict[str, str] = field(default_factory=dict)  # headers of every feed
    robots: tuple[int, str] = (404, "")  # status and text of its robots.txt
    robots_asked: int = 0
    ahead: timedelta = timedelta(0)
    slow: float = 0.0  # seconds before each answer
    files: dict[str, str] = field(default_factory=dict)  # anything else, by path and query
    base: str = ""

    @property
    def host(self) -> str:
        return URL(self.base).host or ""

    def add(self, *stories: Story, feed: str = "/rss") -> None:
        """New in the feed; served."""
        for story in stories:
            self.feeds[feed].append(story)
            self.stories[story.path] = story

    def times(self, path: str) -> int:
        """How often ``path`` was asked for."""
        return sum(asked == path for asked, _ in self.asked)

    async def answer(self, request: web.Request) -> web.Response:
        condition = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
        if request.path == "/robots.txt":
            return self._robots_txt()
        self.asked.append((request.path, condition))
        if self.slow:
            await asyncio.sleep(self.slow)
        if request.path in self.instead:
            status, headers = self.instead[request.path]
            response = web.Response(status=status, headers=headers)
        else:
            response = self._answer(request)
        response.headers["Date"] = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
        return response

    def _robots_txt(self) -> web.Response:
        self.robots_asked += 1
        return web.Response(status=self.robots[0], text=self.robots[1])

    def _answer(self, request: web.Request) -> web.Response:
        if request.path in self.broken:
            return web.Response(status=503, text="out of order")
        if request.path in self.feeds:
            feed = self._feed(request)
            feed.headers.update(self.adding)
            return feed
        if request.path_qs in self.files:
            return _tagged(request, self.files[request.path_qs], "")
        if request.path not in self.stories:
            return web.Response(status=404, text="nothing here")
        return self._story(self.stories[request.path])

    def _story(self, story: Story) -> web.Response:
        if story.moved_to:
            return web.Response(status=301, headers={"Location": story.moved_to})
        if story.status != 200:
            return web.Response(status=story.status, text="no more")
        page = story.instead or story.page(self.base)
        return web.Response(text=page, content_type="text/html")

    def _feed(self, request: web.Request) -> web.Response:
        items = "".join(self._item(story) for story in self.feeds[request.path])
        head = '<?xml version="1.0"?><rss version="2.0"><channel><title>N</title>'
        body = f"{head}{items}</channel></rss>"
        return _tagged(request, body, "application/rss+xml")

    def _item(self, story: Story) -> str:
        category = f"<category>{escape(story.section)}</category>" if story.section else ""
        when = format_datetime(story.date) if story.date else ""
        return (
            f"<item><title>{escape(story.title)}</title><link>{self.base}{story.path}</link>"
            f"<guid>{story.path}</guid>{category}<pubDate>{when}</pubDate></item>"
        )


def _tagged(request: web.Request, body: str, kind: str) -> web.Response:
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    guessed = "application/json" if body[:1] in "[{" else "text/html"
    return web.Response(text=body, content_type=kind or guessed, headers={"ETag": etag})


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    """``site`` on loopback."""
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", site.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        site.base = str(server.make_url("/")).removesuffix("/")
        yield site
    finally:
        await server.close()


@dataclass
class Room:
    """A newsroom: its folder, its configuration, what its mirrors hold."""

    folder: Path
    site: Site
    text: str

    @property
    def config(self) -> Config:
        return load_text(self.text, self.folder / "config.toml")

    @property
    def data(self) -> Path:
        return self.config.store.data

    @property
    def tree(self) -> Path:
        return self.data / "site"

    def mirror(self, name: str = "one") -> Path:
        return self.folder / "mirrors" / name

    def base(self, name: str) -> str:
        return next(one.url for one in self.config.mirrors if one.name == name)

    def change(self, old: str, new: str) -> None:
        """Another configuration, for the next ``Service.open``."""
        assert old in self.text
        self.text = self.text.replace(old, new)

    def pin(self) -> Pin:
        return Pin(keyring=(self.config.trust.keys / "keyring-1").read_bytes())

    def verify(self, mirror: str = "", now: datetime | None = None) -> Report:
        """The verdict on the published tree, or on a mirror with its base; every proof."""
        folder = self.mirror(mirror) if mirror else self.tree
        options = Options(base=self.base(mirror) if mirror else None, proofs=None)
        return verify_tree(
            FolderReader(folder), self.pin(), now=now or datetime.now(UTC), options=options
        )

    def check(self, now: datetime | None = None, mirrors: tuple[str, ...] = ("one", "two")) -> None:
        """Everything is genuine, here and on the mirrors, and says nothing more."""
        for place in ("", *mirrors):
            report = self.verify(place, now)
            assert report.verdict is Verdict.GENUINE, (place, report.findings)
            assert not report.findings, (place, report.findings)
            assert fat_safe(FolderReader(self.mirror(place) if place else self.tree))

    def rows(self) -> str:
        """The whole database as text."""
        with sqlite3.connect(f"file:{self.data / 'tamizdat.sqlite3'}?mode=ro", uri=True) as db:
            return "\n".join(db.iterdump())

    def sql(self, query: str, *values: object) -> list[Any]:
        with sqlite3.connect(f"file:{self.data / 'tamizdat.sqlite3'}?mode=ro", uri=True) as db:
            return db.execute(query, values).fetchall()

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file under data/ and the mirrors but the database's: inode and mtime."""
        found = {}
        for top in (self.data, self.folder / "mirrors"):
            for path in top.rglob("*"):
                if path.is_file() and not path.name.startswith("tamizdat.sqlite3"):
                    stat = path.stat()
                    found[str(path)] = (stat.st_ino, stat.st_mtime_ns)
        return found

    def page(self, article: str) -> str:
        return self.path(article).read_text()

    def feed(self, name: str = "all") -> dict[str, dict[str, Any]]:
        """Entries of the JSON feed that are articles, by the article's id."""
        feed = json.loads((self.tree / f"feeds/{name}.json").read_text())
        entries = {item["id"].rpartition(":")[2]: item for item in feed["items"]}
        return {one: item for one, item in entries.items() if self.path(one).exists()}

    def path(self, article: str) -> Path:
        return self.tree / f"a/{article[:2]}/{article}.html"

    def id(self, story: Story) -> str:
        return article_id(self.site.base + story.path)

    def listed(self) -> dict[str, str]:
        """What SHA256SUMS lists."""
        lines = (self.tree / "SHA256SUMS").read_text().splitlines()
        return {path: sha for sha, _, path in (line.partition("  ") for line in lines)}


@cache
def begun() -> Path:
    """What ``tamizdat init`` makes; once for all tests, since keys take their time."""
    folder = Path(tempfile.mkdtemp(prefix="begun-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    wishes = Wishes(
        title="The News",
        url=f"{_SITE}/",
        feed=f"{_SITE}/rss",
        origin="news.example/mirror",
        tag_year=2026,
    )
    begin(folder, wishes, NOW)
    with ThreadPoolExecutor(1) as beside:  # whoever asks has a loop already
        beside.submit(asyncio.run, _make_database(load_file(folder / "config.toml"))).result()
    return folder


async def _make_database(config: Config) -> None:
    """As the first start does: its migrations take longer than most rounds."""
    await (await Database.open(config.store.database, config.store.data)).close()


def make_room(folder: Path, site: Site, *, sources: tuple[str, ...] = ("/rss",)) -> Room:
    """A new newsroom in ``folder`` with two mirrors, begun as ``tamizdat init`` does."""
    shutil.copytree(begun(), folder)
    text = (folder / "config.toml").read_text().replace(_SITE, site.base)
    for number, path in enumerate(sources[1:], 2):
        text += f'\n[[source]]\nname = "news-{number}"\nurl = "{site.base}{path}"\n'
    text += "\n[fetch]\nprivate_addresses = true\n"
    for name in ("one", "two"):
        text += (
            f'\n[[mirror]]\nname = "{name}"\nurl = "https://{name}.example/x7/"\n'
            f'push = "file://{folder / "mirrors" / name}"\n'
        )
    return Room(folder, site, text)


async def rounds(room: Room, *moments: datetime) -> list[str]:
    """One round at each of ``moments``, in one service; the lines of the last."""
    async with Service.open(room.config) as service:
        for moment in moments:
            report = await service.round(moment)
    return report.lines


def fat_safe(reader: FolderReader) -> bool:
    """Whether every name can stand on a FAT disk (Windows, cameras, phones)."""
    listing = reader.listing()
    reserved = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
    for path in listing.files:
        for part in path.split("/"):
            assert part.partition(".")[0].lower() not in reserved, path
            assert part == part.strip(" ."), path
            assert len(part) <= 255, path
            assert not set(part) & set('\\:*?"<>|'), path
    folded = {path.lower() for path in listing.files}
    assert len(folded) == len(listing.files)
    sizes: dict[str, int] = {}
    for path in listing.files:
        sizes[os.path.dirname(path)] = sizes.get(os.path.dirname(path), 0) + 1  # noqa: PTH120
    assert max(sizes.values()) < 5_000
    return True
