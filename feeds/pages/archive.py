"""``l/index.html``: the page that leads to every archive list, by month, and to those of lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from feeds.pages.environment import template
from feeds.pages.reading import reading_path
from feeds.pages.site import Site
from feeds.words import words_for

ARCHIVE_PATH: Final = "l/index.html"


@dataclass(frozen=True, slots=True)
class ListLink:
    """The newest page of a list, and what the list is called."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class MonthLink:
    """The newest page of a month's list; ``month`` is its first day."""

    month: date
    path: str


def archive_page(
    site: Site,
    months: Sequence[MonthLink],
    *,
    newest: str,
    shelves: Sequence[ListLink] = (),
) -> bytes:
    """The page; ``newest`` is the path of the newest page of the list of all articles.

    ``shelves`` lead to the lists of authors and tags.
    A link for each month weighs about twelve bytes on the wire: fifty years fit (format 1.6).
    """
    w = words_for(site.language)
    ordered = sorted(months, key=lambda one: one.month, reverse=True)
    years = [
        (year, [ListLink(w.month(one.month), one.path) for one in links])
        for year, links in groupby(ordered, key=lambda one: one.month.year)
    ]
    text = template("archive", "base", "fixed", design=site.design).render(
        site=site,
        w=w,
        root="../",
        reading=reading_path(w.language),
        newest=newest,
        years=years,
        shelves=shelves,
    )
    return text.encode()
