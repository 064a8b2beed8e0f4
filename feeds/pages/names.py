"""The contents of the lists of authors and tags: ``l/authors.html``, ``l/topics.html``, shelves.

A shelf holds the names that begin with one letter, in pages numbered from the oldest, as lists
are. ``l/authors.html`` leads to the newest page of each shelf.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from feeds.pages.archive import ListLink
from feeds.pages.environment import template
from feeds.pages.lists import list_path, shortened
from feeds.pages.reading import reading_path
from feeds.pages.site import Site
from feeds.weight import fits
from feeds.words import Words, words_for

AUTHORS: Final = "authors"
TOPICS: Final = "topics"
SHELF_NAMES: Final = 80  # on one page of a shelf

_OTHERS: Final = "0"  # the shelf of names that begin with no letter below
_ALPHABETS: Final = (  # first and last sign; each letter of them has a shelf of its own
    "az",  # Latin
    "\u03b1\u03c9",  # Greek
    "\u0430\u052f",  # Cyrillic
    "\u0561\u0586",  # Armenian
    "\u05d0\u05ea",  # Hebrew
    "\u0621\u064a",  # Arabic
    "\u10d0\u10f0",  # Georgian
)
_SHOWN_CHARS: Final = (80, 60, 40, 24)  # of a name; the first that keeps a page under the limit


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of a shelf.

    Attributes:
        name: Of the shelf, as paths have it: ``authors-a``.
        number: Of the page; 1 is the oldest.
        is_newest: Whether it is the shelf's last page.
    """

    name: str
    number: int
    is_newest: bool


def names_path(kind: str) -> str:
    """``l/authors.html``: where the shelves of ``AUTHORS`` or ``TOPICS`` are listed."""
    return f"l/{kind}.html"


def shelf_of(kind: str, name: str) -> str:
    """The shelf of an author's or a tag's name, by its first letter, without its accents."""
    signs = normalize("NFKD", name.casefold())
    first = next((sign for sign in signs if sign.isalnum()), "")
    if not any(span[0] <= first <= span[1] for span in _ALPHABETS):
        return f"{kind}-{_OTHERS}"
    return f"{kind}-{first}" if first.isascii() else f"{kind}-{ord(first):04x}"


def shelf_title(shelf: str) -> str:
    """The letter of a shelf, as readers see it."""
    sign = shelf.partition("-")[2]
    if sign == _OTHERS:
        return "…"
    return (sign if len(sign) == 1 else chr(int(sign, 16))).title()


def shelf_page(site: Site, shelf: Shelf, links: Sequence[ListLink]) -> bytes:
    """``l/<shelf>/<number>.html``; ``links`` are at most ``SHELF_NAMES``, in any order."""
    w = words_for(site.language)
    kind = shelf.name.partition("-")[0]
    ordered = sorted(links, key=lambda one: (one.name.casefold(), one.path))
    data = b""
    for chars in _SHOWN_CHARS:
        data = _page(
            site,
            title=f"{_heading(w, kind)}: {shelf_title(shelf.name)}",
            links=[ListLink(shortened(one.name, chars), one.path) for one in ordered],
            root="../../",
            number=shelf.number,
            newer="" if shelf.is_newest else list_path(shelf.name, shelf.number + 1),
            older=list_path(shelf.name, shelf.number - 1) if shelf.number > 1 else "",
            up=names_path(kind),
            title_up=_heading(w, kind),
        )
        if fits(data):
            break
    return data


def shelves_page(site: Site, kind: str, shelves: Sequence[ListLink]) -> bytes:
    """``l/authors.html`` or ``l/topics.html``; of each shelf its name, and its newest page."""
    links = [ListLink(shelf_title(one.name), one.path) for one in sorted(shelves, key=_by_letter)]
    return _page(
        site,
        title=_heading(words_for(site.language), kind),
        links=links,
        root="../",
        number=0,
        newer="",
        older="",
        up="",
        title_up="",
    )


def shelves_link(site: Site, kind: str) -> ListLink:
    """The link to ``l/authors.html`` or ``l/topics.html``."""
    return ListLink(_heading(words_for(site.language), kind), names_path(kind))


def _page(site: Site, **values: object) -> bytes:
    w = words_for(site.language)
    made = template("names", "base", "fixed", "names", design=site.design)
    return made.render(site=site, w=w, reading=reading_path(w.language), **values).encode()


def _heading(w: Words, kind: str) -> str:
    return str(w("archive authors" if kind == AUTHORS else "topics"))


def _by_letter(shelf: ListLink) -> tuple[bool, int, str]:
    """By alphabets, and in each as its signs are numbered; what is in none is last."""
    sign = shelf.name.partition("-")[2]
    return sign == _OTHERS, len(sign), sign
