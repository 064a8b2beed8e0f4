"""The files of a feed: RSS, Atom and JSON, each in full and lite, as canonical bytes.

The same channel and articles give the same bytes at any time and place: no clock, no
locale, no order but that of ``feeds.selection``. Each entry's content is rendered once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from feeds.article import Article
from feeds.channel import Channel, archive_path, entry_id
from feeds.entries import Entry, entries_of, quiet_line
from feeds.json_feed import json_feed as json_document
from feeds.lite import MAX_ENTRIES as LITE_ENTRIES
from feeds.lite import lite_entries
from feeds.localise import CANONICAL_BASE, LONGEST_BASE
from feeds.markup import html_text, xml_text
from feeds.moving import entries_about_addresses
from feeds.rss_atom import archive_atom, xml_feeds
from feeds.selection import newest, reading_order
from feeds.words import Words

__all__ = [
    "Channel",
    "FullFeed",
    "archive_document",
    "atom",
    "documents",
    "entry_id",
    "full_feed",
    "json_feed",
    "lite_documents",
    "rss",
    "weight",
]

_BASE: Final = CANONICAL_BASE.encode()
_LONGER: Final = LONGEST_BASE - len(_BASE)
_ENTRY_OVERHEAD: Final = 2_000  # bytes of an entry around its content, roughly and rather more


@dataclass(frozen=True, slots=True)
class _Formats:
    rss: bytes
    atom: bytes
    json: bytes

    @property
    def size(self) -> int:
        """Bytes of the largest, on the longest base."""
        return max(
            len(data) + _LONGER * data.count(_BASE) for data in (self.rss, self.atom, self.json)
        )

    def files(self, channel: Channel) -> dict[str, bytes]:
        return {
            f"{channel.stem}.rss": self.rss,
            f"{channel.stem}.atom": self.atom,
            f"{channel.stem}.json": self.json,
        }


@dataclass(frozen=True, slots=True)
class _Full:
    formats: _Formats
    kept: int  # of the entries, from the newest on


@dataclass(frozen=True, slots=True)
class FullFeed:
    """A feed in full.

    Attributes:
        files: Its three formats by path.
        articles: Those that it holds, newest first: no more than its limits let in.
    """

    files: dict[str, bytes]
    articles: tuple[Article, ...]


def documents(channel: Channel, articles: Iterable[Article]) -> dict[str, bytes]:
    """All six files of a feed by path: full and lite, in three formats.

    Args:
        channel: What the feed is, and how many entries and bytes it may hold.
        articles: What it may hold, in any order; the newest are taken.
    """
    chosen = newest(articles, channel.max_entries)
    entries = entries_of(chosen, channel)
    return _full(channel, entries).formats.files(channel) | _lite(channel, chosen, entries)


def full_feed(channel: Channel, articles: Iterable[Article]) -> FullFeed:
    """The three full files of a feed, and which articles they hold."""
    chosen = newest(articles, channel.max_entries)
    full = _full(channel, entries_of(chosen, channel))
    return FullFeed(full.formats.files(channel), chosen[: full.kept])


def archive_document(
    channel: Channel, number: int, articles: Iterable[Article]
) -> tuple[str, bytes]:
    """Path and canonical bytes of archive document ``number`` of a feed (RFC 5005, 4).

    It is Atom, under the feed's own id, and holds nothing that changes without its articles.
    """
    part = channel.archive(number)
    entries = entries_of(sorted(articles, key=reading_order)[::-1], part)
    return archive_path(channel.stem, number), archive_atom(part, entries)


def weight(channel: Channel, article: Article) -> int:
    """About how many bytes the entry of an article takes in its largest format."""
    return _weight(*entries_of((article,), channel))


def lite_documents(channel: Channel, articles: Iterable[Article]) -> dict[str, bytes]:
    """The three lite files of a feed by path; ``channel`` is the full one's."""
    chosen = newest(articles, min(channel.max_entries, LITE_ENTRIES))
    return _lite(channel, chosen, entries_of(chosen, channel))


def rss(channel: Channel, articles: Iterable[Article]) -> bytes:
    """The full feed as RSS 2.0."""
    return _of(channel, articles).rss


def atom(channel: Channel, articles: Iterable[Article]) -> bytes:
    """The full feed as Atom 1.0 (RFC 4287)."""
    return _of(channel, articles).atom


def json_feed(channel: Channel, articles: Iterable[Article]) -> bytes:
    """The full feed as JSON Feed 1.1."""
    return _of(channel, articles).json


def _of(channel: Channel, articles: Iterable[Article]) -> _Formats:
    chosen = newest(articles, channel.max_entries)
    return _full(channel, entries_of(chosen, channel)).formats


def _lite(
    channel: Channel, articles: Sequence[Article], entries: Sequence[Entry]
) -> dict[str, bytes]:
    lite = channel.lite
    about = entries_about_addresses(lite)
    chosen = lite_entries(lite, articles, entries, about)
    return _render(lite, (*chosen, *about)).files(lite)


def _render(channel: Channel, entries: Sequence[Entry]) -> _Formats:
    xml = xml_feeds(channel, entries)
    return _Formats(xml.rss, xml.atom, json_document(channel, entries))


def _full(channel: Channel, entries: Sequence[Entry]) -> _Full:
    """What fits in ``max_bytes``, the newest first; one article at least, if need be short."""
    about = entries_about_addresses(channel)
    formats = _render(channel, (*entries, *about))
    while formats.size > channel.max_bytes and len(entries) > 1:
        entries = _without(entries, formats.size - channel.max_bytes)
        formats = _render(channel, (*entries, *about))
    if formats.size > channel.max_bytes:
        formats = _render(channel, (*map(_shortened, entries), *about))
    return _Full(formats, len(entries))


def _without(entries: Sequence[Entry], excess: int) -> Sequence[Entry]:
    """``entries`` without so many of the oldest that about ``excess`` bytes go with them."""
    kept = len(entries)
    while excess > 0 and kept > 1:
        kept -= 1
        excess -= _weight(entries[kept])
    return entries[:kept]


def _weight(entry: Entry) -> int:
    return len(xml_text(entry.html)) + _ENTRY_OVERHEAD


def _shortened(entry: Entry) -> Entry:
    link = f'<a href="{entry.link}">{html_text(Words(entry.speaks).plain("feed read on"))}</a>'
    text = f"<p>{html_text(entry.summary)}</p>{entry.notes}<p>{link}</p>"
    return replace(entry, html=text + quiet_line(entry.speaks))
