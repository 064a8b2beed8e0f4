"""RSS 2.0 and Atom 1.0 (RFC 4287); the only import of ``feedgen``.

Dates come from the entries and nothing names the generator, so that the same entries give
the same bytes at any time. The content of an entry is the same in both formats: it is made
ready once, and put in the place of a mark into the documents that ``feedgen`` wrote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement

from feeds.channel import Channel
from feeds.entries import Entry, picture_shown
from feeds.localise import CANONICAL_BASE, seal
from feeds.markup import html_text

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_MEDIA: Final = "{http://search.yahoo.com/mrss/}"
_DELETED: Final = "{http://purl.org/atompub/tombstones/1.0}"  # RFC 6721
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"

# Around the number of an entry's content. XML allows these two, no text of ours holds them
# (a snapshot refuses them), so no text can pass for a mark.
_MARK: Final = "\ufdd0{}\ufdd1"
_MARKS: Final = re.compile("\ufdd0([0-9]+)\ufdd1".encode())
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class XmlFeeds:
    """The same entries in both formats, canonical bytes."""

    rss: bytes
    atom: bytes


def xml_feeds(channel: Channel, entries: Sequence[Entry], contents: Sequence[bytes]) -> XmlFeeds:
    """RSS and Atom of ``entries``, in their order.

    Args:
        channel: What the feed is.
        entries: What it holds.
        contents: For each entry, ``markup.xml_text`` of its ``html``.
    """
    feed = _feed(channel, entries)
    items = [_item(channel, entry, _MARK.format(number)) for number, entry in enumerate(entries)]
    feed.entry(items, replace=True)
    _set_links(feed, channel, "rss", "application/rss+xml")
    rss = _finish(feed.rss_str(), contents)

    live = [item for item, entry in zip(items, entries, strict=True) if not entry.withdrawn]
    feed.entry(live, replace=True)
    _set_links(feed, channel, "atom", "application/atom+xml")
    return XmlFeeds(rss, _finish(feed.atom_str(), contents))


def _finish(document: bytes, contents: Sequence[bytes]) -> bytes:
    return _MARKS.sub(lambda mark: contents[int(mark[1])], seal(document, "xml"))


def _feed(channel: Channel, entries: Sequence[Entry]) -> Any:  # noqa: ANN401  # untyped library
    feed = FeedGenerator()
    feed.generator("")
    feed.docs("")
    feed.id(channel.id)
    feed.title(channel.title)
    feed.description(channel.description)
    feed.language(channel.language)
    feed.author({"name": channel.author or channel.title})
    feed.updated(max((entry.updated for entry in entries), default=channel.begun))
    feed.register_extension("more_rss", _RssChannel, _RssItem, atom=False)
    feed.register_extension("more_atom", _AtomFeed, _AtomEntry, rss=False)
    feed.more_rss.entries = feed.more_atom.entries = entries
    return feed


def _set_links(feed: Any, channel: Channel, ending: str, media_type: str) -> None:  # noqa: ANN401
    others = [
        {"href": channel.url(ending, other.url), "rel": "related", "type": media_type}
        for other in channel.addresses
    ]
    hub = [{"href": channel.hub, "rel": "hub"}] if channel.hub else []
    own = {"href": channel.url(ending), "rel": "self", "type": media_type}
    home = {"href": channel.home_url, "rel": "alternate", "type": "text/html"}
    feed.link([own, *hub, *others, home], replace=True)  # RSS takes the last as its own link
    feed.more_rss.links = [*hub, *others]


def _item(channel: Channel, entry: Entry, mark: str) -> Any:  # noqa: ANN401  # untyped library
    item = FeedEntry()
    item.id(entry.id)
    item.title(entry.title)
    item.updated(entry.updated)
    item.published(entry.published)
    if entry.summary:
        item.summary(entry.summary)  # Atom: plain text
        item.description(html_text(entry.summary))  # RSS: readers take it as HTML
    item.content(mark, type="html")  # after the description, which sets it too
    item.link(href=entry.link)  # the only one: feedgen 1.0 loses the rel of an entry's links
    item.author([{"name": name} for name in entry.authors])
    item.category([{"term": name} for name in entry.categories])
    item.register_extension("more_rss", _RssItem, atom=False)
    item.register_extension("more_atom", _AtomEntry, rss=False)
    item.more_rss.entry = item.more_atom.entry = entry
    item.more_atom.language = entry.language if entry.language != channel.language else ""
    return item


class _RssChannel(BaseExtension):  # type: ignore[misc]  # untyped library
    """What RSS has no word for at the head of a feed."""

    entries: Sequence[Entry] = ()
    links: Sequence[dict[str, str]] = ()

    def extend_ns(self) -> dict[str, str]:
        creators = {"dc": _DC[1:-1]} if any(entry.authors for entry in self.entries) else {}
        return creators | _media_namespace(self.entries)

    def extend_rss(self, feed: Any) -> Any:  # noqa: ANN401  # an lxml element
        for link in self.links:
            SubElement(feed[0], f"{_ATOM}link", link)
        return feed


class _AtomFeed(BaseExtension):  # type: ignore[misc]  # untyped library
    """What came after Atom at the head of a feed: tombstones (RFC 6721)."""

    entries: Sequence[Entry] = ()

    def extend_ns(self) -> dict[str, str]:
        gone = any(entry.withdrawn for entry in self.entries)
        return ({"at": _DELETED[1:-1]} if gone else {}) | _media_namespace(self.entries)

    def extend_atom(self, feed: Any) -> Any:  # noqa: ANN401  # an lxml element
        for entry in self.entries:
            if entry.withdrawn:
                self._add_tombstone(feed, entry)
        return feed

    @staticmethod
    def _add_tombstone(feed: Any, entry: Entry) -> None:  # noqa: ANN401  # an lxml element
        when = entry.updated.strftime(_TIME)
        deleted = SubElement(feed, f"{_DELETED}deleted-entry", ref=entry.id, when=when)
        if entry.summary:
            SubElement(deleted, f"{_DELETED}comment").text = entry.summary
        SubElement(deleted, "link", href=entry.link)


class _RssItem(BaseEntryExtension):  # type: ignore[misc]  # untyped library
    """What RSS has no word for in an item."""

    entry: Entry

    def extend_rss(self, item: Any) -> Any:  # noqa: ANN401  # an lxml element
        for name in self.entry.authors:
            SubElement(item, f"{_DC}creator").text = name
        if self.entry.original:
            SubElement(item, f"{_ATOM}link", rel="via", href=self.entry.original)
        _add_picture(item, self.entry)
        return item


class _AtomEntry(BaseEntryExtension):  # type: ignore[misc]  # untyped library
    """What Atom has no word for in an entry."""

    entry: Entry
    language = ""

    def extend_atom(self, element: Any) -> Any:  # noqa: ANN401  # an lxml element
        if self.language:
            element.set(_LANGUAGE, self.language)
        if self.entry.original:
            SubElement(element, "link", rel="via", href=self.entry.original)
        _add_picture(element, self.entry)
        return element


def _media_namespace(entries: Sequence[Entry]) -> dict[str, str]:
    return {"media": _MEDIA[1:-1]} if any(entry.picture for entry in entries) else {}


def _add_picture(element: Any, entry: Entry) -> None:  # noqa: ANN401  # an lxml element
    if entry.picture is None:
        return
    shown, small = picture_shown(entry.picture), entry.picture.small
    content = SubElement(
        element,
        f"{_MEDIA}content",
        url=CANONICAL_BASE + shown.path,
        fileSize=str(shown.size),
        type=shown.media_type,
        medium="image",
        width=str(shown.width),
        height=str(shown.height),
    )
    if shown is not small:
        SubElement(
            content,
            f"{_MEDIA}thumbnail",
            url=CANONICAL_BASE + small.path,
            width=str(small.width),
            height=str(small.height),
        )
