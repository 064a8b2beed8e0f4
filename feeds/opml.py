"""OPML 2.0 lists of feeds: all feeds of a mirror, and all mirrors of a feed.

Files for people who move a feed reader: one import subscribes to everything. The bytes are
canonical (format 1.5).
"""

from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from feeds.channel import Channel
from feeds.localise import CANONICAL_BASE, seal

OPML_PATH: Final = "feeds.opml"

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'


def feeds_opml(title: str, channels: Sequence[Channel]) -> bytes:
    """``feeds.opml``: every feed of a mirror, full and lite, on that mirror's own base."""
    both = (form for channel in channels for form in (channel, channel.lite))
    return _document(title, (_outline(feed, CANONICAL_BASE, feed.title) for feed in both))


def mirrors_opml(channel: Channel) -> dict[str, bytes]:
    """``feeds/<name>-mirrors.opml``: one feed on every listed mirror; none without any."""
    if not channel.addresses:
        return {}
    outlines = (
        _outline(channel, other.url, f"{channel.title} ({other.url.split('/')[2]})")
        for other in channel.addresses
    )
    return {f"{channel.stem}-mirrors.opml": _document(channel.title, outlines)}


def _document(title: str, outlines: Iterable[str]) -> bytes:
    head = f"<head>\n<title>{escape(title)}</title>\n</head>\n"
    body = "".join(outlines)
    return seal(f"{_HEAD}{head}<body>\n{body}</body>\n</opml>\n".encode(), "xml")


def _outline(channel: Channel, base: str, text: str) -> str:
    facts = {
        "type": "rss",
        "text": text,
        "title": text,
        "language": channel.language,
        "xmlUrl": channel.url("rss", base),
        "htmlUrl": base + channel.home,
    }
    return f"<outline {' '.join(f'{name}={quoteattr(fact)}' for name, fact in facts.items())}/>\n"
