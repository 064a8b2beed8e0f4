"""Reading one sitemap file: a list of pages, or an index of other files.

The Sitemap protocol (sitemaps.org), Google's news extension, gzip and plain lists of addresses.
A file is read element by element, so that it never stands in memory as a tree.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final

from lxml import etree

from mirror.errors import SourceChangedError, SourceRefusedError
from mirror.extract.dates import parse_date
from mirror.source import encoding
from mirror.source.item import Item
from mirror.source.texts import absolute, plain

MAX_ENTRIES: Final = 50_000  # the protocol's own bound
MAX_UNPACKED: Final = 52_428_800  # bytes; the protocol's too
_MAX_ELEMENTS: Final = 2_000_000  # forty for each entry
_MAX_DEPTH: Final = 32
_MAX_TEXT: Final = 5_000  # characters of one field
_ENTRY: Final = 2  # depth of an entry, the root's being 1
_FEEDS: Final = frozenset({"rss", "feed", "RDF"})
_ROOTS: Final = {"urlset": "url", "sitemapindex": "sitemap"}
_WHOLE: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[^\s#]*")  # as most are
_END: Final = re.compile(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>")
_END_WITHIN: Final = 4_000  # bytes; some append a comment
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_STRAY: Final = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|&(?!#\d{1,7};|#x[0-9a-f]{1,6};|(?:amp|lt|gt|quot|apos);)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_ENTRY: Final = 1_000_000  # bytes
_SAME_DATE: Final = 20  # entries with the newest date, from which on it may be the file's own
_COARSE: Final = re.compile(
    r"\d{4}-\d\d(?:-\d\d(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One page, or one file of an index.

    Attributes:
        url: Absolute http(s).
        lastmod: When it last changed, as it is written there; may be empty.
        changed: The same as a moment, UTC, or None.
        title: Of a news entry, plain text; may be empty.
        published: Of a news entry, UTC, or None.
        language: Of a news entry; may be empty.
        is_news: Whether it has the news extension, as only articles do.
    """

    url: str
    lastmod: str = ""
    changed: datetime | None = None
    title: str = ""
    published: datetime | None = None
    language: str = ""
    is_news: bool = False

    @property
    def dated(self) -> datetime | None:
        """The later of ``changed`` and ``published``, or None."""
        moments = [moment for moment in (self.changed, self.published) if moment]
        return max(moments, default=None)

    def item(self) -> Item:
        """It as an entry of a source."""
        return Item(
            url=self.url,
            id=self.url,
            title=self.title,
            published=self.published,
            updated=self.changed,
            language=self.language,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapFile:
    """One file.

    Attributes:
        url: Where it is.
        is_index: Whether its entries are other files.
        entries: At most ``MAX_ENTRIES``, in the file's order.
    """

    url: str
    is_index: bool
    entries: tuple[Entry, ...]


def read_sitemap(body: bytes, url: str) -> SitemapFile:
    """The sitemap file that ``url`` gave, also where it is a ``.gz``.

    Raises:
        SourceChangedError: It is no sitemap (a web page or a feed, for example).
        SourceRefusedError: It is larger, or nested deeper, than a sitemap may be, or defines
            entities.
    """
    pieces = _pieces(body, url)
    first = next(pieces, b"").lstrip(b"\xef\xbb\xbf \t\r\n")
    if not first.startswith((b"<", *_UTF16)):
        return SitemapFile(url=url, is_index=False, entries=_lines((first, *pieces), url))
    if b"<!ENTITY" in first.upper():
        raise SourceRefusedError(url, "defines XML entities, as attacks do and sitemaps do not")
    target = _Target(url)
    parser = etree.XMLParser(  # type: ignore[call-overload]  # the target's form is ours
        target=target,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=True,  # real sitemaps have stray ampersands
    )
    end, whole = b"", chain((first,), pieces)
    try:
        for piece in whole if first.startswith(_UTF16) else _escaped(whole):
            parser.feed(piece)
            end = (end + piece)[-_END_WITHIN:]
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceChangedError(url, f"can't be read as XML: {error}") from error
    if target.root not in _ROOTS:
        raise SourceChangedError(url, _what(target.root))
    is_whole = _END.search(end.replace(b"\0", b""))
    entries = target.entries if is_whole else target.entries[:-1]  # half an address, maybe
    return SitemapFile(url=url, is_index=target.root == "sitemapindex", entries=tuple(entries))


def is_coarse(lastmod: str) -> bool:
    """Whether it names no moment: it is a day, or empty."""
    return not lastmod or bool(_COARSE.fullmatch(lastmod.replace(" ", "T", 1)))


def newest(entries: Iterable[Entry], limit: int) -> tuple[Entry, ...]:
    """The ``limit`` newest ``entries``, the newest first.

    Where no date can be had, or all have the same, the file's order decides: its beginning and
    its end, since new pages stand at one of them.
    """
    known = _believed(tuple(entries))
    dated = sorted(
        (entry for entry in known if entry.dated),
        key=lambda entry: (entry.dated, entry.url),
        reverse=True,
    )
    undated = [entry for entry in known if not entry.dated]
    return tuple([*dated, *_ends(undated, limit)][:limit])


def _believed(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """``entries`` without ``lastmod`` where it is only the time at which the file was made."""
    moments = [entry.changed for entry in entries]
    latest = max((moment for moment in moments if moment), default=None)
    same = moments.count(latest) if latest else 0
    if same < max(_SAME_DATE, len(entries) // 2):
        return entries
    return tuple(replace(entry, lastmod="", changed=None) for entry in entries)


def _ends(entries: list[Entry], limit: int) -> list[Entry]:
    if len(entries) <= limit:
        return entries
    return [*entries[: limit // 2], *entries[len(entries) - (limit - limit // 2) :]]


def _pieces(body: bytes, url: str) -> Iterator[bytes]:
    """``body`` piece by piece, unpacked where it is gzip."""
    if not body.startswith(b"\x1f\x8b"):
        for start in range(0, len(body), encoding.PIECE):
            yield body[start : start + encoding.PIECE]
        return
    decoder, unpacked = encoding.decoder("gzip"), 0
    try:
        for piece in decoder.feed(body):
            unpacked += len(piece)
            if unpacked > MAX_UNPACKED:
                raise SourceRefusedError(url, f"is larger than {MAX_UNPACKED} bytes, unpacked")
            yield piece
        decoder.finish()
    except encoding.EncodingError as error:
        raise SourceChangedError(url, str(error)) from error


def _escaped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same, with ``&amp;`` for stray ampersands, which would end an address in its middle.

    Cut inside an entry's last tag, so that neither a reference nor a CDATA section is.
    """
    rest = b""
    for piece in pieces:
        data = rest + piece
        cut = max(data.rfind(b"url>"), data.rfind(b"sitemap>")) + 1
        cut = len(data) if len(data) > _LONGEST_ENTRY else cut
        rest = data[cut:]
        yield _STRAY.sub(_amp, data[:cut])
    yield _STRAY.sub(_amp, rest)


def _amp(found: re.Match[bytes]) -> bytes:
    return b"&amp;" if found[0] == b"&" else found[0]


def _lines(pieces: Iterable[bytes], url: str) -> tuple[Entry, ...]:
    """A plain list, one address a line."""
    lines = b"".join(pieces).decode("utf-8", "replace").splitlines()
    found = [line.strip() for line in lines if line.strip()]
    if not found or not all(line.startswith(("http://", "https://")) for line in found):
        raise SourceChangedError(url, "is no sitemap: neither XML nor a list of addresses")
    addresses = (absolute(url, line) for line in found[:MAX_ENTRIES] if len(line) <= _MAX_TEXT)
    return tuple(Entry(url=address) for address in addresses if address)


def _what(root: str) -> str:
    if root in _FEEDS:
        return 'is a feed, not a sitemap; set kind = "feed" for it'
    return f"is {'a web page' if root.lower() == 'html' else f'<{root[:40]}>'}, not a sitemap"


class _Target:
    """Takes a sitemap in, element by element."""

    def __init__(self, url: str) -> None:
        self.root = ""
        self.entries: list[Entry] = []
        self._url = url
        self._path: list[str] = []
        self._fields: dict[str, str] = {}
        self._text: list[str] | None = None
        self._elements = 0

    def start(self, tag: str, _attributes: object) -> None:
        name = tag.rpartition("}")[2]
        self._path.append(name)
        self._elements += 1
        if len(self._path) > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise SourceRefusedError(self._url, "is nested deeper or larger than a sitemap may be")
        self.root = self.root or name
        if len(self._path) == _ENTRY:
            self._fields = {}
        elif len(self._path) > _ENTRY:
            self._text = []

    def data(self, text: str) -> None:
        if self._text is not None and sum(map(len, self._text)) < _MAX_TEXT:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        path = "/".join(self._path[_ENTRY:])
        if path and self._text is not None:
            self._fields.setdefault(path, "".join(self._text).strip()[:_MAX_TEXT])
            self._text = None
        if len(self._path) == _ENTRY and self._path[1] == _ROOTS.get(self.root):
            self._add()
        self._path.pop()

    def close(self) -> None:
        pass

    def _add(self) -> None:
        said = self._fields
        address = said.get("loc", "")
        if not _WHOLE.fullmatch(address):
            address = absolute(self._url, address)
        if not address or len(self.entries) >= MAX_ENTRIES:
            return
        lastmod, title = said.get("lastmod", "")[:40], said.get("news/title", "")
        date = said.get("news/publication_date", "")
        self.entries.append(
            Entry(
                url=address,
                lastmod=lastmod,
                changed=parse_date(lastmod) if lastmod else None,
                title=plain(title) if title else "",
                published=parse_date(date) if date else None,
                language=said.get("news/publication/language", "")[:35],
                is_news=bool(title or date),
            )
        )
