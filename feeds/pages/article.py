"""An article's own page and its continuation pages (format 1.3, 1.6, 1.8)."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from feeds.article import Article, State, article_path
from feeds.continuation import split
from feeds.pages.asking import STYLE, on_article
from feeds.pages.body import REL, dress, first_at_once, first_picture
from feeds.pages.environment import template
from feeds.pages.reading import reading_path
from feeds.pages.site import Rendered, Site
from feeds.snapshot import Media, Snapshot, timestamp, words
from feeds.weight import (
    HEADERS,
    LIMIT,
    MAX_SMALL_PICTURE,
    fits,
    gzip_size,
    on_wire,
    picture_on_wire,
)
from feeds.words import Words, direction, reading_minutes, words_for

MAX_CORRECTIONS: Final = 10  # on one page; older ones stand on the earlier versions
ROOT: Final = Markup("../../")

_UNKNOWN_HASH: Final = "p/c5/c50f1d4a8b3e7296c50f1d4a8b3e7296a1b94d7e602f83c5d1e7a4960b28f35c.html"
_MARGIN: Final = 90  # bytes: part numbers and a hash that packs worse than the one above
_LEAST_ROOM: Final = 2_500  # bytes for text on a first page, or its header is shortened
_SHORT_LEAD: Final = 400  # signs
_SHORT_NAMES: Final = 5
_HOLE: Final = "\ue000\ue001"  # stands where the body goes


def article_files(article: Article, site: Site) -> Rendered:
    """The page of ``article``, and the continuation pages that its weight asks for.

    The page and its first small picture stay within ``feeds.weight.LIMIT``; of a long article
    there is one page besides that holds all of it, whatever it weighs. The bytes depend on
    the article and on what ``Site`` says article pages use, on nothing else.
    """
    page = _Page(article, site)
    whole = page.render(page.body)
    if fits(whole, page.picture_size(0, page.body)):
        return Rendered({article.path: whole})
    return page.in_parts(whole)


def alias_page(target_id: str, language: str = "en") -> bytes:
    """A page that leads from another address of an article to it (format 1.1)."""
    target = f"{ROOT}{article_path(target_id)}"
    return template("alias").render(target=target, w=words_for(language)).encode()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for readers and for machines."""

    iso: str
    text: str
    name: str

    @staticmethod
    def of(moment: datetime, zone: tzinfo, words: Words, name: str = "") -> "Moment":
        """``moment`` in the ``words`` of a page, and the class that its element bears."""
        return _moment(moment, zone, words, name)

    @property
    def tag(self) -> Markup:
        """The ``<time>`` element."""
        text = f'<time class="{self.name}" datetime="{self.iso}">{escape(self.text)}</time>'
        return Markup(text)  # noqa: S704  # escaped here


@lru_cache(maxsize=1_024)  # the articles of a few lists, which stand on each again and again
def _moment(moment: datetime, zone: tzinfo, words: Words, name: str) -> Moment:
    return Moment(timestamp(moment), words.time(moment, zone), name)


class _Page:
    """One article on its way to pages; ``brief`` shortens what stands above the text."""

    def __init__(self, article: Article, site: Site) -> None:
        self.article = article
        snapshot = article.snapshot
        self.media: dict[str, Media] = {item.path: item for item in snapshot.all_media}
        withdrawn = article.state is State.WITHDRAWN
        self.body = "" if withdrawn else dress(snapshot.body_html, self.media)
        self.template = template(
            "article", "base", "article", *([STYLE] if site.appeals else []), design=site.design
        )
        self.context = _context(article, site, self.body)

    def picture_size(self, number: int, html: str) -> int:
        """Bytes of the first picture of the page ``number`` with the part ``html``, or 0."""
        if number == 0 and self.context["picture"] is not None:
            first: Media | None = self.context["picture"].small
        else:
            first = first_picture(html, self.media)
        return first.size if first is not None else 0

    def render(
        self, html: str, number: int = 0, parts: int = 1, next_page: str = "", depth: int = 0
    ) -> bytes:
        """The page ``number`` of ``parts`` with its part of the body."""
        has_lead = number == 0 and self.context["picture"] is not None
        if not has_lead and 0 < self.picture_size(number, html) <= MAX_SMALL_PICTURE:
            html = first_at_once(html)
        text = self.template.render(
            self.context,
            body=Markup(html),  # noqa: S704  # sanitised by contract of Snapshot
            part=number + 1,
            parts=parts,
            next=next_page,
            depth=depth,
        )
        return text.encode()

    def in_parts(self, whole: bytes) -> Rendered:
        """The pages of a body that one page does not hold, each naming the next.

        The first one also names the page that is the ``whole``.
        """
        whole_path = _path_by_hash(whole)
        self.context["whole"] = whole_path
        self.context["whole_kb"] = max(1, round(on_wire(whole) / 1_000))
        if self._room(0) < _LEAST_ROOM:
            self._shorten()
        parts = split(self.body, _Excess(self))
        files: dict[str, bytes] = {}
        next_page = ""
        for number in range(len(parts) - 1, -1, -1):
            part = parts[number]
            data = self.render(part.html, number, len(parts), next_page, part.depth)
            next_page = _path_by_hash(data) if number else self.article.path
            files[next_page] = data
        return Rendered(dict(reversed(files.items())) | {whole_path: whole}, whole_path)

    def shell(self, number: int) -> tuple[bytes, bytes]:
        """What stands before and after the body on a page that has a next one."""
        before, _, after = self.render(_HOLE, number, 88, _UNKNOWN_HASH, 8).partition(
            _HOLE.encode()
        )
        return before, after

    def _room(self, number: int) -> int:
        picture = self.picture_size(number, self.body)
        shell = gzip_size(b"".join(self.shell(number)))
        return LIMIT - HEADERS - picture_on_wire(picture) - shell

    def _shorten(self) -> None:
        context = self.context
        context["lead"] = _clipped(context["lead"])
        context["authors"] = tuple(_clipped(name) for name in context["authors"][:_SHORT_NAMES])
        context["tags"] = tuple(_clipped(name) for name in context["tags"][:_SHORT_NAMES])
        context["more"] = context["more"] or len(context["corrections"]) > _SHORT_NAMES
        context["corrections"] = context["corrections"][:_SHORT_NAMES]


class _Excess:
    """How many bytes a page goes over the limit; keeps the shells of first and later pages."""

    def __init__(self, page: _Page) -> None:
        self._page = page
        self._shells = (page.shell(0), page.shell(1))

    def __call__(self, number: int, html: str) -> int:
        before, after = self._shells[min(number, 1)]
        picture = picture_on_wire(self._page.picture_size(number, html))
        packed = gzip_size(before + html.encode() + after)
        return HEADERS + packed + picture + _MARGIN - LIMIT


def _context(article: Article, site: Site, body: str) -> dict[str, Any]:
    snapshot = article.snapshot
    w = words_for(snapshot.language, site.language)
    withdrawn = article.state is State.WITHDRAWN
    picture = None if withdrawn else snapshot.picture
    corrections = _corrections(article, site, w)
    text = words(body)
    lead = "" if withdrawn else snapshot.lead
    return {
        "article": article,
        "s": snapshot,
        "site": site,
        "w": w,
        "root": ROOT,
        "reading": reading_path(w.language),
        "dir": direction(snapshot.language),
        "section": None if withdrawn else site.section(snapshot.section),
        "lead": lead,
        "lead_repeats": bool(lead) and text.startswith(lead.rstrip(".… ")),
        "authors": () if withdrawn else snapshot.authors,
        "tags": () if withdrawn else snapshot.tags,
        "minutes": reading_minutes(text) if text else 0,
        "published": Moment.of(article.published, site.timezone, w),
        "updated": Moment.of(article.updated, site.timezone, w, "dt-updated"),
        "fetched": Moment.of(snapshot.fetched_at, site.timezone, w, "read").tag,
        "original": _original(snapshot),
        "picture": picture,
        "lazy": picture is not None and picture.small.size > MAX_SMALL_PICTURE,
        "corrections": corrections[:MAX_CORRECTIONS],
        "more": len(corrections) > MAX_CORRECTIONS,
        "whole": "",
        "whole_kb": 0,
        "appeals": () if withdrawn else on_article(site, w, ROOT),
        "notes": bool(corrections) or article.state is not State.LIVE,
    }


def _corrections(article: Article, site: Site, w: Words) -> list[dict[str, object]]:
    """What the page says of earlier versions, the newest first."""
    return [
        {
            "time": Moment.of(earlier.until, site.timezone, w, "until").tag,
            "what": Markup('<data value="{}">{}</data>').format(
                " ".join(earlier.change), w.change(earlier.change)
            )
            if earlier.change
            else "",
            "path": earlier.path,
        }
        for earlier in reversed(article.earlier)
    ]


def _original(snapshot: Snapshot) -> Markup:
    host = urlsplit(snapshot.source_url).hostname or snapshot.source_url
    name = escape(host.removeprefix("www."))
    link = f'<a class="u-url" rel="{REL}" href="{escape(snapshot.source_url)}">{name}</a>'
    return Markup(link)  # noqa: S704  # escaped here


def _path_by_hash(data: bytes) -> str:
    digest = sha256(data).hexdigest()
    return f"p/{digest[:2]}/{digest}.html"


def _clipped(text: str) -> str:
    return text if len(text) <= _SHORT_LEAD else f"{text[:_SHORT_LEAD].rstrip()}…"
