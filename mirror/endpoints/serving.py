"""How a host is to serve a file: its media type, how long it may be kept, whether it shrinks. Pure.

Every kind sets as much of it as its host lets a publisher say.
"""

import re
from dataclasses import dataclass
from typing import Final

from feeds.paths import CHECKPOINT, MEDIA_TYPES, MINISIG, SUMS, SUMS_AHEAD, keyring_version

KEPT: Final = "public, max-age=31536000, immutable"  # a year, which is what "for ever" may be
SHORT: Final = "public, max-age=60"  # a minute old is "updating" to a verifier, and no more
ASKED: Final = "no-cache"  # kept, but asked for each time: what says how old all else is

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "rss": "application/xml; charset=utf-8",  # as rss+xml, browsers would show the source
    "atom": "application/xml; charset=utf-8",
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
_SHRINKS: Final = frozenset({"html", "rss", "atom", "json", "opml", "xml", "css", "js"})
_TEXTS: Final = (SUMS, SUMS_AHEAD, CHECKPOINT)
_HEADS: Final = (SUMS, SUMS_AHEAD, CHECKPOINT, MINISIG)

# By hash, or a tile, which is full once and for all: other bytes never stand there.
_FIXED: Final = re.compile(
    r"[mp]/[0-9a-f]{2}/[0-9a-f]{64}\.[0-9a-z]+|x/[0-9a-f]{16}\.js|log/tile/.+"
)


@dataclass(frozen=True, slots=True)
class Serving:
    """What a host is told of one file.

    Attributes:
        content_type: ``Content-Type``.
        cache_control: ``Cache-Control`` (RFC 9111, and RFC 8246 for ``immutable``).
        shrinks: Whether it is one of those that browsers and feed readers read, as text.
            What stock tools read (format 8: proofs, the log, ``SHA256SUMS``) is not one.
    """

    content_type: str
    cache_control: str
    shrinks: bool


def serving(path: str) -> Serving:
    """How the file at ``path`` is to be served."""
    return Serving(media_type(path), _cache_control(path), _ending(path) in _SHRINKS)


def media_type(path: str) -> str:
    """What ``Content-Type`` says of the file at ``path``."""
    if path in _TEXTS or keyring_version(path):
        return "text/plain; charset=utf-8"
    if path.startswith("feeds/") and path.endswith(".json"):
        return "application/feed+json"
    return _TYPES.get(_ending(path), "application/octet-stream")


def _cache_control(path: str) -> str:
    if path in _HEADS:
        return ASKED
    return KEPT if _FIXED.fullmatch(path) else SHORT


def _ending(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2]
