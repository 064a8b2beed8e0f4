"""What a page says about its article: each thing from the most trusted place that has it.

The order of trust, the same for everything: the operator's rules; JSON-LD; microdata; OpenGraph
and other ``<meta>``; the page's visible markup; the feed's entry; the site's defaults.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import chain
from typing import Final

from lxml import etree

from feeds.snapshot import MAX_LEAD_CHARS, MAX_NAMES, MAX_TITLE_CHARS, one_line
from mirror.extract import rules as by_rules
from mirror.extract.dates import parse_date
from mirror.extract.jsonld import Stated, read_jsonld
from mirror.extract.marks import Marks, read_marks
from mirror.extract.microdata import read_microdata
from mirror.extract.page import Page, absolute, text_of
from mirror.extract.rules import Rules

_MAX_NAME_CHARS: Final = 100
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_NOT_A_NAME: Final = re.compile(r"^(?:by|von|par|por|di|door|автор|текст)[:\s]+", re.IGNORECASE)
_PARTS: Final = re.compile(r"\s+(?:[|\u2013\u2014\u00b7\u00bb:-])\s+")


_PUBLISHED: Final = (
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
_MODIFIED: Final = ("article:modified_time", "datemodified", "og:updated_time", "lastmod")


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


def read_metadata(page: Page, rules: Rules, zone: tzinfo = UTC) -> Metadata:
    """What ``page`` says, before anything is taken out of it; ``zone`` is the site's."""
    marks = read_marks(page.root)
    in_json, in_markup = read_jsonld(marks.stated), read_microdata(marks.props)
    stated = in_json.or_else(in_markup)
    dates = _Dates(stated, marks, zone)
    meta = marks.said
    published = parse_date(by_rules.date(page.root, rules), zone) or dates.published()
    modified = dates.modified()
    if published and modified and modified < published:
        modified = None
    tags = (
        stated.tags
        or tuple(marks.meta.get("article:tag", ()))
        or tuple(part for part in meta("news_keywords", "keywords").split(","))
    )
    return Metadata(
        title=_title(by_rules.title(page.root, rules), stated, marks),
        authors=_names(by_rules.authors(page.root, rules) or _authors(stated, marks)),
        section=_line(stated.section or meta("article:section"), _MAX_NAME_CHARS),
        tags=_names(tags),
        language=_language(page.root, stated, marks),
        lead=_line(
            stated.description or meta("og:description", "description", "twitter:description"),
            MAX_LEAD_CHARS,
        ),
        published=published,
        modified=modified,
        image=absolute(
            page.base,  # microdata name any picture of the article
            in_json.image or meta("og:image", "og:image:url", "twitter:image") or in_markup.image,
        ),
        addresses=tuple(_addresses(page, marks)),
        is_free=stated.is_free,
    )


def _title(ruled: str, stated: Stated, marks: Marks) -> str:
    visible = [text for text in map(text_of, marks.headlines) if text]
    site = marks.said("og:site_name", "application-name")
    said = ruled or _whole(stated.headline, visible)
    said = said or _headline(marks.said("og:title", "twitter:title"), visible, site)
    if not said and len(visible) == 1:
        said = visible[0]
    if not said:
        named = next(map(text_of, marks.titles), "")
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


def _authors(stated: Stated, marks: Marks) -> tuple[str, ...]:
    named = marks.meta.get("author", []) + marks.meta.get("article:author", [])
    said = tuple(text for text in named if "://" not in text)
    if stated.authors and _bare(stated.authors) != _bare(said):
        return stated.authors
    if said:  # the same names, without the capitals of a byline
        return said
    return next((names for names in marks.bylines() if any(names)), ())


def _bare(names: tuple[str, ...]) -> list[str]:
    return [name.casefold() for name in names]


def _language(root: etree._Element, stated: Stated, marks: Marks) -> str:
    html = next(root.iter("html"), root)
    said = (
        stated.language,
        html.get("lang", ""),
        marks.said("og:locale", "content-language", "language"),
    )
    return next((text.replace("_", "-") for text in said if _LANGUAGE.fullmatch(text)), "")


def _addresses(page: Page, marks: Marks) -> Iterator[str]:
    for wanted in ("canonical", "amphtml", "shortlink"):
        for rel, address in marks.links:
            if wanted in rel and address:
                yield absolute(page.base, address)
    yield absolute(page.base, marks.said("og:url"))


@dataclass(frozen=True, slots=True)
class _Dates:
    stated: Stated
    marks: Marks
    zone: tzinfo

    def published(self) -> datetime | None:
        named = self.marks.said(*_PUBLISHED)
        return self._first(chain((self.stated.published, named), self.marks.dates()))

    def modified(self) -> datetime | None:
        return self._first((self.stated.modified, self.marks.said(*_MODIFIED)))

    def _first(self, texts: Iterable[str]) -> datetime | None:
        return next((moment for text in texts if (moment := parse_date(text, self.zone))), None)


def _line(text: str, limit: int) -> str:
    return one_line(text)[:limit].strip()


def _names(found: Iterable[str]) -> tuple[str, ...]:
    names = (_NOT_A_NAME.sub("", _line(name, _MAX_NAME_CHARS)) for name in found)
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_NAMES]
