"""What a page says about its article: each thing from the most trusted place that has it.

The order of trust, the same for everything: the operator's rules; JSON-LD; OpenGraph and other
``<meta>``; microdata; the page's visible markup; the feed's entry; the site's defaults.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final

from lxml import etree

from feeds.snapshot import MAX_LEAD_CHARS, MAX_NAMES, MAX_TITLE_CHARS, one_line
from mirror.extract import rules as by_rules
from mirror.extract.dates import parse_date
from mirror.extract.jsonld import Stated, read_jsonld
from mirror.extract.page import Page, absolute, select, tag, text_of
from mirror.extract.rules import Rules

_MAX_NAME_CHARS: Final = 100
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_NOT_A_NAME: Final = re.compile(r"^(?:by|von|par|por|di|door|автор|текст)[:\s]+", re.IGNORECASE)
_PARTS: Final = re.compile(r"\s+(?:[|\u2013\u2014\u00b7\u00bb:-])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What was found; empty or None where nothing was.

    Attributes:
        title: One line, at most ``MAX_TITLE_CHARS``.
        authors: At most ``MAX_NAMES``.
        section: One line.
        tags: At most ``MAX_NAMES``.
        language: A BCP 47 tag.
        lead: One line, at most ``MAX_LEAD_CHARS``.
        published: UTC.
        modified: UTC; never before ``published``.
        image: Absolute address of the picture that the page shows elsewhere.
        addresses: Other addresses of the same article, by the page's own word: canonical, AMP.
        is_free: False where the page says that its text is for subscribers.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    lead: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    image: str = ""
    addresses: tuple[str, ...] = ()
    is_free: bool = True


@dataclass(slots=True)
class _Meta:
    """The page's ``<meta>`` by name or property, in lower case."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, *names: str) -> str:
        return next((text for name in names for text in self.values.get(name, ()) if text), "")


def read_metadata(page: Page, rules: Rules, zone: tzinfo = UTC) -> Metadata:
    """What ``page`` says, before anything is taken out of it; ``zone`` is the site's."""
    stated, meta = read_jsonld(page.root), _read_meta(page.root)
    dates = _Dates(page.root, stated, meta, zone)
    published = parse_date(by_rules.date(page.root, rules), zone) or dates.published()
    modified = dates.modified()
    if published and modified and modified < published:
        modified = None
    tags = (
        stated.tags
        or tuple(meta.values.get("article:tag", ()))
        or tuple(part for part in meta("news_keywords", "keywords").split(","))
    )
    return Metadata(
        title=_title(page.root, rules, stated, meta),
        authors=_names(
            by_rules.authors(page.root, rules) or stated.authors or _authors(page.root, meta)
        ),
        section=_line(stated.section or meta("article:section"), _MAX_NAME_CHARS),
        tags=_names(tags),
        language=_language(page.root, stated, meta),
        lead=_line(
            stated.description or meta("og:description", "description", "twitter:description"),
            MAX_LEAD_CHARS,
        ),
        published=published,
        modified=modified,
        image=absolute(
            page.base, stated.image or meta("og:image", "og:image:url", "twitter:image")
        ),
        addresses=tuple(_addresses(page, meta)),
        is_free=stated.is_free,
    )


def _read_meta(root: etree._Element) -> _Meta:
    meta = _Meta()
    for node in root.iter("meta"):
        name = (
            (node.get("property") or node.get("name") or node.get("itemprop") or "").strip().lower()
        )
        if name:
            meta.values.setdefault(name, []).append(one_line(node.get("content", "")))
    return meta


def _title(root: etree._Element, rules: Rules, stated: Stated, meta: _Meta) -> str:
    visible = [text for text in map(text_of, root.iter("h1")) if text]
    site = meta("og:site_name", "application-name")
    said = by_rules.title(root, rules) or _whole(stated.headline, visible)
    said = said or _headline(meta("og:title", "twitter:title"), visible, site)
    if not said and len(visible) == 1:
        said = visible[0]
    if not said:
        named = next((text_of(node) for node in root.iter("title")), "")
        parts = _PARTS.split(named)
        suffix = parts[-1] if len(parts) > 1 and 2 * len(parts[-1]) < len(named) else site
        said = _headline(named, visible, suffix)
    return _line(said, MAX_TITLE_CHARS)


def _whole(headline: str, visible: list[str]) -> str:
    """``headline``, or the visible one that it was cut from."""
    begun = headline.rstrip("…. ")
    return next((text for text in visible if begun and text.startswith(begun)), headline)


def _headline(title: str, visible: list[str], site: str) -> str:
    """``title`` without the site's name at its end; the visible headline where it holds that."""
    for text in visible:
        if len(text) > 5 and text.casefold() in title.casefold():  # noqa: PLR2004 - more than a name
            return text
    bare = title.removesuffix(site).rstrip() if site else title
    return bare.rstrip("|\u2013\u2014\u00b7\u00bb:- ") if bare != title else title


def _authors(root: etree._Element, meta: _Meta) -> tuple[str, ...]:
    said = [
        text
        for text in meta.values.get("author", []) + meta.values.get("article:author", [])
        if "://" not in text
    ]
    if said:
        return tuple(said)
    for selector in (
        "[itemprop=author] [itemprop=name]",
        "[itemprop=author]",
        "a[rel~=author]",
        ".byline__author__name, .byline-name, .author-name, .p-author",
    ):
        names = [text_of(node) for node in select(root, selector)]
        if any(names):
            return tuple(names)
    return ()


def _language(root: etree._Element, stated: Stated, meta: _Meta) -> str:
    html = next(root.iter("html"), root)
    said = (
        stated.language,
        html.get("lang", ""),
        meta("og:locale", "content-language", "language"),
    )
    return next((text.replace("_", "-") for text in said if _LANGUAGE.fullmatch(text)), "")


def _addresses(page: Page, meta: _Meta) -> Iterator[str]:
    links = [node for node in page.root.iter("link") if node.get("href")]
    for wanted in ("canonical", "amphtml", "shortlink"):
        for node in links:
            if wanted in node.get("rel", "").lower().split():
                yield absolute(page.base, node.get("href", ""))
    yield absolute(page.base, meta("og:url"))


@dataclass(slots=True)
class _Dates:
    root: etree._Element
    stated: Stated
    meta: _Meta
    zone: tzinfo

    def published(self) -> datetime | None:
        named = self.meta(
            "article:published_time",
            "datepublished",
            "og:published_time",
            "article:published",
            "parsely-pub-date",
            "sailthru.date",
            "date",
            "dc.date",
            "dc.date.issued",
            "pubdate",
        )
        return self._first(
            (self.stated.published, named, *self._marked("datePublished"), *self._times())
        )

    def modified(self) -> datetime | None:
        named = self.meta("article:modified_time", "datemodified", "og:updated_time", "lastmod")
        return self._first((self.stated.modified, named, *self._marked("dateModified")))

    def _first(self, texts: Iterable[str]) -> datetime | None:
        return next((moment for text in texts if (moment := parse_date(text, self.zone))), None)

    def _marked(self, name: str) -> Iterator[str]:
        for node in select(self.root, f"[itemprop~={name}]"):
            yield node.get("datetime") or node.get("content") or text_of(node)

    def _times(self) -> Iterator[str]:
        """Visible dates: those marked as the article's, then the first in the article."""
        for node in select(
            self.root,
            "time[pubdate], time.published, time.dt-published, time.byline__datetime, .entry-date",
        ):
            yield node.get("datetime") or text_of(node)
        for node in self.root.iter("time"):
            if not any(tag(above) in {"aside", "nav", "footer"} for above in node.iterancestors()):
                yield node.get("datetime") or text_of(node)


def _line(text: str, limit: int) -> str:
    return one_line(text)[:limit].strip()


def _names(found: Iterable[str]) -> tuple[str, ...]:
    names = (_NOT_A_NAME.sub("", _line(name, _MAX_NAME_CHARS)) for name in found)
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_NAMES]
