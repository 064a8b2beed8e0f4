"""A newsroom's site for these tests: what it shows is one of several stages."""

import hashlib
import html
import io
import mmap
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

BEGUN = datetime(2026, 5, 1, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article as the site shows it.

    Attributes:
        number: Tells stories apart; also its place in time.
        text: Stands in its second paragraph, and nowhere else.
        pictures: How many it has.
        revision: Raised with each change.
        gone: The page answers 410.
    """

    number: int
    text: str = "as first printed"
    pictures: int = 0
    revision: int = 0
    gone: bool = False

    @property
    def path(self) -> str:
        """Its address on the site."""
        return f"/2026/story-{self.number}"

    @property
    def title(self) -> str:
        """The headline."""
        return f"Harbour report number {self.number} on ships and grain"

    @property
    def sentence(self) -> str:
        """Tells this version of this story from every other."""
        return f"This is report {self.number}, {self.text}, revision {self.revision}."

    def page(self) -> bytes:
        """The page."""
        printed = BEGUN + timedelta(minutes=self.number)
        figures = "".join(
            f'<figure><img src="/picture/{self.number}-{n}-{self.revision}.png" width="320"'
            f' height="200" alt="Ship {n}"><figcaption>Ship {n} of report {self.number}.'
            "</figcaption></figure>"
            for n in range(self.pictures)
        )
        paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in (_FIRST, self.sentence))
        return (
            f'<!DOCTYPE html><html lang="en"><head><title>{self.title}</title>'
            f'<meta property="article:published_time" content="{printed.isoformat()}"></head>'
            f'<body><article><h1>{self.title}</h1><time datetime="{printed.isoformat()}">'
            f"</time>{figures}{paragraphs}<p>{_LAST}</p></article></body></html>"
        ).encode()


Stage = tuple[Story, ...]

_FIRST = (
    "The port authority said on Friday that grain exports through the northern harbour rose"
    " again in April, after two months in which storms had kept most of the fleet at anchor."
)
_LAST = (
    "Captains who spoke to this newspaper expect the same of the coming weeks, as long as the"
    " breakwater holds and the customs house opens on time. The next figures are due in June."
)


def feed(stage: Stage, base: str) -> bytes:
    """The site's Atom feed."""
    entries = "".join(
        f"<entry><id>{base}{story.path}</id><title>{story.title}</title>"
        f'<link href="{base}{story.path}"/>'
        f"<updated>{(BEGUN + timedelta(hours=story.revision)).isoformat()}</updated></entry>"
        for story in reversed(stage)
        if not story.gone
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>urn:x</id><title>News</title>'
        f"<updated>{BEGUN.isoformat()}</updated>{entries}</feed>"
    ).encode()


def picture(name: str) -> bytes:
    """A picture of its own for each name."""
    shade = hashlib.sha256(name.encode()).digest()
    image = Image.new("RGB", (320, 200), (shade[0], shade[1], shade[2]))
    image.putpixel((1, 1), (shade[3], shade[4], shade[5]))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    stages: Sequence[Stage]
    shown: "mmap.mmap | bytearray"
    tells_time = True  # by a Date header

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients are killed here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        status, kind, body = self._found()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        if self.server.tells_time:
            self.send_response(status)
        else:
            self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _found(self) -> tuple[int, str, bytes]:
        stage = self.server.stages[self.server.shown[0]]
        if self.path == "/feed":
            return 200, "application/atom+xml", feed(stage, self.server.base)
        if self.path.startswith("/picture/"):
            return 200, "image/png", picture(self.path)
        story = next((one for one in stage if one.path == self.path), None)
        if story is None or story.gone:
            return (410 if story else 404), "text/html", b"<h1>no such page</h1>"
        return 200, "text/html; charset=utf-8", story.page()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running site.

    Attributes:
        base: Its address, without a slash at the end.
        stages: What it can show.
    """

    base: str
    stages: tuple[Stage, ...]
    _shown: "mmap.mmap | bytearray"

    def show(self, number: int) -> None:
        """Show this stage from now on."""
        self._shown[0] = number


@contextmanager
def site_in_thread(*stages: Stage) -> Iterator[Site]:
    """The site, served by a thread of this process."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.stages, server.shown = stages, bytearray(1)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Site(server.base, stages, server.shown)
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def site_in_process(*stages: Stage) -> Iterator[Site]:
    """The site, served by a process of its own: this one stays free of threads, and may fork.

    It tells no time, so that what is left of two rounds can be compared.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    server.stages, server.shown, server.tells_time = stages, mmap.mmap(-1, 1), False
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        try:
            server.serve_forever(poll_interval=5)
        finally:
            os._exit(1)
    server.socket.close()
    try:
        yield Site(f"http://127.0.0.1:{server.server_address[1]}", stages, server.shown)
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
