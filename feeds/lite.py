"""The entries of a lite feed, cut so that it comes through a line that dies after 15 kB.

A lite feed and its HTTP headers are at most 12,000 bytes, uncompressed and on a base of any
length up to ``LONGEST_BASE``. It has the newest entries, under the ids of the full feed,
with as much text as fits, shared out evenly, and then a link to the page and a short one to
the other addresses. Pictures, tags and the original address, which all cost bytes, are left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final, ParamSpec, TypeVar, cast

from feeds.article import Article
from feeds.channel import Channel
from feeds.entries import LONG_CHARS, Entry, is_rtl, standfirst
from feeds.json_feed import json_feed
from feeds.localise import CANONICAL_BASE, LONGEST_BASE
from feeds.markup import html_text, json_text, marked, opening, paragraphs, shorten, xml_text
from feeds.rss_atom import xml_feeds
from feeds.words import Words

MAX_BYTES: Final = 11_500  # 12,000 less the answer's headers
MAX_ENTRIES: Final = 8
MIN_TEXT: Final = 700  # bytes for an entry's text that are worth its head

_P = ParamSpec("_P")
_T = TypeVar("_T")
_REMEMBERED: Final = 128  # texts, those of a dozen feeds
_LONGER: Final = LONGEST_BASE - len(CANONICAL_BASE)
_BODY_CHARS: Final = 40_000  # of a body, tags included: more than any share holds
_WORTH_CHARS: Final = 20
_TITLE_CHARS: Final = 160
_NAME_CHARS: Final = 60
_NAMES: Final = 2


def lite_entries(
    channel: Channel,
    articles: Sequence[Article],
    entries: Sequence[Entry],
    about: Sequence[Entry] = (),
) -> tuple[Entry, ...]:
    """As many of the newest entries as leave each a fair piece of text, and that text.

    Args:
        channel: The lite feed.
        articles: Newest first.
        entries: What the full feed says of them, in the same order.
        about: Entries that stand beside them, and take their part of the room.
    """
    bare = [_of(_bare, entry)(entry) for entry in entries[:MAX_ENTRIES]]
    count = len(bare)
    room = MAX_BYTES - _size(channel, (*bare, *about))
    while count > 1 and room < count * MIN_TEXT:
        count -= 1
        room = MAX_BYTES - _size(channel, (*bare[:count], *about))
    texts = [
        _of(_text, entry)(article, entry)
        for article, entry in zip(articles[:count], entries[:count], strict=True)
    ]
    needs = [sum(part.cost for part in text) for text in texts]
    return tuple(map(_filled, bare, texts, _shares(needs, room)))


@dataclass(frozen=True, slots=True)
class _Part:
    """One paragraph of a text, and what it costs."""

    text: str
    html: str
    cost: int


def _of(make: Callable[_P, _T], entry: Entry) -> Callable[_P, _T]:
    """``make``, remembering what it made for entries that are not long."""
    return make if len(entry.html) > LONG_CHARS else _remembering(make)


@cache
def _remembering(make: Callable[_P, _T]) -> Callable[_P, _T]:
    return cast("Callable[_P, _T]", lru_cache(maxsize=_REMEMBERED)(make))


def _bare(entry: Entry) -> Entry:
    """The entry without its text: its head, what is said of it, and the links at its end."""
    words = Words(entry.speaks)
    page = f'<a href="{entry.link}">{html_text(words.plain("feed read on"))}</a>'
    mirrors = html_text(words.plain("feed others brief"))
    others = f'<small><a href="{CANONICAL_BASE}mirrors.html">{mirrors}</a></small>'
    return replace(
        entry,
        title=shorten(entry.title, _TITLE_CHARS),
        html=f"{entry.notes}<p>{page} · {others}</p>",
        summary="",
        original="",
        authors=tuple(shorten(name, _NAME_CHARS) for name in entry.authors[:_NAMES]),
        categories=tuple(shorten(name, _NAME_CHARS) for name in entry.categories[:1]),
        picture=None,
    )


def _text(article: Article, entry: Entry) -> tuple[_Part, ...]:
    """The paragraphs that may stand in the entry."""
    if entry.withdrawn:
        return (_part(entry.summary, entry.language),)
    lead = standfirst(article.snapshot)
    body = paragraphs(opening(article.snapshot.body_html, _BODY_CHARS))
    texts = (lead, *body) if lead else body
    return tuple(_part(text, entry.language) for text in texts)


def _part(text: str, language: str) -> _Part:
    html = _paragraph(text, language)
    return _Part(text, html, _cost(html))


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """How many bytes each text gets: what it needs, or an even part of what is left."""
    shares = [0] * len(needs)
    by_need = sorted(range(len(needs)), key=needs.__getitem__)
    for served, place in enumerate(by_need):
        shares[place] = min(needs[place], max(room, 0) // (len(needs) - served))
        room -= shares[place]
    return shares


def _filled(entry: Entry, text: Sequence[_Part], share: int) -> Entry:
    """``entry`` with as much of ``text`` before its link as costs ``share`` bytes."""
    parts = []
    for part in text:
        if part.cost > share:
            parts.append(_cut(part.text, entry.language, share))
            break
        parts.append(part.html)
        share -= part.cost
    return replace(entry, html="".join(parts) + entry.html)


def _cut(text: str, language: str, share: int) -> str:
    """The longest beginning of a paragraph that costs at most ``share`` bytes; or nothing."""
    low, high = 0, min(len(text), share)
    while low < high:
        middle = (low + high + 1) // 2
        if _cost(_paragraph(shorten(text, middle), language)) <= share:
            low = middle
        else:
            high = middle - 1
    return _paragraph(shorten(text, low), language) if low >= _WORTH_CHARS else ""


def _paragraph(text: str, language: str) -> str:
    opening_tag = '<p dir="rtl">' if is_rtl(language) else "<p>"
    return f"{opening_tag}{html_text(text)}</p>"


def _cost(html: str) -> int:
    """What ``html`` adds to a feed on the longest base, in the format where it adds most."""
    text = marked(html)
    return max(len(xml_text(text)), len(json_text(text))) + _LONGER * text.count(CANONICAL_BASE)


def _size(channel: Channel, entries: Sequence[Entry]) -> int:
    """Bytes of the largest format, on the longest base."""
    xml = xml_feeds(channel, entries)
    return max(
        len(document) + _LONGER * document.count(CANONICAL_BASE.encode())
        for document in (xml.rss, xml.atom, json_feed(channel, entries))
    )
