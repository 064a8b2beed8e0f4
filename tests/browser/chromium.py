"""Debian's Chromium, without what it asks of the network by itself; and hosts for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

CHROMIUM = Path("/usr/bin/chromium")
HOST = "mirror.test"  # no name of this machine's own, so no secure context
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
]
NEEDED = [
    pytest.mark.real,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs Debian's chromium: apt install chromium"
    ),
]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        pass


@contextmanager
def serve(folder: Path, host: str = HOST) -> Iterator[str]:
    """A plain-HTTP host with a folder: its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{host}:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()
