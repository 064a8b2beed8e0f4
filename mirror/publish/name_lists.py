"""The lists of authors and tags that an edition changes, and the contents that lead to them.

None of their pages is a mutable file, for there may be thousands: the newest page of a list, or
of a shelf of the contents, is a leaf that is logged again until it is full. Two mutable files
lead to the shelves. See ADR 20.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import Article, State
from feeds.pages import (
    LIST_ARTICLES,
    SHELF_NAMES,
    ListLink,
    Shelf,
    list_page,
    list_path,
    names_path,
    shelf_page,
    shelves_page,
)
from feeds.selection import page_count, page_of
from mirror.publish.lists import Arrivals
from mirror.publish.material import Material
from mirror.publish.names import floor_of, is_named, kind_of_shelf, names_of, shelved
from mirror.publish.staging import sha_of
from mirror.store import articles, ledger, names
from mirror.store.database import upsert
from mirror.store.names import Name
from mirror.store.tables import LISTINGS

_AT_ONCE: Final = 200  # pages that an upgrade brings to one edition


@dataclass(slots=True)
class NameLists:
    """What comes of one edition.

    Attributes:
        leaves: Pages of lists and of shelves, by path; no bytes: the list is no more.
        mutable: What leads to the shelves, by path.
        kinds: What there are shelves of: authors, topics.
        begins: Whether one of these was not there before.
        known: The lists that it touches, as they are from then on.
        new: Ids that come to each list, in their order.
        lengths: How long each list was before.
        gone: Lists of which every article is erased.
        erased: By article, the other lists that it is taken off.
        shelves: How many places each shelf has given away, if that changes.
    """

    leaves: dict[str, bytes] = field(default_factory=dict)
    mutable: dict[str, bytes] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    begins: bool = False
    known: dict[str, Name] = field(default_factory=dict)
    new: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, int] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    erased: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    shelves: dict[str, int] = field(default_factory=dict)

    async def record(self, connection: AsyncConnection) -> None:
        """Remember it; part of the transaction that moves the log on."""
        await upsert(connection, LISTINGS, Arrivals(lengths=self.lengths, new=self.new).rows())
        await names.put(connection, self.known.values())
        for article, lists in self.erased.items():
            await names.take_off(connection, article, lists)
        await names.drop(connection, self.gone)
        if self.shelves:
            await names.put_shelves(connection, self.shelves)


async def name_lists(made: Material, due: Iterable[Name] = ()) -> NameLists:
    """Every list of an author or a tag that this edition touches, and those that are ``due``."""
    making = _Making(made)
    await making.lists(due)
    await making.contents()
    return await making.found()


class _Making:
    """The lists of one edition while they are made."""

    def __init__(self, made: Material) -> None:
        self._made = made
        self._found = NameLists()
        self._fresh = {out.article.id: out.article for out in made.outs}
        self._shown = dict(self._fresh)  # articles, with those that were published before
        self._gone = {out.article.id for out in made.erasing}
        self._pages: dict[str, set[int]] = defaultdict(set)  # that show what is made anew
        self._losing: dict[str, set[str]] = defaultdict(set)  # erased articles by list
        self._shelves: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._changed: set[tuple[str, int]] = set()  # pages of shelves

    async def lists(self, due: Iterable[Name]) -> None:
        """Make the pages of lists."""
        found, connection = self._found, self._made.connection
        called = await self._arrive()
        touched = self._pages.keys() | found.new.keys()
        late = {one.list: one for one in due if one.list not in touched}
        found.lengths = await articles.list_lengths(connection, sorted(touched | late.keys()))
        known = await names.named(connection, touched)
        for name in found.new:
            known.setdefault(name, Name(list=name, name=called[name]))
        self._before = await names.shelves(connection)
        self._shelves = dict(self._before)
        for _, one in sorted(known.items()):
            await self._list(one)
        for one in late.values():
            if len(found.leaves) < _AT_ONCE:
                await self._list(one)

    async def _arrive(self) -> dict[str, str]:
        """What comes to which list, and the names of lists; what stands there already."""
        called: dict[str, str] = {}
        placed = await names.places(self._made.connection, self._fresh)
        for (name, article), place in placed.items():
            if is_named(name):
                self._pages[name].add(page_of(place, LIST_ARTICLES))
                if article in self._gone:
                    self._losing[name].add(article)
        for article, one in self._fresh.items():
            if one.state is not State.WITHDRAWN:
                for name, title in names_of(one.snapshot.authors, one.snapshot.tags).items():
                    called.setdefault(name, title)
                    if (name, article) not in placed:
                        self._found.new[name].append(article)
        return called

    async def _list(self, one: Name) -> None:
        found = self._found
        losing = self._losing[one.list]
        new = found.new.get(one.list, [])
        if losing and not new:
            others = await names.has_others(self._made.connection, one.list, losing)
            if not others:
                self._drop(one)
                return
        for article in losing:
            found.erased[article].append(one.list)
        length = found.lengths[one.list] + len(new)
        newest = page_count(length, LIST_ARTICLES)
        if length < floor_of(one.list):
            found.known[one.list] = one
            return
        last = min(newest, max(one.pages, 1) + _AT_ONCE)
        pages = self._pages_of(one, last)
        if not pages:
            return
        for page in sorted(pages):
            path = list_path(one.list, page)
            found.leaves[path] = await self._page(one, page, closed=page < newest)
        shown = replace(one, pages=last, due=last < newest)
        found.known[one.list] = self._shelve(shown, one)

    def _pages_of(self, one: Name, last: int) -> set[int]:
        """The pages that change: from the newest before on, and those that lose an article."""
        comes = one.list in self._found.new or one.due
        pages = set(range(max(one.pages, 1), last + 1)) if comes else set()
        there = set(range(1, one.pages + 1)) & self._pages[one.list]
        return pages | (there if self._losing[one.list] else there & {one.pages})

    def _drop(self, one: Name) -> None:
        """Every article of a list is erased: so is the list, and its name."""
        self._found.gone.append(one.list)
        for page in range(1, one.pages + 1):
            self._found.leaves[list_path(one.list, page)] = b""
        if one.shelf:
            self._changed.add((one.shelf, page_of(one.place, SHELF_NAMES)))

    async def _page(self, one: Name, page: int, *, closed: bool) -> bytes:
        first = (page - 1) * LIST_ARTICLES
        there = await articles.list_part(self._made.connection, one.list, first, LIST_ARTICLES)
        start = first - self._found.lengths[one.list]
        comes = self._found.new.get(one.list, [])[max(start, 0) : max(start + LIST_ARTICLES, 0)]
        shown = [article for article in (*there, *comes) if article not in self._gone]
        items = await self._articles(shown)
        return list_page(self._made.site, one.name, one.list, page, items[::-1], closed=closed)

    async def _articles(self, ids: Sequence[str]) -> list[Article]:
        """Without those that were erased before, or that could not be read back (``recover``)."""
        missing = [one for one in ids if one not in self._shown]
        if missing:
            self._shown |= await names.headings(self._made.connection, missing)
        return [self._shown[one] for one in ids if one in self._shown]

    def _shelve(self, one: Name, before: Name) -> Name:
        """``one`` with its place in the contents, which follow where that must be."""
        if not one.shelf:
            shelf = shelved(one)
            place = self._shelves.get(shelf, 0)
            self._shelves[shelf] = place + 1
            one = replace(one, shelf=shelf, place=place)
            if place and not place % SHELF_NAMES:  # the page before learns that it is not the last
                self._changed.add((shelf, place // SHELF_NAMES))
        if one.pages != before.pages or one.shelf != before.shelf:
            self._changed.add((one.shelf, page_of(one.place, SHELF_NAMES)))
        return one

    async def contents(self) -> None:
        """Make the pages of shelves, and what leads to them."""
        for shelf, page in sorted(self._changed):
            self._found.leaves[list_path(shelf, page)] = await self._shelf(shelf, page)
        newest = {shelf: self._newest(shelf) for shelf in self._shelves}
        for kind in self._kinds(self._shelves):
            links = [
                ListLink(shelf, list_path(shelf, page))
                for shelf, page in newest.items()
                if kind_of_shelf(shelf) == kind
            ]
            goes_on = any(self._begins(shelf) for shelf in newest if kind_of_shelf(shelf) == kind)
            if goes_on or self._made.renewed:
                self._found.mutable[names_path(kind)] = shelves_page(self._made.site, kind, links)

    async def _shelf(self, shelf: str, page: int) -> bytes:
        first = (page - 1) * SHELF_NAMES
        rows = await names.on_shelf(self._made.connection, shelf, first, SHELF_NAMES)
        there = {one.list: one for one in rows}
        for one in self._found.known.values():
            if one.shelf == shelf and page_of(one.place, SHELF_NAMES) == page:
                there[one.list] = one
        links = [
            ListLink(one.name, list_path(one.list, one.pages))
            for name, one in there.items()
            if name not in self._found.gone
        ]
        at = Shelf(shelf, page, is_newest=page == self._newest(shelf))
        return shelf_page(self._made.site, at, links)

    def _newest(self, shelf: str) -> int:
        return page_count(self._shelves[shelf], SHELF_NAMES)

    def _begins(self, shelf: str) -> bool:
        """Whether a shelf begins, or goes on to another page."""
        before = self._before.get(shelf, 0)
        return not before or page_count(before, SHELF_NAMES) != self._newest(shelf)

    @staticmethod
    def _kinds(shelves: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({kind_of_shelf(shelf) for shelf in shelves}))

    async def found(self) -> NameLists:
        """All that was made; a page that is as it was is not logged again."""
        found = self._found
        found.kinds = self._kinds(self._shelves)
        found.begins = found.kinds != self._kinds(self._before)
        if self._shelves != self._before:
            found.shelves = self._shelves
        there = await ledger.hashes(self._made.connection, found.leaves)
        found.leaves = {
            path: data for path, data in found.leaves.items() if there.get(path) != sha_of(data)
        }
        return found
