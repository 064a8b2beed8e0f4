"""Front page, section fronts and archive lists: what stands here changes, or is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from feeds.article import Article, State
from feeds.pages.article import Moment
from feeds.pages.asking import STYLE, on_front
from feeds.pages.environment import template
from feeds.pages.reading import reading_path
from feeds.pages.site import Listed, Section, Site
from feeds.pages.subscribe import Feed, alternates, how_to_subscribe, in_all_formats
from feeds.weight import fits
from feeds.words import Words, direction, words_for

FRONT_ARTICLES: Final = 30
LIST_ARTICLES: Final = 50  # on one archive page; a page of this many is closed

_STATES: Final = {State.LIVE: "", State.GONE: "was gone", State.WITHDRAWN: "was withdrawn"}


class _Detail(NamedTuple):
    """How much a list says of each article."""

    leads: int  # articles with their lead
    lead_chars: int
    title_chars: int
    codes: bool = False  # QR codes on the front page


# From the fullest on; the first that keeps the page under the limit is taken.
_DETAILS: Final = (
    _Detail(30, 220, 240, codes=True),
    _Detail(12, 220, 240, codes=True),
    _Detail(5, 160, 240, codes=True),
    _Detail(5, 160, 240),
    _Detail(0, 0, 200),
    _Detail(0, 0, 100),
    _Detail(0, 0, 50),
    _Detail(0, 0, 24),
)


class _Item(NamedTuple):
    """What a list says of one article."""

    path: str
    title: str
    lead: str
    language: str
    dir: str
    section: str
    published: Moment
    state: str


@dataclass(frozen=True, slots=True)
class _Link:
    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What distinguishes one list from another."""

    title: str
    here: str
    root: str
    section: str = ""
    newest: str = ""
    edition: datetime | None = None
    number: int = 0
    newer: str = ""
    older: str = ""
    mirrors: Sequence[Listed] = ()
    asks: bool = False

    @property
    def is_front(self) -> bool:
        """Whether it is the front page."""
        return self.here == "index.html"


def list_path(list_name: str, number: int) -> str:
    """``l/<list>/<n>.html``; a list's name may have folders in it."""
    return f"l/{list_name}/{number}.html"


def front_page(
    site: Site,
    articles: Sequence[Article],
    edition_time: datetime,
    *,
    archive: str = "",
    mirrors: Sequence[Listed] = (),
) -> bytes:
    """``index.html``: the first ``FRONT_ARTICLES`` of ``articles``, which are newest first.

    ``archive`` is the path of the newest page of the list of all articles, if there is one;
    ``mirrors`` are those that are listed.
    """
    kind = _Kind(
        title=site.title,
        here="index.html",
        root="",
        edition=edition_time,
        older=archive,
        newest=archive,
        mirrors=mirrors,
        asks=True,
    )
    return _page(site, kind, articles[:FRONT_ARTICLES])


def section_page(
    site: Site,
    section: Section,
    articles: Sequence[Article],
    edition_time: datetime | None = None,
    *,
    archive: str = "",
) -> bytes:
    """``s/<section>.html``: the first ``FRONT_ARTICLES`` of ``articles``, newest first.

    ``archive`` is the path of the newest page of the section's own list, if there is one.
    """
    kind = _Kind(
        title=section.name,
        here=section.path,
        root="../",
        section=section.slug,
        edition=edition_time,
        older=archive,
        asks=True,
    )
    return _page(site, kind, articles[:FRONT_ARTICLES])


def list_page(
    site: Site,
    title: str,
    list_name: str,
    number: int,
    articles: Sequence[Article],
    *,
    closed: bool,
) -> bytes:
    """``l/<list_name>/<number>.html``, newest first; 1 is the oldest page.

    ``articles`` are at most ``LIST_ARTICLES``. A closed page knows that there is a newer one.
    """
    kind = _Kind(
        title=title,
        here=list_path(list_name, number),
        root="../" * (list_name.count("/") + 2),
        number=number,
        newer=list_path(list_name, number + 1) if closed else "",
        older=list_path(list_name, number - 1) if number > 1 else "",
    )
    return _page(site, kind, articles, feeds=not closed)


def _page(site: Site, kind: _Kind, articles: Sequence[Article], *, feeds: bool = True) -> bytes:
    w = words_for(site.language)
    appeals = on_front(site, w) if kind.asks else ()
    styles = ["subscribe"] if kind.is_front else []
    styles += [STYLE] if appeals else []
    made = template("list", "base", "list", *styles, design=site.design)
    context = {
        "site": site,
        "w": w,
        "root": kind.root,
        "reading": reading_path(w.language),
        "title": f"{kind.title} · {w('page', number=kind.number)}" if kind.number else kind.title,
        "here": kind.here,
        "menu": _menu(site, w, kind),
        "feeds": _feeds(site, kind.section) if feeds else (),
        "alternates": alternates(site, kind.section, front=kind.is_front) if feeds else (),
        "edition": kind.edition and Moment.of(kind.edition, site.timezone, w, "edition-time"),
        "number": kind.number,
        "newer": kind.newer,
        "older": kind.older,
        "appeals": appeals,
    }
    data = b""
    for detail in _DETAILS:
        items = [_item(article, site, w, detail, n) for n, article in enumerate(articles)]
        front = how_to_subscribe(site, kind.mirrors, codes=detail.codes) if kind.is_front else None
        data = made.render(context, articles=items, subscribe=front).encode()
        if fits(data):
            break
    return data


def _menu(site: Site, w: Words, kind: _Kind) -> tuple[_Link, ...]:
    sections = tuple(_Link(item.name, item.path) for item in site.sections)
    if not kind.newest:
        return sections
    subscribe = (_Link(str(w("subscribe")), "#subscribe"),) if site.feeds else ()
    return (*sections, _Link(str(w("archive")), kind.newest), *subscribe)


def _feeds(site: Site, section: str) -> tuple[Feed, ...]:
    chosen = [feed for feed in site.feeds if feed.section == section] or list(site.feeds[:1])
    return tuple(form for feed in chosen[:3] for form in in_all_formats(feed))


def _item(article: Article, site: Site, w: Words, detail: _Detail, number: int) -> _Item:
    snapshot = article.snapshot
    lead = number < detail.leads and article.state is not State.WITHDRAWN
    corrected = article.earlier and article.state is State.LIVE
    return _Item(
        path=article.path,
        title=shortened(snapshot.title, detail.title_chars),
        lead=shortened(snapshot.lead, detail.lead_chars) if lead else "",
        language=snapshot.language,
        dir=direction(snapshot.language),
        section=shortened(snapshot.section, 40),
        published=Moment.of(article.published, site.timezone, w),
        state="was corrected" if corrected else _STATES[article.state],
    )


def shortened(text: str, chars: int) -> str:
    """``text`` in at most ``chars`` signs, cut after a word where there is one."""
    if len(text) <= chars:
        return text
    head = text[: chars - 1]
    return f"{head[: head.rfind(' ')] if ' ' in head[chars // 2 :] else head}…"
