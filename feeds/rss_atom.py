"""RSS 2.0 and Atom 1.0 (RFC 4287); the only import of ``feedgen``.

``feedgen`` writes each document with its head and one entry that holds marks instead of
texts. That entry is then the pattern for all: filling it in takes a tenth of the time, and
long texts are made ready once for both formats. Dates come from the entries and nothing
names the generator, so the same entries give the same bytes at any time.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement

from feeds.channel import Channel
from feeds.entries import Entry
from feeds.markup import html_text, seal_feed
from feeds.xml_extras import atom_extras, rss_extras, rss_namespaces

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"

# Marks stand between two characters that XML allows and no text of ours holds (a snapshot
# refuses them), so no text can pass for one.
_MARK: Final = "\ufdd0{}\ufdd1"
_MARKS: Final = re.compile("\ufdd0([a-z]+)\ufdd1")
_CONTENTS: Final = re.compile("\ufdd0([0-9]+)\ufdd1".encode())
_UPDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)  # the mark where feedgen wants a date
_ENTRY: Final = re.compile(r"<(item|entry)[ >].*</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class XmlFeeds:
    """The same entries in both formats, canonical bytes."""

    rss: bytes
    atom: bytes


def xml_feeds(channel: Channel, entries: Sequence[Entry], contents: Sequence[bytes]) -> XmlFeeds:
    """RSS and Atom of ``entries``, in their order; in Atom, tombstones for the withdrawn.

    Args:
        channel: What the feed is.
        entries: What it holds.
        contents: For each entry, ``markup.xml_text`` of its marked ``html``.
    """
    numbered = tuple(enumerate(entries))
    rss = _document(_pattern(channel, entries, "rss"), numbered, contents, extras=rss_extras)
    live = [(number, entry) for number, entry in numbered if not entry.withdrawn]
    atom = _document(_pattern(channel, entries, "atom"), live, contents, extras=atom_extras)
    return XmlFeeds(rss, atom)


def _document(
    pattern: str,
    entries: Sequence[tuple[int, Entry]],
    contents: Sequence[bytes],
    *,
    extras: Callable[[Entry], str],
) -> bytes:
    """``pattern`` with its one entry of marks made into ``entries``."""
    found = _ENTRY.search(pattern)
    assert found is not None  # noqa: S101  # _pattern puts exactly one in
    template = found[0].replace("%", "%%").replace(_UPDATED.isoformat(), "%(updated)s")
    template = _MARKS.sub(r"%(\1)s", template)
    items = [template % _fields(entry, number, extras) for number, entry in entries]
    document = "".join((pattern[: found.start()], *items, pattern[found.end() :]))
    return _CONTENTS.sub(lambda mark: contents[int(mark[1])], seal_feed(document.encode()))


def _fields(entry: Entry, number: int, extras: Callable[[Entry], str]) -> dict[str, str]:
    return {
        "id": escape(entry.id),
        "title": escape(entry.title),
        "link": entry.link,
        "language": entry.language,
        "updated": entry.updated.isoformat(),
        "summary": escape(entry.summary),
        "description": escape(html_text(entry.summary)),
        "content": _MARK.format(number),
        "extras": extras(entry),
    }


def _pattern(channel: Channel, entries: Sequence[Entry], ending: str) -> str:
    """The document by feedgen, with one entry of marks."""
    feed = FeedGenerator()
    feed.generator("")
    feed.docs("")
    feed.id(channel.id)
    feed.title(channel.title)
    feed.description(channel.description)
    feed.language(channel.language)
    feed.author({"name": channel.author or channel.title})
    feed.updated(max((entry.updated for entry in entries), default=channel.begun))
    feed.register_extension("more", _MoreOfFeed, _MoreOfEntry)
    if ending == "rss":
        feed.more.namespaces = rss_namespaces(entries)
        feed.more.links = _set_links(feed, channel, ending, "application/rss+xml")
    else:
        feed.more.withdrawn = [entry for entry in entries if entry.withdrawn]
        _set_links(feed, channel, ending, "application/atom+xml")
    _add_entry_of_marks(feed, with_summary=any(entry.summary for entry in entries))
    document: bytes = feed.rss_str() if ending == "rss" else feed.atom_str()
    return document.decode()


def _add_entry_of_marks(feed: Any, *, with_summary: bool) -> None:  # noqa: ANN401  # untyped library
    item = feed.add_entry()
    item.id(_MARK.format("id"))
    item.title(_MARK.format("title"))
    item.updated(_UPDATED)
    if with_summary:
        item.summary(_MARK.format("summary"))  # Atom: plain text
        item.description(_MARK.format("description"))  # RSS: readers take it as HTML
    item.content(_MARK.format("content"), type="html")  # last: the description sets it too
    item.link(href=_MARK.format("link"))  # one only: feedgen 1.0 loses the rel of these


def _set_links(
    feed: Any,  # noqa: ANN401  # untyped library
    channel: Channel,
    ending: str,
    media_type: str,
) -> list[dict[str, str]]:
    """Set all links of the feed; the result are those that feedgen leaves out of RSS."""
    others = [
        {"href": channel.url(ending, other.url), "rel": "related", "type": media_type}
        for other in channel.addresses
    ]
    hub = [{"href": channel.hub, "rel": "hub"}] if channel.hub else []
    own = {"href": channel.url(ending), "rel": "self", "type": media_type}
    home = {"href": channel.home_url, "rel": "alternate", "type": "text/html"}
    feed.link([own, *hub, *others, home], replace=True)  # RSS takes the last as its own link
    return [*hub, *others]


class _MoreOfFeed(BaseExtension):  # type: ignore[misc]  # untyped library
    """What feedgen has no word for at the head of a feed."""

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self.links: Sequence[dict[str, str]] = ()
        self.withdrawn: Sequence[Entry] = ()

    def extend_ns(self) -> dict[str, str]:
        return self.namespaces | ({"at": _TOMBSTONES} if self.withdrawn else {})

    def extend_rss(self, feed: Any) -> Any:  # noqa: ANN401  # an lxml element
        for link in self.links:
            SubElement(feed[0], f"{_ATOM}link", link)
        return feed

    def extend_atom(self, feed: Any) -> Any:  # noqa: ANN401  # an lxml element
        for entry in self.withdrawn:
            deleted = SubElement(
                feed,
                f"{{{_TOMBSTONES}}}deleted-entry",
                ref=entry.id,
                when=entry.updated.isoformat(),
            )
            if entry.summary:
                SubElement(deleted, f"{{{_TOMBSTONES}}}comment").text = entry.summary
            SubElement(deleted, "link", href=entry.link)
        return feed


class _MoreOfEntry(BaseEntryExtension):  # type: ignore[misc]  # untyped library
    """The mark after an entry's last element."""

    def extend_rss(self, item: Any) -> Any:  # noqa: ANN401  # an lxml element
        item[-1].tail = _MARK.format("extras")
        return item

    def extend_atom(self, entry: Any) -> Any:  # noqa: ANN401  # an lxml element
        entry[-1].tail = _MARK.format("extras")
        entry.set(_LANGUAGE, _MARK.format("language"))
        return entry
