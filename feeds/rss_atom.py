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
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement

from feeds.channel import Channel
from feeds.entries import LONG_CHARS, REMEMBERED, Entry
from feeds.markup import marked, seal_feed, seal_rest, xml_text
from feeds.stylesheet import style_instruction
from feeds.xml_extras import atom_extras, rss_extras, rss_namespaces

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721
_HISTORY: Final = "http://purl.org/syndication/history/1.0"  # RFC 5005
_ATOM_TYPE: Final = "application/atom+xml"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"

# Marks stand between two characters that XML allows and no text of ours holds (a snapshot
# refuses them), so no text can pass for one.
_MARK: Final = "\ufdd0{}\ufdd1"
_MARKS: Final = re.compile("\ufdd0([a-z]+)\ufdd1")
_CONTENT: Final = "\ufdd0\ufdd1".encode()
_UPDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)  # the mark where feedgen wants a date
_ENTRY: Final = re.compile(r"<(item|entry)[ >].*</\1>", re.DOTALL)
_DATE: Final = re.compile("(<(?:lastBuildDate|updated)>)[^<]*")  # of the whole document
_NEWEST: Final = _MARK.format("newest").encode()

Extras = Callable[[Entry], str]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A document around its entries, and one entry as a template; canonical bytes."""

    head: bytes
    item: str
    tail: bytes


@dataclass(frozen=True, slots=True)
class XmlFeeds:
    """The same entries in both formats, canonical bytes."""

    rss: bytes
    atom: bytes


def xml_feeds(channel: Channel, entries: Sequence[Entry]) -> XmlFeeds:
    """RSS and Atom of ``entries``, in their order; in Atom, tombstones for the withdrawn."""
    return XmlFeeds(rss=_document(channel, entries, "rss"), atom=archive_atom(channel, entries))


def archive_atom(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """Atom alone; for a channel that is a ``part``, an archive document (RFC 5005, 4)."""
    return _document(channel, entries, "atom")


def _document(channel: Channel, entries: Sequence[Entry], ending: str) -> bytes:
    """The document's pattern with its one entry of marks made into ``entries``."""
    pattern = _pattern(
        channel,
        ending,
        namespaces=tuple(rss_namespaces(entries).items()) if ending == "rss" else (),
        withdrawn=tuple(entry for entry in entries if entry.withdrawn),
        with_summary=ending == "rss" or any(entry.summary for entry in entries),
    )
    newest = max((entry.updated for entry in entries), default=channel.begun)
    if ending == "rss":
        date, shown, extras = format_datetime(newest), entries, rss_extras
    else:
        date, extras = newest.isoformat(), atom_extras
        shown = [entry for entry in entries if not entry.withdrawn]
    head = pattern.head.replace(_NEWEST, date.encode())
    return b"".join((head, *(_item(pattern.item, one, extras) for one in shown), pattern.tail))


def _item(template: str, entry: Entry, extras: Extras) -> bytes:
    make = _make_item if len(entry.html) > LONG_CHARS else _remembered
    return make(template, entry, extras)


def _make_item(template: str, entry: Entry, extras: Extras) -> bytes:
    item = seal_rest((template % _fields(entry, extras)).encode())
    content = _content if len(entry.html) <= LONG_CHARS else _make_content
    return item.replace(_CONTENT, content(entry.html))


def _make_content(html: str) -> bytes:
    return xml_text(marked(html))


_content: Final = lru_cache(maxsize=128)(_make_content)  # the same in both formats


_remembered: Final = lru_cache(maxsize=2 * REMEMBERED)(_make_item)


def _fields(entry: Entry, extras: Extras) -> dict[str, str]:
    return {
        "id": escape(entry.id),
        "title": escape(entry.title),
        "link": entry.link,
        "language": entry.language,
        "updated": entry.updated.isoformat(),
        "summary": escape(entry.summary),
        "description": escape(escape(entry.summary)),
        "content": _CONTENT.decode(),
        "extras": extras(entry),
    }


@lru_cache(maxsize=64)
def _pattern(
    channel: Channel,
    ending: str,
    *,
    namespaces: tuple[tuple[str, str], ...],
    withdrawn: tuple[Entry, ...],
    with_summary: bool,
) -> _Pattern:
    """The document by feedgen: the same for as long as only entries change."""
    feed = FeedGenerator()
    feed.generator("")
    feed.docs("")
    feed.id(channel.id)
    feed.title(channel.title)
    feed.description(channel.description)
    feed.language(channel.language)
    feed.author({"name": channel.author or channel.title})
    feed.register_extension("more", _MoreOfFeed, _MoreOfEntry)
    feed.more.history = "archive" if channel.part else "complete" if channel.complete else ""
    if ending == "rss":
        feed.more.namespaces = dict(namespaces)
        feed.more.links = _set_links(feed, channel, ending, "application/rss+xml")
    else:
        feed.more.withdrawn = withdrawn
        _set_links(feed, channel, ending, _ATOM_TYPE)
    _add_entry_of_marks(feed, with_summary=with_summary)
    document: bytes = feed.rss_str() if ending == "rss" else feed.atom_str()
    return _apart(document.decode(), channel.language)


def _apart(document: str, language: str) -> _Pattern:
    found = _ENTRY.search(document)
    assert found is not None  # noqa: S101  # _add_entry_of_marks puts exactly one in
    head = _DATE.sub(rf"\1{_NEWEST.decode()}", document[: found.start()], count=1)
    item = found[0].replace("%", "%%").replace(_UPDATED.isoformat(), "%(updated)s")
    style = b"?>\n" + style_instruction(language)
    return _Pattern(
        head=seal_feed(head.encode()).replace(b"?>\n", style, 1),
        item=_MARKS.sub(r"%(\1)s", item),
        tail=seal_rest(document[found.end() :].encode()),
    )


def _add_entry_of_marks(feed: Any, *, with_summary: bool) -> None:  # noqa: ANN401  # untyped library
    item = feed.add_entry()
    item.id(_MARK.format("id"))
    item.title(_MARK.format("title"))
    item.updated(_UPDATED)
    if with_summary:  # in RSS always: without, the content would stand in the description
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
    url = channel.archive_url(channel.part) if channel.part else channel.url(ending)
    own = {"href": url, "rel": "self", "type": media_type}
    home = {"href": channel.home_url, "rel": "alternate", "type": "text/html"}
    more = [*hub, *_history_links(channel, ending, media_type), *others]
    feed.link([own, *more, home], replace=True)  # RSS takes the last as its own link
    return more


def _history_links(channel: Channel, ending: str, media_type: str) -> list[dict[str, str]]:
    """The document before this one; in an archive document, the feed that it is of."""
    links = []
    if channel.part:
        links.append({"href": channel.url(ending), "rel": "current", "type": media_type})
    if channel.closed:
        url = channel.archive_url(channel.closed)
        links.append({"href": url, "rel": "prev-archive", "type": _ATOM_TYPE})
    return links


class _MoreOfFeed(BaseExtension):  # type: ignore[misc]  # untyped library
    """What feedgen has no word for at the head of a feed."""

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self.links: Sequence[dict[str, str]] = ()
        self.withdrawn: Sequence[Entry] = ()
        self.history = ""  # what the document says of itself: archive, complete, or nothing

    def extend_ns(self) -> dict[str, str]:
        history = {"fh": _HISTORY} if self.history else {}
        return self.namespaces | history | ({"at": _TOMBSTONES} if self.withdrawn else {})

    def extend_rss(self, feed: Any) -> Any:  # noqa: ANN401  # an lxml element
        for link in self.links:
            SubElement(feed[0], f"{_ATOM}link", link)
        if self.history:
            SubElement(feed[0], f"{{{_HISTORY}}}{self.history}")
        return feed

    def extend_atom(self, feed: Any) -> Any:  # noqa: ANN401  # an lxml element
        if self.history:
            SubElement(feed, f"{{{_HISTORY}}}{self.history}")
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
