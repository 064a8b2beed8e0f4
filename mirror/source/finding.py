"""``find``: what a site offers to read it by, tried out; for ``tamizdat sources find``.

Asked for: the page itself, robots.txt, and what these two name (feeds in ``<link>``, sitemaps,
WordPress's API). Only where no feed or no sitemap is named, a few usual places are tried.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin

from mirror.errors import SourceError
from mirror.extract.links import is_article_address
from mirror.extract.page import Page, absolute, parse_page
from mirror.source.charset import decode
from mirror.source.feeds import parse_feed
from mirror.source.item import Item
from mirror.source.kind import Get
from mirror.source.offers import FEW, Candidate, Proposal, apis_of, feeds_of, list_of
from mirror.source.response import Limits, Response
from mirror.source.robots import sitemaps_of
from mirror.source.sitemap import read_file
from mirror.source.sitemap_file import SitemapFile, newest
from mirror.source.sitemap_memory import newest_first
from mirror.source.wordpress import newest_posts, read_posts

MAX_TRIED: Final = 30  # addresses
_USUAL_FEEDS: Final = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml")
_USUAL_SITEMAPS: Final = ("/sitemap.xml", "/news-sitemap.xml", "/sitemap_index.xml")
_DATED: Final = "/20[0-9]{2}/[0-9]{2}/"
_ENOUGH: Final = 0.8  # of a sitemap's addresses have a date: then a date tells an article


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found.

    Attributes:
        proposals: The best first: feeds, then WordPress, sitemaps, and a list.
        failed: Addresses that were tried and are none, with why.
    """

    proposals: tuple[Proposal, ...]
    failed: tuple[tuple[str, str], ...]


async def find(url: str, get: Get) -> Found:
    """What the site at ``url`` offers; ``url`` is a page of it, or a source itself.

    Raises:
        SourceError: ``url`` itself can't be had.
    """
    finder = _Finder(get)
    response = await get(url)
    if own := await finder.itself(response):
        return Found(proposals=(own,), failed=())
    page = parse_page(decode(response.body, response.content_type), response.url)
    await finder.look(page, response)
    return finder.found(page)


class _Finder:
    """Tries addresses, each once."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._tried: set[str] = set()
        self._failed: list[tuple[str, str]] = []
        self._by_kind: dict[str, list[Proposal]] = {"feed": [], "wordpress": [], "sitemap": []}

    async def itself(self, response: Response) -> Proposal | None:
        """The answer as a source, if it is one."""
        for kind in ("feed", "sitemap", "wordpress"):
            try:
                return await self._proposal(Candidate(kind, response.url), response)
            except SourceError:
                continue
        return None

    async def look(self, page: Page, response: Response) -> None:
        """Try what the page and robots.txt name; usual places where they name none."""
        home = urljoin(page.url, "/")
        for candidate in feeds_of(page):
            await self._try(candidate)
        for candidate in apis_of(page, response):
            await self._try(candidate)
        if not self._by_kind["feed"]:
            await self._try_first(Candidate("feed", urljoin(home, path)) for path in _USUAL_FEEDS)
        for candidate in await self._sitemaps(home):
            await self._try(candidate)
        if not self._by_kind["sitemap"]:
            await self._try_first(
                Candidate("sitemap", urljoin(home, path)) for path in _USUAL_SITEMAPS
            )

    def found(self, page: Page) -> Found:
        """All of it; a list of links only where there is nothing better."""
        proposals = [one for those in self._by_kind.values() for one in those]
        return Found(
            proposals=tuple(proposals or list_of(page)),
            failed=tuple(self._failed),
        )

    async def _sitemaps(self, home: str) -> list[Candidate]:
        address = urljoin(home, "/robots.txt")
        try:
            response = await self._get(address, kind=Limits.ROBOTS)
        except SourceError as error:
            self._failed.append((address, error.problem))
            return []
        named = (absolute(home, one) for one in sitemaps_of(response.body))
        urls = dict.fromkeys(filter(None, named))
        return [Candidate("sitemap", url) for url in urls]

    async def _try_first(self, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            if await self._try(candidate):
                return

    async def _try(self, candidate: Candidate) -> bool:
        if candidate.url in self._tried or len(self._tried) >= MAX_TRIED:
            return False
        self._tried.add(candidate.url)
        url = candidate.url
        if candidate.kind == "wordpress":
            url = newest_posts(url)
        try:
            response = await self._get(url, kind=Limits.FEED)
            proposal = await self._proposal(candidate, response)
        except SourceError as error:
            self._failed.append((candidate.url, error.problem))
            return False
        same = {(one.kind, one.url) for one in self._by_kind[proposal.kind]}
        if (proposal.kind, proposal.url) not in same:
            self._by_kind[proposal.kind].append(proposal)
        return True

    async def _proposal(self, candidate: Candidate, response: Response) -> Proposal:
        match candidate.kind:
            case "feed":
                items = parse_feed(response.body, response.url, response.content_type)
                return _proposal(candidate, response.url, items)
            case "wordpress":
                items = read_posts(response.body, response.url)
                total = response.headers.get("X-WP-Total", "")[:10]
                is_more = total.isascii() and total.isdigit() and int(total) > len(items)
                remark = f"{total} posts in all" if is_more else ""
                return _proposal(candidate, candidate.url, items, remark=remark)
            case _:
                return await self._sitemap(candidate, response)

    async def _sitemap(self, candidate: Candidate, response: Response) -> Proposal:
        """A sitemap; of an index, with what its newest file holds."""
        file, remark = await read_file(response), ""
        if file.is_index:
            entries = newest_first(file.entries)
            remark = f"an index of {len(entries)} files; its newest was looked at"
            try:
                for entry in entries[:1]:
                    file = await read_file(await self._get(entry.url, kind=Limits.FEED))
            except SourceError as error:
                remark = f"an index of {len(entries)} files; its newest {error.problem}"
        pages = replace(file, entries=()) if file.is_index else file
        return _sitemap_proposal(candidate, response.url, pages, remark)


def _proposal(
    candidate: Candidate, url: str, items: tuple[Item, ...], *, remark: str = "", match: str = ""
) -> Proposal:
    dates = [moment for item in items if (moment := item.published or item.updated)]
    latest = max(dates, default=None)
    first = next((one for one in items if latest in {one.published, one.updated}), None)
    return Proposal(
        kind=candidate.kind,
        url=url,
        title=candidate.title,
        entries=len(items),
        newest=latest,
        newest_title=first.title if first and latest else "".join(i.title for i in items[:1]),
        match=match,
        remark=remark,
    )


def _sitemap_proposal(candidate: Candidate, url: str, file: SitemapFile, remark: str) -> Proposal:
    entries = newest(file.entries, len(file.entries))
    news = [one for one in entries if one.is_news or is_article_address(one.url)]
    dated = [one for one in entries if re.search(_DATED, one.url)]
    is_news = bool(entries) and all(one.is_news for one in entries)
    has_pattern = not is_news and len(dated) >= max(FEW, _ENOUGH * len(news))
    match = _DATED if has_pattern else ""
    remarks = [remark, "a news sitemap" if is_news else ""]
    if len(news) < len(entries) and not match:
        remarks.append(
            f"{len(entries) - len(news)} look like no article and are left out;"
            " set `match` if that is wrong"
        )
    items = tuple(one.item() for one in (dated if match else news))
    return _proposal(candidate, url, items, remark=", ".join(filter(None, remarks)), match=match)
