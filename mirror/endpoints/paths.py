"""What an endpoint makes of a path: its check, its folders, its media type."""

import re
from collections.abc import Iterator
from typing import Final

from feeds.paths import CHECKPOINT, MEDIA_TYPES, SUMS, SUMS_AHEAD, keyring_version
from mirror.errors import EndpointRefusedError

MAX_PATH_CHARS: Final = 250  # 200 of format 2.1, and room for ``.tlog-proof`` and a test file

_PATH: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/json",
    "opml": "text/x-opml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "tlog-proof": "text/plain; charset=utf-8",
    "minisig": "text/plain; charset=utf-8",
    "ico": "image/x-icon",
    **MEDIA_TYPES,
    "epub": "application/epub+zip",
    "zip": "application/zip",
}
_TEXTS: Final = (SUMS, SUMS_AHEAD, CHECKPOINT)


def check(mirror: str, path: str) -> str:
    """``path`` itself; no segment of it is empty, ``..`` or starts with a dot, but of one file.

    Paths are checked where they enter the tree. This is the second look, right before
    one becomes a place on a disk or a server.

    Raises:
        EndpointRefusedError: Anything else.
    """
    if len(path) > MAX_PATH_CHARS or not (_PATH.fullmatch(path) or path == SUMS_AHEAD):
        raise EndpointRefusedError(mirror, f"{path[:MAX_PATH_CHARS]!r} is no path of a tree")
    return path


def folders(path: str) -> Iterator[str]:
    """Every folder above ``path``, the outermost first: ``a/0d/x`` gives ``a``, ``a/0d``."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)


def media_type(path: str) -> str:
    """What ``Content-Type`` says of the file at ``path``."""
    if path in _TEXTS or keyring_version(path):
        return "text/plain; charset=utf-8"
    if path.startswith("feeds/") and path.endswith(".json"):
        return "application/feed+json"
    _, _, ending = path.rpartition("/")[2].rpartition(".")
    return _TYPES.get(ending, "application/octet-stream")
