"""Real feed readers, through a correction, a withdrawal and a change of mirror."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser
import feedparser_sgmllib
import pytest
from reader import make_reader

from feeds.article import Article
from feeds.documents import documents
from feeds.localise import localise
from tests.feeds.feed_examples import CORRECTED, FOUR, GONE, LISTED, WITHDRAWN, article

# reader carries a feedparser of its own, which knows this module by its former name
sys.modules.setdefault("sgmllib", feedparser_sgmllib)

TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/json"}
BEFORE = (article(0), article(1), article(2), article(3))
IDS = {f"tag:sample.example,2026:{item.id}" for item in FOUR} | {
    "tag:sample.example,2026:addresses"
}


@dataclass
class Loopback:
    """Serves ``files`` by path, whatever base stands before them."""

    port: int
    files: dict[str, bytes] = field(default_factory=dict)

    def publish(self, folder: str, articles: tuple[Article, ...]) -> str:
        """Put the feeds of ``articles`` on the mirror in ``folder``; the result is its base."""
        base = f"http://127.0.0.1:{self.port}/{folder}/"
        for path, data in documents(LISTED, articles).items():
            self.files[f"/{folder}/{path}"] = localise(data, base)
        return base


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = files.get(self.path)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Type", TYPES.get(self.path.rpartition(".")[2], "text/plain"))
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def web() -> Iterator[Loopback]:
    files: dict[str, bytes] = {}
    with serving(files) as port:
        yield Loopback(port, files)


@pytest.mark.parametrize("ending", ["rss", "atom", "json"])
def test_the_reader_package_sees_each_entry_once_whatever_happens(
    web: Loopback, ending: str
) -> None:
    first = f"{web.publish('one', BEFORE)}feeds/all.{ending}"
    with closing(make_reader(":memory:")) as reader:
        reader.add_feed(first)
        reader.update_feeds()
        for entry in reader.get_entries():
            reader.mark_entry_as_read(entry)
        assert {entry.id for entry in reader.get_entries()} == IDS

        web.publish("one", FOUR)
        reader.update_feeds()
        second = f"{web.publish('two', FOUR)}feeds/all.{ending}"
        reader.change_feed_url(first, second)
        reader.update_feeds()

        entries = {entry.id: entry for entry in reader.get_entries()}
        assert set(entries) == IDS
        assert all(entry.read for entry in entries.values())
        corrected = entries[f"tag:sample.example,2026:{CORRECTED.id}"]
        assert corrected.link is not None
        assert corrected.link.startswith(second.partition("feeds/")[0])
        assert corrected.content[0].value.count("title, text changed") == 1
        assert reader.get_feed(second).last_exception is None


def test_the_reader_package_finds_nothing_new_in_an_unchanged_feed(web: Loopback) -> None:
    url = f"{web.publish('one', FOUR)}feeds/all.atom"
    with closing(make_reader(":memory:")) as reader:
        reader.add_feed(url)
        reader.update_feeds()
        web.publish("one", FOUR)

        updated = reader.update_feed(url)

        assert updated is None or (updated.new, updated.modified) == (0, 0)


@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_feedparser_reads_every_field(ending: str) -> None:
    data = localise(documents(LISTED, FOUR)[f"feeds/all.{ending}"], "https://one.example/x7k2/")

    seen = feedparser.parse(data)

    assert not seen.bozo
    assert seen.feed.title == "The Sample Times"
    assert seen.feed.language == "en"
    entry = seen.entries[0]
    assert entry.title == "Story 3: bread & circuses"
    assert entry.link == f"https://one.example/x7k2/{CORRECTED.path}"
    assert entry.content[0].value.startswith("<figure>")
    assert [tag.term for tag in entry.tags] == ["News", "Weather", "Bread & butter"]
    assert entry.published_parsed[:5] == (2026, 3, 5, 13, 0)
    assert {link.rel for link in entry.links} == {"alternate", "via"}
    related = [link.href for link in seen.feed.links if link.rel == "related"]
    assert related == [f"{other.url}feeds/all.{ending}" for other in LISTED.addresses]


def test_feedparser_reads_the_picture_of_an_item() -> None:
    entry = feedparser.parse(documents(LISTED, [GONE])["feeds/all.rss"]).entries[0]

    assert entry.media_content[0]["filesize"] == "90000"
    assert entry.media_content[0]["width"] == "1200"
    assert entry.authors[0].name == "Ann Writer"


@pytest.mark.real
@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_newsboat_keeps_one_of_each_entry_through_corrections_and_restarts(
    web: Loopback, tmp_path: Path, ending: str
) -> None:
    newsboat = shutil.which("newsboat")
    if newsboat is None:
        pytest.skip("newsboat is not there: apt-get install newsboat")
    url = f"{web.publish('one', BEFORE)}feeds/all.{ending}"
    (tmp_path / "urls").write_text(f"{url}\n")
    (tmp_path / "config").write_text("auto-reload no\n")
    command = [newsboat, "-C", "config", "-u", "urls", "-c", "cache.db", "-x", "reload"]

    def reload() -> dict[str, tuple[str, str]]:
        env = {"HOME": str(tmp_path), "TERM": "dumb", "LANG": "C.UTF-8"}
        subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, timeout=60)
        with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
            rows = cache.execute("SELECT guid, title, content FROM rss_item").fetchall()
        assert len(rows) == len({guid for guid, _, _ in rows})
        return {guid: (title, content) for guid, title, content in rows}

    before = reload()
    web.publish("one", FOUR)
    after = reload()

    assert set(before) == set(after) == IDS
    title, content = after[f"tag:sample.example,2026:{CORRECTED.id}"]
    assert title == "Story 3: bread & circuses"
    assert "title, text changed" in content
    if ending == "rss":
        assert "withdrawn" in after[f"tag:sample.example,2026:{WITHDRAWN.id}"][1]
