"""The parts of an entry that come in any number, or that feedgen has no word for, as XML text.

The prefixes are those that ``rss_namespaces`` declares at the root. Addresses in the text
are not sealed yet.
"""

from collections.abc import Sequence
from email.utils import format_datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from feeds.entries import Entry, picture_shown
from feeds.localise import CANONICAL_BASE

DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
MEDIA: Final = "http://search.yahoo.com/mrss/"


def rss_namespaces(entries: Sequence[Entry]) -> dict[str, str]:
    """The namespaces that ``rss_extras`` of these entries needs, by prefix."""
    creators = {"dc": DUBLIN_CORE} if any(entry.authors for entry in entries) else {}
    pictures = {"media": MEDIA} if any(entry.picture for entry in entries) else {}
    return creators | pictures


def rss_extras(entry: Entry) -> str:
    """Categories, dates, authors, the original's address and the picture of an RSS item."""
    categories = "".join(f"<category>{escape(name)}</category>" for name in entry.categories)
    date = f"<pubDate>{format_datetime(entry.published)}</pubDate>"
    if entry.updated != entry.published:  # RSS has no word for it, Atom's is understood
        date += f"<atom:updated>{entry.updated.isoformat()}</atom:updated>"
    creators = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in entry.authors)
    return f"{categories}{date}{creators}{_via('atom:link', entry)}{_media(entry)}"


def atom_extras(entry: Entry) -> str:
    """Authors, categories, date and the original's address of an Atom entry."""
    authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in entry.authors)
    categories = "".join(f"<category term={quoteattr(name)}/>" for name in entry.categories)
    date = f"<published>{entry.published.isoformat()}</published>"
    return f"{authors}{categories}{date}{_via('link', entry)}"


def _via(element: str, entry: Entry) -> str:
    return f'<{element} rel="via" href={quoteattr(entry.original)}/>' if entry.original else ""


def _media(entry: Entry) -> str:
    if entry.picture is None:
        return ""
    shown, small = picture_shown(entry.picture), entry.picture.small
    content = (
        f'media:content url="{CANONICAL_BASE}{shown.path}" fileSize="{shown.size}"'
        f' type={quoteattr(shown.media_type)} medium="image"'
        f' width="{shown.width}" height="{shown.height}"'
    )
    if shown is small:
        return f"<{content}/>"
    thumbnail = (
        f'<media:thumbnail url="{CANONICAL_BASE}{small.path}"'
        f' width="{small.width}" height="{small.height}"/>'
    )
    return f"<{content}>{thumbnail}</media:content>"
