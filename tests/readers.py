"""Real feed readers, each with one subscription: what they show as new."""

import shutil
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import closing
from mailbox import Maildir
from pathlib import Path

import feedparser_sgmllib
import pytest
from reader import make_reader

# reader carries a feedparser of its own, which knows this module by its former name
sys.modules.setdefault("sgmllib", feedparser_sgmllib)


class FeedReader(ABC):
    """A person's feed reader; whatever it shows is read at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    @abstractmethod
    def fetch(self, url: str) -> int:
        """Fetch the one subscription, which is at ``url`` now; how many entries are new."""

    def _run(self, *command: str) -> None:
        env = {"HOME": str(self.folder), "TERM": "dumb", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            command, cwd=self.folder, env=env, check=False, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()


class Reader(FeedReader):
    """The PyPI package ``reader``."""

    def fetch(self, url: str) -> int:
        with closing(make_reader(str(self.folder / "reader.sqlite"))) as reader:
            feeds = [feed.url for feed in reader.get_feeds()]
            if not feeds:
                reader.add_feed(url)
            elif feeds != [url]:
                reader.change_feed_url(feeds[0], url)
            reader.update_feed(url)  # now: by itself it waits an hour
            assert reader.get_feed(url).last_exception is None
            new = list(reader.get_entries(read=False))
            for entry in new:
                reader.mark_entry_as_read(entry)
        return len(new)


class Newsboat(FeedReader):
    """Debian's newsboat."""

    def fetch(self, url: str) -> int:
        (self.folder / "urls").write_text(f"{url}\n")
        (self.folder / "config").write_text("auto-reload no\n")
        self._run("newsboat", "-C", "config", "-u", "urls", "-c", "cache.db", "-x", "reload")
        with closing(sqlite3.connect(self.folder / "cache.db")) as cache:
            rows = cache.execute("SELECT guid, unread FROM rss_item").fetchall()
            cache.execute("UPDATE rss_item SET unread = 0")
            cache.commit()
        assert len(rows) == len({guid for guid, _ in rows})
        return sum(unread for _, unread in rows)


class Rss2email(FeedReader):
    """Debian's rss2email, which puts each new entry into a mail folder."""

    def fetch(self, url: str) -> int:
        config = (
            "[DEFAULT]\nto = reader@mail.example\nfrom = feeds@mail.example\n"
            f"email-protocol = maildir\nmaildir-path = {self.folder}/mail\n"
            f"[feed.news]\nurl = {url}\n"
        )
        (self.folder / "mail").mkdir(exist_ok=True)
        (self.folder / "r2e.cfg").write_text(config)
        self._run("r2e", "-c", "r2e.cfg", "-d", "r2e.json", "run")
        inbox = Maildir(self.folder / "mail" / "INBOX")
        new = len(inbox)
        inbox.clear()
        return new


def missing(kind: type[FeedReader]) -> str:
    """Why that reader can't be run here, or nothing."""
    program = {Newsboat: "newsboat", Rss2email: "r2e"}.get(kind, "")
    package = {"r2e": "rss2email"}.get(program, program)
    if not program or shutil.which(program):
        return ""
    return f"{program} is not there: apt-get install {package}"


def start(kind: type[FeedReader], folder: Path) -> FeedReader:
    """A reader of that kind that subscribes to nothing yet."""
    if why := missing(kind):
        pytest.skip(why)
    return kind(folder)
