"""Whether pages can be made with a ``Design``: each kind is made once, and looked at.

An operator may change how pages look, and not what the format promises of them: that an
article's page can be read back (1.8; ``recover`` lives on it), that nothing is loaded from
elsewhere (1.6), that there is room for text (1.6), and that readers find the other addresses.
"""

import difflib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import lru_cache
from typing import Final

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from feeds.article import Article
from feeds.design import Design
from feeds.errors import FeedsError
from feeds.pages import rehearsal_examples as examples
from feeds.pages.archive import archive_page
from feeds.pages.article import article_files
from feeds.pages.environment import environment, replaceable
from feeds.pages.fixed import find_page, mirrors_page, not_found_page
from feeds.pages.inspection import asked_of_every, over_the_limit
from feeds.pages.lists import front_page, list_page, section_page
from feeds.pages.names import AUTHORS, Shelf, shelf_page, shelves_page
from feeds.pages.site import Site
from feeds.recall import recall
from feeds.weight import LIMIT, on_wire

ROOM: Final = 4_000  # bytes on the wire that the page of a short article leaves for text

_MISTAKES: Final = (  # what templates raise, by way of Jinja2
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_HELP: Final = "docs/templates.md says what there is"
_CLASSES: Final = {  # where an article's page says it
    "source_url": "u-url",
    "title": "p-name",
    "body_html": "e-content",
    "lead": "p-summary",
    "authors": "p-author",
    "section": "p-category",
    "tags": "tag",
    "language": "the lang of h-entry",
    "picture": "u-featured, caption or credit",
    "published": "dt-published",
    "published_at": "dt-published",
    "updated": "dt-updated",
    "fetched_at": "read",
    "earlier": "correction",
    "state": "gone or withdrawn",
}


@lru_cache(maxsize=8)  # newsrooms of one folder may share their templates
def problems(design: Design) -> tuple[str, ...]:
    """What is wrong with it, each with the file's name; none where pages can be made."""
    found = (*_unknown(design), *_unreadable(design))
    if found:
        return found
    site = examples.site(design)
    kinds: tuple[tuple[str, Callable[[Site], Iterator[str]]], ...] = (
        ("article.html", _articles),
        ("list.html", _lists),
        ("archive.html", _archive),
        ("names.html", _names),
        ("mirrors.html", _mirrors),
        ("find.html", _look_up),
    )
    return tuple(dict.fromkeys(line for name, of in kinds for line in _told(name, of, site)))


def _unknown(design: Design) -> Iterator[str]:
    known = sorted(replaceable())
    for name, _ in design.own:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(known)}"
            yield f"{name}: no page is made with it; {meant}"


def _unreadable(design: Design) -> Iterator[str]:
    for name, text in design.own:
        if name.endswith(".css"):
            if "</" in text:
                yield f'{name}: holds "</", which ends a style sheet; take it out'
            continue
        try:
            environment(design).parse(text)
        except TemplateSyntaxError as error:
            yield f"{name}, line {error.lineno}: {error.message}; mend it, or remove the file"


def _told(name: str, of: Callable[[Site], Iterator[str]], site: Site) -> Iterator[str]:
    """What is wrong with one kind of page, as far as it can be made."""
    own = " or ".join(one for one, _ in site.design.own)
    label = name if site.design.text(name) else f"{own}, in {name}"
    try:
        yield from (f"{label}: {line}" for line in of(site))
    except FeedsError as error:
        yield f"{label}: a page made with it can't be read back: {error} (format 1.8)"
    except TemplateNotFound as error:
        yield f"{_place(error, label, site.design)}: there is no template {error}; {_HELP}"
    except _MISTAKES as error:
        yield f"{_place(error, label, site.design)}: {error}; {_HELP}"


def _place(error: BaseException, name: str, design: Design) -> str:
    """The operator's file in which a template failed, and the line."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename.startswith(f"{design.place}/"):
            return f"{frame.filename.removeprefix(f'{design.place}/')}, line {frame.lineno}"
    return name


def _articles(site: Site) -> Iterator[str]:
    short = article_files(examples.short(), site).page
    if on_wire(short) > LIMIT - ROOM:
        yield (
            f"a page with one paragraph weighs {on_wire(short):,} bytes on the wire, of {LIMIT:,}"
            f" that a page may have; make it smaller by {on_wire(short) - LIMIT + ROOM:,}"
        )
        return
    for article in (examples.short(), *examples.articles()):
        rendered = article_files(article, site)
        for page in rendered.parts.values():
            yield from asked_of_every(page)
            if b"/mirrors.html" not in page:
                yield "has no link to mirrors.html, where readers find the other addresses"
        back = recall(rendered.page, examples.reading(rendered.files))
        yield from (
            f"drops {name} of an article ({_CLASSES.get(name, name)}), or says it another way;"
            " without it a page can't be read back (format 1.8)"
            for name in _lost(article, back)
        )


def _lost(article: Article, back: Article) -> Iterator[str]:
    for one, other in ((article.snapshot, back.snapshot), (article, back)):
        names = (field.name for field in fields(one) if field.name not in {"snapshot", "media"})
        for name in names:
            if getattr(one, name) != getattr(other, name):
                yield name


def _lists(site: Site) -> Iterator[str]:
    articles = examples.articles()
    front = front_page(
        site, articles, examples.NOW, archive="l/all/2.html", mirrors=examples.MIRRORS
    )
    section = section_page(site, site.sections[0], articles, archive="l/s-news/1.html")
    pages = (
        front,
        section,
        list_page(site, "All", "all", 2, articles, closed=False),
        list_page(site, "All", "all", 1, articles, closed=True),
    )
    for page in pages:
        yield from asked_of_every(page)
        yield from over_the_limit(page)
        for article in articles:
            if article.path.encode() not in page:
                yield "leaves out articles; link to the path of each of `articles`"
    if b'class="edition-time"' not in front or b"mirrors.html" not in front:
        yield "does not say of when the edition is, with a link to mirrors.html (edition.tag)"


def _archive(site: Site) -> Iterator[str]:
    page = archive_page(
        site, examples.MONTHS, newest="l/all/2.html", shelves=[examples.AUTHORS_LINK]
    )
    yield from asked_of_every(page)
    yield from over_the_limit(page)
    if any(one.path.encode() not in page for one in examples.MONTHS):
        yield "leaves out lists; link to the path of each month of `years`"
    if examples.AUTHORS_LINK.path.encode() not in page:
        yield "leaves out the lists of authors; link to the path of each of `shelves`"


def _names(site: Site) -> Iterator[str]:
    shelf = Shelf("authors-a", 2, is_newest=False)
    pages = (
        (shelf_page(site, shelf, examples.NAMES), examples.NAMES),
        (shelves_page(site, AUTHORS, examples.SHELVES), examples.SHELVES),
    )
    for page, links in pages:
        yield from asked_of_every(page)
        yield from over_the_limit(page)
        if any(one.path.encode() not in page for one in links):
            yield "leaves out names; link to the path of each of `links`"
    if b"l/authors-a/1.html" not in pages[0][0]:
        yield "does not lead to the page before; link to `older`"


def _mirrors(site: Site) -> Iterator[str]:
    page = mirrors_page(site, examples.MIRRORS)
    yield from asked_of_every(page)
    yield from over_the_limit(page)
    missing = [one.url for one in examples.MIRRORS if one.url.encode() not in page]
    if missing:
        yield "leaves out addresses; show the url of each of `mirrors`"
    if site.fingerprint[-4:].encode() not in page:
        yield "does not show the fingerprint, by which readers know a forgery (fingerprint)"


def _look_up(site: Site) -> Iterator[str]:
    for page in (find_page(site, archive="l/all/2.html"), not_found_page(site)):
        yield from asked_of_every(page)
        yield from over_the_limit(page)
        for name in ("find", "told", "without", "address"):
            if f'id="{name}"'.encode() not in page:
                yield f'has no id="{name}", which the script that finds articles asks for'
