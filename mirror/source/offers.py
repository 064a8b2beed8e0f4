"""What a page names as ways to read its site, or shows of one. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from mirror.extract.links import Links, is_article_address
from mirror.extract.page import Page, absolute, tag, text_of
from mirror.source.response import Response

FEW: Final = 3  # links in a list, at least
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_NEAR: Final = 3  # elements around a link
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4"})
_CLASS: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that could be read.

    Attributes:
        kind, url: As in ``[[source]]``.
        title: What the site calls it; may be empty.
        entries: How many it lists now; of an index, its newest file.
        newest: The latest date among them, UTC, or None.
        newest_title: What that one is called; may be empty.
        selector, match: As in ``[[source]]``; empty where they need not be set.
        remark: What else to know, in words; may be empty.
    """

    kind: str
    url: str
    title: str = ""
    entries: int = 0
    newest: datetime | None = None
    newest_title: str = ""
    selector: str = ""
    match: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a source of that kind; ``title`` is what the site calls it."""

    kind: str
    url: str
    title: str = ""


def feeds_of(page: Page) -> Iterator[Candidate]:
    """Feeds that the page names (RSS autodiscovery), comments left out."""
    for node in page.root.iter("link"):
        kind = node.get("type", "").split(";")[0].strip().lower()
        url = absolute(page.base, node.get("href", ""))
        is_feed = "alternate" in node.get("rel", "").lower().split() and kind in _FEED_TYPES
        if is_feed and url and not re.search(r"/comments?/", urlsplit(url).path):
            yield Candidate("feed", url, " ".join(node.get("title", "").split())[:200])


def apis_of(page: Page, response: Response) -> Iterator[Candidate]:
    """WordPress's API, where header or page name it, or the page is made by WordPress."""
    header = re.search(
        r"<([^<>]{1,500})>\s*;\s*rel=.?https://api\.w\.org/", response.headers.get("Link", "")
    )
    roots = [header[1]] if header else []
    roots += [
        node.get("href", "")
        for node in page.root.iter("link")
        if node.get("rel") == "https://api.w.org/"
    ]
    if not roots and b"/wp-content/" in response.body:
        roots = ["/wp-json/"]
    for root in roots[:1]:
        if url := absolute(page.base, root):
            joined = f"{url}wp/v2/posts" if "rest_route=" in url else urljoin(url, "wp/v2/posts")
            yield Candidate("wordpress", joined)


def list_of(page: Page) -> tuple[Proposal, ...]:
    """The page itself as a list, where enough of its links look like articles, guessed."""
    own = Links.of(page.base, (urlsplit(page.url).hostname or "",))
    counts: dict[str, dict[str, str]] = {}
    for node in page.root.iter("a"):
        url = absolute(page.base, node.get("href", "")).partition("#")[0]
        if url and own.is_own(url) and is_article_address(url):
            for selector in _selectors(node):
                counts.setdefault(selector, {}).setdefault(url, text_of(node))
    best = max(counts, key=lambda one: (len(counts[one]), -len(one)), default="")
    if not best or len(counts[best]) < FEW:
        return ()
    title = next(filter(None, counts[best].values()), "")
    return (
        Proposal(
            kind="listing",
            url=page.url,
            entries=len(counts[best]),
            newest_title=title,
            selector=best,
            remark="guessed from the links on this page: see that it names articles, and all",
        ),
    )


def _selectors(link: etree._Element) -> Iterator[str]:
    """Ways to name a link: by the heading that it stands in, or the nearest classes around."""
    for above in islice(link.iterancestors(), _NEAR):
        name = tag(above)
        if name in _HEADINGS:
            yield f"{name} a"
        words = above.get("class", "").split()
        if words and _CLASS.fullmatch(words[0]):
            yield f"{name}.{words[0]} a"
