"""A reader that understands RFC 5005: the feed, and every archive document before it."""

from collections.abc import Callable
from typing import Any

from feeds.localise import CANONICAL_BASE
from tests.feeds.feed_rules import ATOM, TOMBSTONE, check_atom, xml

ReadFile = Callable[[str], bytes]  # the canonical bytes at a path
FH = "{http://purl.org/syndication/history/1.0}"
ATOM_LINK = f"{ATOM}link"


def chain(read: ReadFile, feed: str = "feeds/all.atom") -> dict[str, bytes]:
    """The documents by path, the feed first and the oldest last."""
    found = {feed: read(feed)}
    path = before(found[feed])
    while path:
        found[path] = read(path)
        root = check_atom(found[path])
        assert root.find(f"{FH}archive") is not None
        assert root.find(f"{FH}complete") is None
        assert links(root, "current") == [CANONICAL_BASE + feed]
        assert links(root, "self") == [CANONICAL_BASE + path]
        path = before(found[path])
    return found


def everything(read: ReadFile, feed: str = "feeds/all.atom") -> dict[str, Any]:
    """Every entry that ever was, by id; the newest document counts; None: it was withdrawn."""
    entries: dict[str, Any] = {}
    for document in chain(read, feed).values():
        root = xml(document)
        for entry in root.iter(f"{ATOM}entry"):
            entries.setdefault(entry.findtext(f"{ATOM}id"), entry)
        for gone in root.iter(TOMBSTONE):
            entries.setdefault(gone.get("ref"), None)
    return entries


def before(document: bytes) -> str:
    """The path of the archive document before this one, or empty."""
    found = links(xml(document), "prev-archive")
    assert len(found) <= 1
    return found[0].removeprefix(CANONICAL_BASE) if found else ""


def links(root: Any, rel: str) -> list[str]:  # noqa: ANN401  # an lxml element
    """The addresses of its links of that kind; in RSS, those of its channel."""
    return [
        link.get("href")
        for link in root.iter(ATOM_LINK)
        if link.get("rel") == rel and link.getparent().tag in (root.tag, "channel")
    ]
