"""The pages of archive lists that an edition changes; which these are is decided in ``lists``."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.pages import LIST_ARTICLES, list_page, list_path
from feeds.selection import page_of
from mirror.publish.articles import Outgoing
from mirror.publish.lists import (
    LABELLED,
    Arrivals,
    arrivals,
    list_at,
    list_title,
    lists_for,
    section_list,
)
from mirror.publish.material import Material
from mirror.publish.names import is_named
from mirror.publish.newsroom import ALL, Newsroom
from mirror.store import articles, ledger


async def arrivals_of(
    connection: AsyncConnection,
    newsroom: Newsroom,
    outs: Iterable[Outgoing],
) -> Arrivals:
    """The places in lists that the new ones of ``outs`` come to; but see ``name_lists``."""
    zone = newsroom.config.site.zone
    new = arrivals(
        (out.article.id, lists_for(out.article, newsroom.slug_with_page(out.section), zone))
        for out in outs
        if out.is_first
    )
    fronts = (section_list(section.slug) for section in newsroom.sections)
    lengths = await articles.list_lengths(connection, sorted({ALL, *new, *fronts}))
    return Arrivals(lengths=lengths, new=new)


async def list_pages(made: Material, comes: Arrivals) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The list pages that change: mutable ones, and those that are closed now."""
    touched = {name: set(comes.changed(name)) for name in comes.new}
    reopened = await _pages_with(made, made.erasing)  # though closed: it must go altogether
    corrected = await _pages_with(made, [out for out in made.outs if not out.is_first])
    newest = await _newest_pages(made, comes) if made.renewed else set()
    for name, page in corrected | newest:
        touched.setdefault(name, set()).add(page)
    missing = touched.keys() - comes.lengths.keys()
    lengths = await articles.list_lengths(made.connection, sorted(missing))
    comes = Arrivals(lengths={**comes.lengths, **lengths}, new=comes.new)
    mutable: dict[str, bytes] = {}
    closed: dict[str, bytes] = {}
    for name, pages in sorted(touched.items()):
        for page in sorted(pages):
            if page == comes.newest_page(name):
                mutable[list_path(name, page)] = await _list_page(made, comes, name, page)
            elif page in comes.changed(name) or (name, page) in reopened:
                closed[list_path(name, page)] = await _list_page(made, comes, name, page)
    return mutable, closed


async def _pages_with(made: Material, outs: Iterable[Outgoing]) -> set[tuple[str, int]]:
    """The list pages that show one of ``outs`` already: list and number."""
    return {
        (name, page_of(place, LIST_ARTICLES))
        for out in outs
        for name, place in await articles.places_of(made.connection, out.article.id)
        if not is_named(name)
    }


async def _newest_pages(made: Material, comes: Arrivals) -> set[tuple[str, int]]:
    """The page of each list that is not closed, of lists without any article too."""
    there = {list_at(path) for path in await ledger.listed(made.connection)} - {("", 0)}
    listed = {one for one in there if not one[0].startswith(LABELLED)}  # those stay as they are
    return listed | {(name, comes.newest_page(name)) for name in comes.lengths}


async def _list_page(made: Material, comes: Arrivals, name: str, page: int) -> bytes:
    first = (page - 1) * LIST_ARTICLES
    there = await articles.list_part(made.connection, name, first, LIST_ARTICLES)
    oldest_first = await made.named(comes.ids_on(name, page, there))
    return list_page(
        made.site,
        list_title(name, made.newsroom),
        name,
        page,
        oldest_first[::-1],
        closed=page < comes.newest_page(name),
    )
